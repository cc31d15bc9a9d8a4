package dev.ringside.env.linux;

import dev.ringside.env.ffi.CExpression;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An open file or block device, with what java.nio does not tell of it. The calls may come from any thread; close it when
 * the last is done.
 */
public final class LinuxFile implements AutoCloseable {
    @CExpression("O_RDONLY")
    public static final int RDONLY = 0;

    @CExpression("O_RDWR")
    public static final int RDWR = 2;

    @CExpression("O_CREAT")
    public static final int CREAT = 0x40;

    @CExpression("O_EXCL")
    public static final int EXCL = 0x80;

    @CExpression("O_DIRECT")
    public static final int DIRECT = 0x4000;

    @CExpression("FALLOC_FL_KEEP_SIZE")
    public static final int FALLOC_FL_KEEP_SIZE = 0x1;

    @CExpression("FALLOC_FL_PUNCH_HOLE")
    public static final int FALLOC_FL_PUNCH_HOLE = 0x2;

    @CExpression("FALLOC_FL_ZERO_RANGE")
    public static final int FALLOC_FL_ZERO_RANGE = 0x10;

    private static final int SMALLEST_BLOCK = 512;

    private final Fd fd;
    private final String name;
    private final FileStatus opened;

    private LinuxFile(Fd fd, String name) throws LinuxException {
        this.fd = fd;
        this.name = name;
        this.opened = FileStatus.of(fd);
    }

    /**
     * What direct I/O asks of addresses and of file offsets and lengths, in bytes. 0 where the kernel does not say, or where
     * the file system does no direct I/O.
     */
    public record DirectIo(int memoryAlignment, int offsetAlignment) {}

    /**
     * Opens a file, close-on-exec.
     *
     * @param flags {@link #RDONLY} or {@link #RDWR}, with {@link #CREAT}, {@link #EXCL}, {@link #DIRECT}; EXCL on a block
     *     device without CREAT refuses one that is mounted
     * @param mode of a file that is made, under the umask
     * @throws LinuxException ENOENT, EACCES, EBUSY; EINVAL where the file system does no direct I/O
     */
    public static LinuxFile open(Path path, int flags, int mode) throws LinuxException {
        Fd fd;
        try (Arena arena = Arena.ofConfined()) {
            long text = arena.allocateFrom(path.toString()).address();
            int result;
            do {
                result = Kernel.open(text, flags | Fcntl.O_CLOEXEC, mode);
            } while (result == -Errno.EINTR);
            fd = Fd.adopt(Kernel.check("open", path.toString(), result));
        }
        return of(fd, path.toString());
    }

    /**
     * Takes over an open file, such as one that another process sent; it shares that one's lock and flags.
     *
     * @param fd closed with this object, and when this throws
     * @param path for messages
     * @throws LinuxException such as EBADF
     */
    public static LinuxFile adopt(Fd fd, Path path) throws LinuxException {
        return of(fd, path.toString());
    }

    private static LinuxFile of(Fd fd, String name) throws LinuxException {
        try {
            return new LinuxFile(fd, name);
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Opens a second descriptor of the same open file, which shares its lock.
     *
     * @throws LinuxException EMFILE
     */
    public LinuxFile dup() throws LinuxException {
        return of(fd.duplicate(), name);
    }

    /** {@return the descriptor, which stays owned by this object} */
    public Fd fd() {
        return fd;
    }

    /**
     * Asks for the size, in bytes, as it is now.
     *
     * @throws LinuxException such as EIO
     */
    public long size() throws LinuxException {
        return isBlockDevice()
                ? blockIoctl(Fcntl.BLKGETSIZE64, ValueLayout.JAVA_LONG)
                : FileStatus.of(fd).size();
    }

    /** {@return whether this is a block device} */
    public boolean isBlockDevice() {
        return opened.isBlockDevice();
    }

    /**
     * Tells whether it is open for direct I/O.
     *
     * @throws LinuxException EBADF
     */
    public boolean isDirect() throws LinuxException {
        return (Kernel.check("fcntl", name, Kernel.fcntl(fd.number(), Fcntl.F_GETFL, 0)) & DIRECT) != 0;
    }

    /** {@return whether this is a regular file} */
    public boolean isRegular() {
        return opened.isRegular();
    }

    /**
     * Tells what direct I/O asks for: what statx(2) says (Linux 6.1), else a block device's logical block, else zeroes.
     *
     * @throws LinuxException such as EIO
     */
    public DirectIo directIo() throws LinuxException {
        if (opened.dioOffsetAlign() != 0 || !isBlockDevice()) {
            return new DirectIo(opened.dioMemoryAlign(), opened.dioOffsetAlign());
        }
        int block = logicalBlockSize();
        return new DirectIo(block, block);
    }

    /**
     * Returns the smallest unit of a block device, in bytes; 512 for a file.
     *
     * @throws LinuxException such as EIO
     */
    public int logicalBlockSize() throws LinuxException {
        return isBlockDevice() ? (int) blockIoctl(Fcntl.BLKSSZGET, ValueLayout.JAVA_INT) : SMALLEST_BLOCK;
    }

    /**
     * Returns the unit that a block device writes without reading, in bytes; the file system's block for a file.
     *
     * @throws LinuxException such as EIO
     */
    public int physicalBlockSize() throws LinuxException {
        return isBlockDevice()
                ? (int) blockIoctl(Fcntl.BLKPBSZGET, ValueLayout.JAVA_INT)
                : Math.max(SMALLEST_BLOCK, opened.blockSize());
    }

    /**
     * Tells whether this is, or lies on, a disk that turns; false where nobody knows.
     *
     * @throws LinuxException such as EIO
     */
    public boolean rotational() throws LinuxException {
        if (isBlockDevice()) {
            return blockIoctl(Fcntl.BLKROTATIONAL, ValueLayout.JAVA_SHORT) != 0;
        }
        Path device = Path.of("/sys/dev/block", opened.deviceMajor() + ":" + opened.deviceMinor());
        try {
            // A partition has its queue in the folder of its disk. The link has to be followed before "..".
            Path real = device.toRealPath();
            Path queue = Files.isDirectory(real.resolve("queue")) ? real : real.resolve("..");
            return Files.readString(queue.resolve("queue/rotational")).startsWith("1");
        } catch (IOException e) {
            return false;
        }
    }

    private long blockIoctl(int request, ValueLayout result) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            // The kernel fills the first bytes, and the machine is little-endian.
            MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
            Kernel.check("ioctl", name, Kernel.ioctl(fd.number(), request, value.address()));
            return value.get(ValueLayout.JAVA_LONG, 0) & (-1L >>> (Long.SIZE - 8 * result.byteSize()));
        }
    }

