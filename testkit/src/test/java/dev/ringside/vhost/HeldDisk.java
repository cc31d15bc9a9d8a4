package dev.ringside.vhost;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.reactor.Reactor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A disk over memory that several of them can share; it holds some requests until it is told to end them. */
public final class HeldDisk implements Bdev {
    private static final int BLOCK = 512;

    private final BdevInfo info;
    private final MemorySegment content;
    private final Random random;
    private volatile int held;
    private volatile boolean heedsAborts = true;
    private volatile boolean released;
    private final List<Long> seen = new CopyOnWriteArrayList<>();
    private final Set<Reactor> reactors = ConcurrentHashMap.newKeySet();
    /** Of each reactor, on it. */
    private final ThreadLocal<List<BdevIo>> waiting = ThreadLocal.withInitial(ArrayList::new);

    /**
     * Makes a disk.
     *
     * @param content whole blocks
     * @param held how many of a hundred requests it holds
     */
    public HeldDisk(String name, MemorySegment content, int held, long seed) {
        this(name, content, held, seed, false);
    }

    /** The same, with a write cache or without. */
    public HeldDisk(String name, MemorySegment content, int held, long seed, boolean writeCache) {
        this.content = content;
        this.held = held;
        this.random = new Random(seed);
        this.info = new BdevInfo(
                name,
                List.of(),
                "Held disk",
                new UUID(1, 1),
                BLOCK,
                BLOCK,
                content.byteSize() / BLOCK,
                false,
                writeCache,
                false,
                EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH),
                IoLimits.NONE);
    }

    /** The first blocks of the requests that came, in their order; any thread. */
    public List<Long> seen() {
        return seen;
    }

    /** Ends the requests of a reactor that are held; on it. */
    public void endHeld() {
        take().forEach(this::end);
    }

    private List<BdevIo> take() {
        List<BdevIo> all = List.copyOf(waiting.get());
        waiting.get().clear();
        return all;
    }

    /**
     * Ends what is held soon, and at once what comes, all of it as aborted and without the content, which may be gone: whoever
     * closes a target waits for its requests, also when the test that should have ended them has failed. Any thread.
     */
    void release() {
        released = true;
        reactors.forEach(reactor -> reactor.execute(() -> take().forEach(io -> io.complete(IoStatus.ABORTED))));
    }

    /** Holds on to requests that are aborted as well. */
    public void ignoreAborts() {
        heedsAborts = false;
    }

    /** Holds none from now on; those that are held stay so. Any thread. */
    public void holdNoMore() {
        held = 0;
    }

    /** Ends the requests that are held, and holds none from now on; on the reactor. */
    public void holdNone() {
        holdNoMore();
        endHeld();
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    @Override
    public IoChannel openChannel(Reactor reactor) {
        reactors.add(reactor);
        return new Channel();
    }

    @Override
    public void destroy() {
        // The memory is the test's.
    }

    private void end(BdevIo io) {
        long at = io.lba() * BLOCK;
        if (io.type() == IoType.READ) {
            io.data().copyFrom(content, at, io.blocks() * BLOCK);
        } else if (io.type() == IoType.WRITE) {
            io.data().copyTo(content, at, io.blocks() * BLOCK);
        }
        io.complete(IoStatus.OK);
    }

    private final class Channel implements IoChannel {
        @Override
        public boolean submit(BdevIo io) {
            seen.add(io.lba());
            if (released) {
                io.complete(IoStatus.ABORTED);
            } else if (random.nextInt(100) < held) {
                waiting.get().add(io);
            } else {
                end(io);
            }
            return true;
        }

        @Override
        public void abort(BdevIo io) {
            if (heedsAborts && waiting.get().remove(io)) {
                io.complete(IoStatus.ABORTED);
            }
        }

        @Override
        public void flush() {
            // Nothing is held back for this.
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }
}
