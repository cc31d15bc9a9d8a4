package dev.ringside.bdev;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An owner of one request that counts its ends. */
final class CountingOwner implements IoOwner {
    static final MemorySegment MEMORY = MemorySegment.ofArray(new byte[1 << 20]);

    final BdevIo io = new BdevIo(this);
    final ScatterList data = new ScatterList(8);
    int status = 1;
    int ends;

    @Nullable
    Runnable then;

    static CountingOwner of(IoType type, long lba, long blocks) {
        CountingOwner owner = new CountingOwner();
        if (type.movesData()) {
            owner.data.add(MEMORY, 0, blocks * 512);
        }
        owner.io.prepare(type, lba, blocks, owner.data, 0);
        return owner;
    }

    @Override
    public void ioDone(BdevIo done, int how) {
        status = how;
        ends++;
        Runnable next = then;
        if (next != null) {
            next.run();
        }
    }
}
