package dev.ringside.testkit.bdev;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoOwner;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A request that remembers how it ended; used again and again. */
final class TestRequest implements IoOwner {
    final BdevIo io = new BdevIo(this);
    final ScatterList data = new ScatterList(16);

    /** How it ended last. */
    int status;

    /** How often it has ended since it was prepared. */
    int ends;

    /** Told of an end, after the fields are set. */
    @Nullable
    Runnable whenDone;

    /** Prepares it for one piece of memory. */
    TestRequest transfer(IoType type, long lba, long blocks, MemorySegment memory) {
        data.clear();
        data.add(memory, 0, memory.byteSize());
        return with(type, lba, blocks, 0);
    }

    /** Prepares it for what {@link #data} holds. */
    TestRequest with(IoType type, long lba, long blocks, int flags) {
        ends = 0;
        io.prepare(type, lba, blocks, data, flags);
        return this;
    }

    /** Prepares it for a copy of blocks. */
    TestRequest copy(long from, long to, long blocks) {
        ends = 0;
        io.prepareCopy(from, to, blocks);
        return this;
    }

    /** Prepares it for a type that moves no data. */
    TestRequest plain(IoType type, long lba, long blocks) {
        data.clear();
        return with(type, lba, blocks, 0);
    }

    boolean done() {
        return ends > 0;
    }

    @Override
    public void ioDone(BdevIo ended, int how) {
        status = how;
        ends++;
        Runnable told = whenDone;
        if (told != null) {
            told.run();
        }
    }
}
