package dev.ringside.bdev;

import dev.ringside.env.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A device that does what a test tells it: holds what it has room for, ends it on command, and remembers what it saw. */
final class ScriptedBdev implements Bdev {
    /** One request as the device saw it. */
    record Seen(IoType type, long lba, long blocks, int segments) {}

    final List<Seen> seen = new ArrayList<>();
    final ArrayDeque<BdevIo> held = new ArrayDeque<>();
    BdevInfo info;
    /** How many requests it holds before it refuses. */
    int room = Integer.MAX_VALUE;
    /** Whether it ends requests at once instead of holding them. */
    boolean inline;

    boolean remembers = true;
    /** Whether it ends a request early when it is asked to. */
    boolean aborts;
    /** Thrown instead of taking the next request. */
    @Nullable
    InternalError fault;

    int status;
    int opened;
    int closed;
    int flushes;
    boolean destroyed;

    ScriptedBdev(BdevInfo info) {
        this.info = info;
    }

    static ScriptedBdev named(String name) {
        return new ScriptedBdev(info(name, 1000, IoLimits.NONE));
    }

    static ScriptedBdev limited(IoLimits limits) {
        return new ScriptedBdev(info("limited", 1 << 20, limits));
    }

    static BdevInfo info(String name, long numBlocks, IoLimits limits) {
        return info(name, numBlocks, limits, EnumSet.allOf(IoType.class), false);
    }

    static BdevInfo info(String name, long numBlocks, IoLimits limits, Set<IoType> supported, boolean readOnly) {
        return new BdevInfo(
                name,
                List.of(name + "-alias"),
                "Scripted",
                new UUID(0, 1),
                512,
                4096,
                numBlocks,
                readOnly,
                false,
                false,
                supported,
                limits);
    }

    /** Ends the oldest request that is held. */
    void endOne(int how) {
        held.remove().complete(how);
    }

    void endAll() {
        while (!held.isEmpty()) {
            endOne(IoStatus.OK);
        }
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    @Override
    public IoChannel openChannel(Reactor reactor) {
        opened++;
        return new Channel();
    }

    @Override
    public void destroy() {
        destroyed = true;
    }

    private final class Channel implements IoChannel {
        @Override
        public boolean submit(BdevIo io) {
            InternalError thrown = fault;
            if (thrown != null) {
                fault = null;
                throw thrown;
            }
            if (held.size() >= room) {
                return false;
            }
            if (remembers) {
                seen.add(new Seen(io.type(), io.lba(), io.blocks(), io.data().count()));
            }
            if (inline) {
                io.complete(status);
            } else {
                held.add(io);
            }
            return true;
        }

        @Override
        public void abort(BdevIo io) {
            if (aborts && held.remove(io)) {
                io.complete(IoStatus.ABORTED);
            }
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
