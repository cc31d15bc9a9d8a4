package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoOwner;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.unit.Nexus;
import dev.ringside.vhost.scsi.unit.RangeLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * COMPARE AND WRITE (SBC-4, 5.3): takes the range away from all who write to the unit, on whatever reactor, reads, compares,
 * writes. One at a time for each queue. Owned by the queue's reactor; its buffer is made when the first command comes.
 */
final class CompareAndWrite implements IoOwner {
    private final RequestQueue queue;
    private final GuestData guest;
    private final ArrayDeque<ScsiRequest> waiting = new ArrayDeque<>();
    private final BdevIo io = new BdevIo(this);
    private final ScatterList data = new ScatterList(8);
    private @Nullable MemorySegment buffer;
    private @Nullable ScsiRequest current;
    private @Nullable RangeLock lock;
    /** Whether nobody else modifies the range any more. */
    private boolean granted;

    CompareAndWrite(RequestQueue queue, GuestData guest) {
        this.queue = queue;
        this.guest = guest;
    }

    /** Begins a command of which range and data have been looked at. */
    void begin(ScsiRequest request) {
        if (current != null) {
            waiting.add(request);
            return;
        }
        current = request;
        request.inDisk = io;
        granted = false;
        RangeLock next = new RangeLock(request.lba, request.blocks, queue.reactor(), this::granted);
        lock = next;
        request.lun().nexus.unit().ranges().lock(next);
    }

    /** Ends those that wait, for one before or for their range, and have been aborted. */
    void endAborted() {
        WriteFence.endAborted(waiting);
        ScsiRequest first = current;
        if (first != null && !granted && first.isAborted()) {
            endNow(first);
        }
    }

    @Override
    public void ioDone(BdevIo done, int status) {
        ScsiRequest request = request();
        if (status != IoStatus.OK) {
            request.outUsed = 0;
            finish();
            queue.failed(request, done.type() == IoType.READ, status);
            next();
        } else if (done.type() == IoType.WRITE || request.isAborted()) {
            endNow(request);
        } else {
            compare(request, request.blocks << request.lun().blockShift);
        }
    }

    private void compare(ScsiRequest request, long bytes) {
        long mismatch;
        try {
            mismatch = guest.mismatch(request, 0, buffer(), 0, bytes);
        } catch (InternalError e) {
            ioDone(io, -Errno.EFAULT);
            return;
        }
        if (mismatch >= 0) {
            finish();
            request.outUsed = 0;
            queue.answer()
                    .checkAt(
                            RequestQueue.descriptors(request),
                            SenseKey.MISCOMPARE,
                            AdditionalSense.MISCOMPARE_DURING_VERIFY_OPERATION,
                            mismatch);
            queue.respond(request, ScsiLayout.S_OK);
            next();
            return;
        }
        data.slice(request.readable(), bytes, bytes);
        boolean through = Cdb.fua(request.cdb) || (request.lun().nexus.state() & Nexus.WRITE_THROUGH) != 0;
        io.prepare(IoType.WRITE, request.lba, request.blocks, data, through ? BdevIo.FUA : 0);
        queue.submit(request.lun(), io);
    }

    private void granted(RangeLock range) {
        if (range != lock) {
            // It was given back in the meantime.
            return;
        }
        granted = true;
        ScsiRequest request = request();
        data.clear();
        data.add(buffer(), 0, request.blocks << request.lun().blockShift);
        io.prepare(IoType.READ, request.lba, request.blocks, data, 0);
        queue.submit(request.lun(), io);
    }

    private void endNow(ScsiRequest request) {
        finish();
        queue.end(request, ScsiStatus.GOOD);
        next();
    }

    /** Gives the range back. */
    private void finish() {
        RangeLock held = lock;
        if (held != null) {
            request().lun().nexus.unit().ranges().unlock(held);
        }
        current = null;
        lock = null;
    }

    private void next() {
        ScsiRequest next = current == null ? waiting.poll() : null;
        if (next != null) {
            begin(next);
        }
    }

    private MemorySegment buffer() {
        MemorySegment made = buffer;
        if (made == null) {
            made = Arena.ofAuto().allocate(BlockCommands.MAX_COMPARE_BYTES, 4096);
            buffer = made;
        }
        return made;
    }

    private ScsiRequest request() {
        ScsiRequest request = current;
        if (request == null) {
            throw new IllegalStateException("there is no COMPARE AND WRITE");
        }
        return request;
    }
}
