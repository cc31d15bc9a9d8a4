package dev.ringside.bdev;

import dev.ringside.env.linux.Errno;

/** How a request ended: 0, or a negative errno, one meaning each. */
public final class IoStatus {
    /** Done, every byte of it. */
    public static final int OK = 0;
    /** The medium or the device failed. */
    public static final int IO_ERROR = -Errno.EIO;
    /** The request is malformed: outside the device, of the wrong length or alignment. */
    public static final int INVALID = -Errno.EINVAL;
    /** The device was opened or made read-only. */
    public static final int READ_ONLY = -Errno.EROFS;
    /** The device cannot do this type of request. */
    public static final int NOT_SUPPORTED = -Errno.EOPNOTSUPP;
    /** A COMPARE found other data. */
    public static final int MISCOMPARE = -Errno.EILSEQ;
    /** No room left behind a thin device. */
    public static final int NO_SPACE = -Errno.ENOSPC;
    /** The device is gone. */
    public static final int NO_DEVICE = -Errno.ENODEV;
    /** A reset or an abort took the request. */
    public static final int ABORTED = -Errno.ECANCELED;

    private IoStatus() {}
}