    /**
     * Changes the size of a file.
     *
     * @param length in bytes
     * @throws LinuxException EINVAL for a device or when open for reading only, ENOSPC, EFBIG
     */
    public void truncate(long length) throws LinuxException {
        Kernel.check("ftruncate", name, Kernel.ftruncate(fd.number(), length));
    }

    /**
     * Allocates, zeroes or punches a range (fallocate(2)).
     *
     * @param mode 0 or FALLOC_FL_*
     * @param offset in bytes
     * @param length in bytes, at least 1
     * @return 0, or -errno, such as -EOPNOTSUPP where the file system cannot
     */
    public int fallocate(int mode, long offset, long length) {
        int result;
        do {
            result = Kernel.fallocate(fd.number(), mode, offset, length);
        } while (result == -Errno.EINTR);
        return result;
    }

    /**
     * Brings what was written to the medium (fdatasync(2)).
     *
     * @throws LinuxException EIO: what was written before may be lost
     */
    public void fdatasync() throws LinuxException {
        Kernel.check("fdatasync", name, Kernel.fdatasync(fd.number()));
    }

    /**
     * Reads from a place in the file.
     *
     * @param buffer native memory, which the caller keeps alive during the call
     * @param offset into the buffer
     * @param length in bytes
     * @param fileOffset in bytes
     * @return how many bytes came, fewer at the end of the file, 0 behind it
     * @throws LinuxException such as EIO; EINVAL when direct I/O is not aligned
     */
    public long pread(MemorySegment buffer, long offset, long length, long fileOffset) throws LinuxException {
        long address = Kernel.address(buffer, offset, length);
        long result;
        do {
            result = Kernel.pread(fd.number(), address, length, fileOffset);
        } while (result == -Errno.EINTR);
        return Kernel.check("pread", name, result);
    }

    /**
     * Writes to a place in the file.
     *
     * @param buffer native memory, which the caller keeps alive during the call
     * @param offset into the buffer
     * @param length in bytes
     * @param fileOffset in bytes
     * @return how many bytes went, which may be fewer
     * @throws LinuxException such as EIO, ENOSPC; EINVAL when direct I/O is not aligned
     */
    public long pwrite(MemorySegment buffer, long offset, long length, long fileOffset) throws LinuxException {
        long address = Kernel.address(buffer, offset, length);
        long result;
        do {
            result = Kernel.pwrite(fd.number(), address, length, fileOffset);
        } while (result == -Errno.EINTR);
        return Kernel.check("pwrite", name, result);
    }

    /**
     * Locks the file without waiting (flock(2)), against others who open it anew and lock it.
     *
     * @param exclusive against everybody; else only against exclusive locks
     * @return false when another has it
     * @throws LinuxException such as ENOLCK
     */
    public boolean tryLock(boolean exclusive) throws LinuxException {
        int operation = (exclusive ? Fcntl.LOCK_EX : Fcntl.LOCK_SH) | Fcntl.LOCK_NB;
        int result = Kernel.flock(fd.number(), operation);
        if (result == -Errno.EAGAIN) {
            return false;
        }
        Kernel.check("flock", name, result);
        return true;
    }

    /**
     * Gives the lock back. Closing the last descriptor of this open file does, too.
     *
     * @throws LinuxException EBADF
     */
    public void unlock() throws LinuxException {
        Kernel.check("flock", name, Kernel.flock(fd.number(), Fcntl.LOCK_UN));
    }

    @Override
    public void close() {
        fd.close();
    }
}
