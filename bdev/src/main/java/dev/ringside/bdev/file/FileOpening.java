package dev.ringside.bdev.file;

import dev.ringside.bdev.BdevException;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/** Opens a file in the way that suits it best. */
final class FileOpening {
    // Types of files in st_mode, inode(7).
    private static final int TYPE_MASK = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int BLOCK_DEVICE = 0x6000;

    private FileOpening() {}

    static OpenFile open(FileOptions options) throws LinuxException, BdevException {
        requireFileOrDevice(options);
        int access = options.readOnly() ? LinuxFile.RDONLY : LinuxFile.RDWR;
        LinuxFile file = LinuxFile.open(options.path(), access, 0);
        try {
            boolean alone = !options.readOnly() && !options.shared();
            if (file.isBlockDevice() && alone) {
                // A device that is mounted says EBUSY to this.
                file = reopen(file, options, access | LinuxFile.EXCL);
                access |= LinuxFile.EXCL;
            }
            int blockSize = blockSize(options, file);
            LinuxFile.DirectIo alignment = file.directIo();
            boolean direct = alignment.offsetAlignment() > 0 && alignment.offsetAlignment() <= blockSize;
            if (direct) {
                file = reopen(file, options, access | LinuxFile.DIRECT);
            }
            if (!file.tryLock(alone)) {
                throw new BdevException(
                        Errno.EBUSY,
                        "bdev " + options.name() + ": " + options.path()
                                + " is in use: another process or bdev has locked it");
            }
            return describe(file, direct, alignment, blockSize);
        } catch (LinuxException | BdevException e) {
            file.close();
            throw e;
        }
    }

    /** Takes a file that is open in the way that suits it best, with its lock. */
    static OpenFile adopt(FileOptions options, Fd fd) throws LinuxException, BdevException {
        LinuxFile file = LinuxFile.adopt(fd, options.path());
        return describe(file, file.isDirect(), file.directIo(), blockSize(options, file));
    }

    private static OpenFile describe(LinuxFile file, boolean direct, LinuxFile.DirectIo alignment, int blockSize) {
        int memory = direct ? Math.max(1, alignment.memoryAlignment()) : 1;
        int length = direct ? alignment.offsetAlignment() : 1;
        return new OpenFile(file, direct, memory, length, blockSize);
    }

    /** Before it is opened, since that waits for ever with a pipe, and does things to some devices. */
    private static void requireFileOrDevice(FileOptions options) throws BdevException {
        try {
            int type = (int) Files.getAttribute(options.path(), "unix:mode") & TYPE_MASK;
            if (type != REGULAR && type != BLOCK_DEVICE) {
                throw new BdevException(
                        Errno.EINVAL,
                        "bdev " + options.name() + ": " + options.path()
                                + " is neither a regular file nor a block device");
            }
        } catch (NoSuchFileException e) {
            throw new BdevException(Errno.ENOENT, "bdev " + options.name() + ": there is no file " + options.path());
        } catch (AccessDeniedException e) {
            throw new BdevException(
                    Errno.EACCES,
                    "bdev " + options.name() + ": the folders of " + options.path() + " are closed to it");
        } catch (IOException e) {
            throw new BdevException(Errno.EIO, "bdev " + options.name() + ": " + e);
        }
    }

    /** Opens the same path in another way; the first is closed, also when that fails. */
    private static LinuxFile reopen(LinuxFile first, FileOptions options, int flags) throws LinuxException {
        first.close();
        return LinuxFile.open(options.path(), flags, 0);
    }

    private static int blockSize(FileOptions options, LinuxFile file) throws LinuxException, BdevException {
        int smallest = file.logicalBlockSize();
        int blockSize = options.blockSize() == 0 ? smallest : options.blockSize();
        if (blockSize < smallest || blockSize > 65_536 || Integer.bitCount(blockSize) != 1) {
            throw new BdevException(
                    Errno.EINVAL,
                    "bdev " + options.name() + ": block size " + blockSize + ": a power of two from " + smallest
                            + " to 65536 is allowed");
        }
        return blockSize;
    }
}
