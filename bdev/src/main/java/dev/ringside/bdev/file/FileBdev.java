package dev.ringside.bdev.file;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.uring.IoUring;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A disk that is a regular file or a block device. Reads and writes pass the page cache by where the file allows it; a
 * completed write is safe only after a FLUSH, or with FUA.
 */
public final class FileBdev implements Bdev {
    /** A longer UNMAP or WRITE_ZEROES is split, so that a RESET never waits for a terabyte. */
    private static final long MAX_RANGE_BYTES = 1L << 30;

    private final Path path;
    private final OpenFile file;
    private final UringGroup rings;
    /** Open channels; guarded by this list's monitor, as is {@link #closedStats}. */
    private final List<FileIoChannel> channels = new ArrayList<>();

    private FileStats closedStats = new FileStats(0, 0, 0, 0);
    private volatile BdevInfo info;

    private FileBdev(Path path, OpenFile file, UringGroup rings, BdevInfo info) {
        this.path = path;
        this.file = file;
        this.rings = rings;
        this.info = info;
    }

    /**
     * Opens a file or a block device as a disk, and locks it (flock(2)) against other daemons: for itself alone, or shared
     * if it is read only or the options say so.
     *
     * <p>What does not fill the last block is left alone. A regular file whose file system wants longer pieces for direct
     * I/O than a block is opened through the page cache; a block device with longer blocks is refused.
     *
     * @param rings of the daemon
     * @throws BdevException EINVAL for an impossible geometry or what is neither a file nor a block device, EBUSY if
     *     somebody else uses it, ENOSYS without io_uring, and what open(2) says
     */
    public static FileBdev open(FileOptions options, UringGroup rings) throws BdevException {
        return make(options, rings, FileOpening::open);
    }

    /**
     * Makes a disk of a file that another process has open as one, or had; its lock comes with it.
     *
     * @param options as that was made
     * @param file {@link #file} of that; the disk's to close, also when this throws
     * @throws BdevException EINVAL for an impossible geometry, ENOSYS without io_uring, and what the system says
     */
    public static FileBdev adopt(FileOptions options, UringGroup rings, Fd file) throws BdevException {
        try {
            return make(options, rings, wanted -> FileOpening.adopt(wanted, file));
        } catch (BdevException e) {
            file.close();
            throw e;
        }
    }

    private interface Opening {
        OpenFile open(FileOptions options) throws LinuxException, BdevException;
    }

    private static FileBdev make(FileOptions options, UringGroup rings, Opening opening) throws BdevException {
        if (!IoUring.available()) {
            throw new BdevException(
                    Errno.ENOSYS,
                    "bdev " + options.name() + ": io_uring is not available; see the sysctl kernel.io_uring_disabled");
        }
        try {
            OpenFile file = opening.open(options);
            try {
                return new FileBdev(options.path(), file, rings, describe(options, file));
            } catch (BdevException | LinuxException e) {
                file.file().close();
                throw e;
            }
        } catch (LinuxException e) {
            throw new BdevException(e.errno(), "bdev " + options.name() + ": " + e.getMessage());
        }
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** The open file; stays the disk's. */
    public Fd file() {
        return file.file().fd();
    }

    /** Whether the page cache is passed by. */
    public boolean direct() {
        return file.direct();
    }

    /** How reads and writes went so far; any thread. */
    public FileStats stats() {
        synchronized (channels) {
            return channels.stream().map(FileIoChannel::stats).reduce(closedStats, FileStats::plus);
        }
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws LinuxException {
        FileIoChannel channel = new FileIoChannel(file, rings.join(reactor), this::channelClosed);
        synchronized (channels) {
            channels.add(channel);
        }
        return channel;
    }

    /**
     * Looks at the size of the file again, and tells the disk's users if it has changed.
     *
     * @return whether it has
     * @throws BdevException ENODEV if the disk is not in the registry, and what the system says
     */
    public synchronized boolean rescan(BdevRegistry registry) throws BdevException {
        long numBlocks;
        try {
            numBlocks = file.file().size() / info.blockSize();
        } catch (LinuxException e) {
            throw new BdevException(e.errno(), "bdev " + info.name() + ": " + e.getMessage());
        }
        if (numBlocks == info.numBlocks()) {
            return false;
        }
        info = info.withNumBlocks(numBlocks);
        registry.resized(this);
        return true;
    }

    @Override
    public void destroy() {
        file.file().close();
    }

    private void channelClosed(FileIoChannel channel) {
        synchronized (channels) {
            channels.remove(channel);
            closedStats = closedStats.plus(channel.stats());
        }
    }

    private static BdevInfo describe(FileOptions options, OpenFile file) throws LinuxException, BdevException {
        int blockSize = file.blockSize();
        long numBlocks = file.file().size() / blockSize;
        if (numBlocks == 0) {
            throw new BdevException(
                    Errno.EINVAL,
                    "bdev " + options.name() + ": " + options.path() + " has not one block of " + blockSize + " bytes");
        }
        int physical = file.file().physicalBlockSize();
        boolean usable = physical >= blockSize && Integer.bitCount(physical) == 1;
        return new BdevInfo(
                options.name(),
                List.of(options.uuid().toString()),
                options.productName(),
                options.uuid(),
                blockSize,
                usable ? physical : blockSize,
                numBlocks,
                options.readOnly(),
                true,
                file.file().rotational(),
                supported(options, file),
                limits(blockSize));
    }

    private static Set<IoType> supported(FileOptions options, OpenFile file) throws LinuxException {
        Set<IoType> supported = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.RESET);
        if (options.fallocate()) {
            supported.add(IoType.WRITE_ZEROES);
            if (!options.readOnly() && UnmapProbe.supported(file.file(), options.path())) {
                supported.add(IoType.UNMAP);
            }
        }
        return supported;
    }

    private static IoLimits limits(int blockSize) {
        long range = MAX_RANGE_BYTES / blockSize;
        return new IoLimits(BouncePool.BUFFER_BYTES / blockSize, 0, 0, range, range);
    }
}
