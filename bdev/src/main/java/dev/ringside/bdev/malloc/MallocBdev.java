package dev.ringside.bdev.malloc;

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
import dev.ringside.env.linux.SharedMemory;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A RAM disk. Its memory is taken when it is made, from huge pages where there are some; it reads as zeroes at first and
 * is gone with the disk.
 */
public final class MallocBdev implements Bdev {
    private static final String PRODUCT = "Malloc disk";

    private final String pages;
    /** Open channels; guarded by this object's monitor, as are the fields below. */
    private final List<MallocChannel> channels = new ArrayList<>();

    private SharedMemory memory;
    private boolean moving;
    private volatile BdevInfo info;

    private MallocBdev(BdevInfo info, SharedMemory memory) {
        this.info = info;
        this.memory = memory;
        this.pages = memory.mapping().pageKind();
    }

    /**
     * Makes a RAM disk.
     *
     * @throws BdevException EINVAL for an impossible geometry, ENOMEM if there is not so much memory
     */
    public static MallocBdev create(MallocOptions options) throws BdevException {
        BdevInfo info = describe(options);
        return new MallocBdev(info, map(info.name(), info.numBlocks(), info.blockSize()));
    }

    /**
     * Makes a RAM disk of the memory of one that another process has, or had.
     *
     * @param options as that was made
     * @param file {@link #memory} of that; the disk's to close, also when this throws
     * @throws BdevException EINVAL if the memory is smaller than the disk, ENOMEM if it cannot be mapped
     */
    public static MallocBdev adopt(MallocOptions options, Fd file) throws BdevException {
        BdevInfo info;
        try {
            info = describe(options);
        } catch (BdevException e) {
            file.close();
            throw e;
        }
        try {
            return new MallocBdev(info, SharedMemory.adopt(file, info.numBlocks() * info.blockSize()));
        } catch (LinuxException e) {
            throw new BdevException(e.errno(), "malloc disk " + info.name() + ": " + e.getMessage());
        }
    }

    private static BdevInfo describe(MallocOptions options) throws BdevException {
        int physical = options.physicalBlockSize() == 0 ? options.blockSize() : options.physicalBlockSize();
        try {
            return new BdevInfo(
                    options.name(),
                    List.of(options.uuid().toString()),
                    PRODUCT,
                    options.uuid(),
                    options.blockSize(),
                    physical,
                    options.numBlocks(),
                    false,
                    false,
                    false,
                    EnumSet.complementOf(EnumSet.of(IoType.COMPARE, IoType.VERIFY)),
                    new IoLimits(0, 0, options.optimalIoBoundary(), 0, 0));
        } catch (IllegalArgumentException e) {
            throw new BdevException(Errno.EINVAL, "malloc disk " + options.name() + ": " + e.getMessage());
        }
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    /** The file in memory that holds the contents; stays the disk's, until it is resized or destroyed. */
    public synchronized Fd memory() {
        return memory.file();
    }

    /** The kind of pages the disk was made of: {@code hugetlb}, {@code transparent-huge} or {@code plain}. */
    public String pages() {
        return pages;
    }

    @Override
    public synchronized IoChannel openChannel(Reactor reactor) {
        int blockShift = Integer.numberOfTrailingZeros(info.blockSize());
        MallocChannel channel =
                new MallocChannel(reactor, memory.mapping(), info.numBlocks(), blockShift, this::channelClosed);
        if (moving) {
            channel.pause();
        }
        channels.add(channel);
        return channel;
    }

    /**
     * Gives the disk another capacity and tells its users. What both sizes have keeps its contents, the rest reads as
     * zeroes. The disk's requests wait while its memory is copied. Not on a reactor that has the disk open.
     *
     * @param numBlocks in logical blocks, at least 1
     * @throws BdevException EINVAL, EBUSY if it is being resized, ENOMEM if there is no memory for both sizes at once,
     *     ENODEV if it is not in the registry
     */
    public void resize(BdevRegistry registry, long numBlocks) throws BdevException {
        SharedMemory from;
        synchronized (this) {
            if (moving) {
                throw new BdevException(Errno.EBUSY, "malloc disk " + info.name() + " is being resized");
            }
            moving = true;
            from = memory;
        }
        SharedMemory to = from;
        try {
            to = map(info.name(), numBlocks, info.blockSize());
            onChannels(MallocChannel::pause);
            copy(from.mapping().segment(), to.mapping().segment());
        } finally {
            finishMove(to, to == from ? info.numBlocks() : numBlocks);
        }
        from.close();
        registry.resized(this);
    }

    @Override
    public synchronized void destroy() {
        memory.close();
    }

    private void finishMove(SharedMemory to, long numBlocks) {
        synchronized (this) {
            memory = to;
            info = info.withNumBlocks(numBlocks);
            moving = false;
        }
        onChannels(channel -> channel.use(to.mapping(), numBlocks));
    }

    private void onChannels(Consumer<MallocChannel> work) {
        CompletableFuture<?>[] done;
        synchronized (this) {
            done = channels.stream()
                    .map(channel -> channel.reactor().call(() -> {
                        work.accept(channel);
                        return true;
                    }))
                    .toArray(CompletableFuture[]::new);
        }
        CompletableFuture.allOf(done).join();
    }

    private synchronized void channelClosed(MallocChannel channel) {
        channels.remove(channel);
    }

    private static void copy(MemorySegment from, MemorySegment to) {
        MemorySegment.copy(from, 0, to, 0, Math.min(from.byteSize(), to.byteSize()));
    }

    private static SharedMemory map(String name, long numBlocks, int blockSize) throws BdevException {
        if (numBlocks < 1 || numBlocks > Long.MAX_VALUE / blockSize) {
            throw new BdevException(
                    Errno.EINVAL,
                    "malloc disk " + name + ": number of blocks " + numBlocks + ": 1 to " + Long.MAX_VALUE / blockSize
                            + " is allowed");
        }
        long bytes = numBlocks * blockSize;
        try {
            // The system would promise more than it has, and kill the daemon when the disk is filled.
            long available = SystemMemory.available();
            if (bytes > available) {
                throw new BdevException(
                        Errno.ENOMEM,
                        "malloc disk " + name + " needs " + bytes + " bytes, the system has " + available
                                + " available");
            }
            return SharedMemory.create("ringside-malloc", bytes);
        } catch (LinuxException e) {
            throw new BdevException(e.errno(), "malloc disk " + name + " of " + bytes + " bytes: " + e.getMessage());
        } catch (IOException e) {
            throw new BdevException(Errno.EIO, "malloc disk " + name + ": " + e.getMessage());
        }
    }
}
