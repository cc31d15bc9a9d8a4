package dev.ringside.bdev.file;

import dev.ringside.bdev.IoStatus;
import dev.ringside.env.linux.Errno;

/** What a failure of the system means to the user of a disk; the one place that maps it. */
final class FileStatus {
    private FileStatus() {}

    /**
     * The status of a request.
     *
     * @param result negative errno of a system call
     */
    static int of(int result) {
        return switch (-result) {
            case Errno.ENOSPC, Errno.EDQUOT, Errno.EFBIG -> IoStatus.NO_SPACE;
            // What the kernel's block layer says of a medium.
            case Errno.EIO, Errno.ENODATA, Errno.EILSEQ, Errno.EREMOTEIO -> IoStatus.IO_ERROR;
            case Errno.ENODEV, Errno.ENXIO, Errno.ENOMEDIUM -> IoStatus.NO_DEVICE;
            default -> result;
        };
    }
}
