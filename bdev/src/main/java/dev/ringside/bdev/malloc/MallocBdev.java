package dev.ringside.bdev.malloc;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
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

    private Mapping memory;
    private boolean moving;
    private volatile BdevInfo info;

    private MallocBdev(BdevInfo info, Mapping memory) {
        this.info = info;
        this.memory = memory;
        this.pages = memory.pageKind();
    }

    /**
     * Makes a RAM disk.
     *
     * @throws BdevException EINVAL for an impossible geometry, ENOMEM if there is not so much memory
     */
    public static MallocBdev create(MallocOptions options) throws BdevException {
        int physical = options.physicalBlockSize() == 0 ? options.blockSize() : options.physicalBlockSize();
        BdevInfo info;
        try {
            info = new BdevInfo(
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
                    EnumSet.allOf(IoType.class),
                    new IoLimits(0, 0, options.optimalIoBoundary(), 0, 0));
        } catch (IllegalArgumentException e) {
            throw new BdevException(Errno.EINVAL, "malloc disk " + options.name() + ": " + e.getMessage());
        }
        return new MallocBdev(info, map(info.name(), info.numBlocks(), info.blockSize()));
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    /** The kind of pages the disk was made of: {@code hugetlb}, {@code transparent-huge} or {@code plain}. */
    public String pages() {
        return pages;
    }

    @Override
    public synchronized IoChannel openChannel(Reactor reactor) {
        int blockShift = Integer.numberOfTrailingZeros(info.blockSize());
        MallocChannel channel = new MallocChannel(reactor, memory, info.numBlocks(), blockShift, this::channelClosed);
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
        Mapping from;
        synchronized (this) {
            if (moving) {
                throw new BdevException(Errno.EBUSY, "malloc disk " + info.name() + " is being resized");
            }
            moving = true;
            from = memory;
        }
        Mapping to = from;
        try {
            to = map(info.name(), numBlocks, info.blockSize());
            onChannels(MallocChannel::pause);
            copy(from.segment(), to.segment());
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

    private void finishMove(Mapping to, long numBlocks) {
        synchronized (this) {
            memory = to;
            info = info.withNumBlocks(numBlocks);
            moving = false;
        }
        onChannels(channel -> channel.use(to, numBlocks));
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

    private static Mapping map(String name, long numBlocks, int blockSize) throws BdevException {
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
            return Mapping.anonymous(bytes);
        } catch (LinuxException e) {
            throw new BdevException(e.errno(), "malloc disk " + name + " of " + bytes + " bytes: " + e.getMessage());
        } catch (IOException e) {
            throw new BdevException(Errno.EIO, "malloc disk " + name + ": " + e.getMessage());
        }
    }
}
