package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoOwner;
import dev.ringside.bdev.ScatterList;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.vhost.queue.Chain;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A request of a request queue, with what carries it out. Owned by the queue's reactor. */
final class ScsiRequest extends Chain implements IoOwner, WriteFence.FencedWrite {
    final BdevIo io = new BdevIo(this);
    final byte[] header = new byte[ScsiLayout.REQUEST_BYTES];
    final MemorySegment headerSegment = MemorySegment.ofArray(header);
    final byte[] cdb = new byte[ScsiLayout.CDB_BYTES];
    /** Where the response's header goes. */
    final ScatterList response = new ScatterList(4);
    /** For a part of the data. */
    final ScatterList part = new ScatterList(4);

    long address;
    long id;
    /** Bytes of the data that the initiator sends, and of the room for what it gets. */
    long outBytes;

    long inBytes;
    /** Bytes of both that were used. */
    long outUsed;

    long inUsed;
    /** Of an {@link BlockCommands}: what comes next, and how much is left. */
    int phase;

    long lba;
    long blocks;

    @Nullable
    LunWay way;

    @Nullable
    Operation operation;
    /** In which epoch of the way's fence its write was begun. */
    int epoch;
    /** Whether the device has it. */
    boolean active;
    /** Grows with each request that this object carries, so that an old one is known from a new one. */
    long serial;
    /** The response of an aborted request, or 0. */
    int aborted;
    /** Whether it waits for others to be aborted: nobody waits for it then. */
    boolean aborting;
    /** What the disk has of it, if anything: its own, or that of who carries it out. */
    BdevIo inDisk = io;
    /** The next that waits for a sweep. */
    @Nullable
    ScsiRequest next;

    private final RequestQueue queue;

    ScsiRequest(RequestQueue queue) {
        this.queue = queue;
    }

    /** The way of a request that has one. */
    LunWay lun() {
        LunWay to = way;
        if (to == null) {
            throw new IllegalStateException("the request is for no logical unit");
        }
        return to;
    }

    @Override
    public BdevIo io() {
        return io;
    }

    @Override
    protected void trim(int extents) {
        response.trim(extents);
        part.trim(extents);
    }

    @Override
    public void beginWrite() {
        if (isAborted()) {
            queue.end(this, ScsiStatus.GOOD);
        } else {
            queue.submitWrite(this);
        }
    }

    @Override
    public boolean isAborted() {
        return aborted != 0;
    }

    @Override
    public void ioDone(BdevIo done, int status) {
        queue.blocks().ioDone(this, status);
    }
}
