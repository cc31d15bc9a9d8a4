package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoOwner;
import dev.ringside.vhost.queue.Chain;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A request of a block device's queue, with the block-layer request that carries it out. */
final class BlkRequest extends Chain implements IoOwner {
    final BdevIo io = new BdevIo(this);
    /** Where the status byte goes. */
    MemorySegment statusSegment = MemorySegment.NULL;

    long statusOffset;
    /** Bytes of all writable buffers, the status byte included. */
    long writableBytes;

    int type;
    long sector;
    /** Whether a transfer is of whole blocks and within the limits that the driver was told. */
    boolean allowed;
    /** The next request of the batch. */
    @Nullable
    BlkRequest next;

    private final BlkQueue queue;

    BlkRequest(BlkQueue queue) {
        this.queue = queue;
    }

    @Override
    public BdevIo io() {
        return io;
    }

    @Override
    public void ioDone(BdevIo done, int status) {
        queue.ioDone(this, status);
    }
}
