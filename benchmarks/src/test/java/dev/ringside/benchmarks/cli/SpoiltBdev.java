package dev.ringside.benchmarks.cli;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A disk that treats one of its blocks badly, and leaves the others to a good one. */
final class SpoiltBdev implements Bdev {
    private final Bdev good;
    private final long block;
    private final Fault fault;

    /** What becomes of a request that begins at the block. */
    enum Fault {
        /** A bit of what is written changes. */
        BIT,
        /** A write is said to be done and is not, from the second on. */
        LOST_WRITE,
        /** Every request fails. */
        ERROR
    }

    SpoiltBdev(Bdev good, long block, Fault fault) {
        this.good = good;
        this.block = block;
        this.fault = fault;
    }

    @Override
    public BdevInfo info() {
        return good.info();
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        return new Channel(good.openChannel(reactor));
    }

    @Override
    public void destroy() {
        good.destroy();
    }

    private final class Channel implements IoChannel {
        private final IoChannel to;
        private int writes;

        Channel(IoChannel to) {
            this.to = to;
        }

        @Override
        public boolean submit(BdevIo io) {
            if (io.lba() != block) {
                return to.submit(io);
            }
            if (fault == Fault.ERROR) {
                io.complete(-Errno.EIO);
                return true;
            }
            if (io.type() == IoType.WRITE) {
                if (fault == Fault.LOST_WRITE && writes++ > 0) {
                    io.complete(0);
                    return true;
                }
                if (fault == Fault.BIT) {
                    ScatterList data = io.data();
                    MemorySegment segment = data.segment(0);
                    long at = data.offset(0) + 100;
                    segment.set(ValueLayout.JAVA_BYTE, at, (byte) (segment.get(ValueLayout.JAVA_BYTE, at) ^ 4));
                }
            }
            return to.submit(io);
        }

        @Override
        public void flush() {
            to.flush();
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
