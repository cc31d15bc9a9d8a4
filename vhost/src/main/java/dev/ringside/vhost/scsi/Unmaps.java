package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.unit.UnitPages;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** UNMAP (SBC-4, 5.31): gives the ranges of a parameter list back, one after the other. Owned by the queue's reactor. */
final class Unmaps {
    private static final int HEADER = 8;
    private static final int DESCRIPTOR = 16;

    private final RequestQueue queue;
    private final byte[] scratch = new byte[DESCRIPTOR];
    private final MemorySegment scratchSegment = MemorySegment.ofArray(scratch);
    /** Those of which the next range is to be begun. */
    private final ArrayDeque<ScsiRequest> ready = new ArrayDeque<>();

    Unmaps(RequestQueue queue) {
        this.queue = queue;
    }

    /** Begins a command to a unit that can be written now. */
    void begin(ScsiRequest request) {
        long length = BigEndian.u16(request.cdb, 7);
        if (length == 0) {
            queue.end(request, ScsiStatus.GOOD);
            return;
        }
        if (length > request.outBytes) {
            queue.respond(request, ScsiLayout.S_OVERRUN);
            return;
        }
        if (length < HEADER) {
            queue.check(request, SenseKey.ILLEGAL_REQUEST, AdditionalSense.PARAMETER_LIST_LENGTH_ERROR, 0);
            return;
        }
        ScatterList list = request.readable();
        list.copyTo(scratchSegment, 0, HEADER);
        // A descriptor that is cut short is left out.
        long ranges = Math.min(BigEndian.u16(scratch, 2), length - HEADER) / DESCRIPTOR;
        if (ranges > UnitPages.MAX_UNMAP_DESCRIPTORS) {
            queue.check(
                    request,
                    SenseKey.ILLEGAL_REQUEST,
                    AdditionalSense.INVALID_FIELD_IN_PARAMETER_LIST,
                    FieldPointer.inData(2));
            return;
        }
        request.outUsed = length;
        list.dropFront(HEADER);
        list.dropBack(list.bytes() - ranges * DESCRIPTOR);
        if (allInRange(request, ranges)) {
            nextRange(request);
        }
    }

    /** A range has been given back: the next one is begun with {@link #goOn}. */
    void rangeDone(ScsiRequest request) {
        ready.add(request);
    }

    void goOn() {
        for (int n = ready.size(); n > 0; n--) {
            nextRange(ready.remove());
        }
    }

    /** Whether {@link #goOn} has nothing to do. */
    boolean isIdle() {
        return ready.isEmpty();
    }

    /** Whether all ranges are inside the disk; ends the request if one is not: none is unmapped then. */
    private boolean allInRange(ScsiRequest request, long ranges) {
        long numBlocks = request.lun().channel.numBlocks();
        for (long i = 0; i < ranges; i++) {
            request.part.slice(request.readable(), i * DESCRIPTOR, DESCRIPTOR);
            request.part.copyTo(scratchSegment, 0, DESCRIPTOR);
            if (BlockCommands.outside(BigEndian.u64(scratch, 0), BigEndian.u32(scratch, 8), numBlocks)) {
                queue.check(request, SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 0);
                return false;
            }
        }
        return true;
    }

    /** Begins the next range; those of no length are done at once. */
    private void nextRange(ScsiRequest request) {
        request.blocks = 0;
        try {
            readRange(request);
        } catch (InternalError e) {
            queue.failed(request, false, -Errno.EFAULT);
            return;
        }
        if (request.blocks > 0) {
            queue.blocks().zero(request, BdevIo.MAY_UNMAP, BlockCommands.UNMAP);
        } else {
            queue.end(request, ScsiStatus.GOOD);
        }
    }

    private void readRange(ScsiRequest request) {
        ScatterList list = request.readable();
        while (request.blocks == 0 && list.bytes() > 0 && !request.isAborted()) {
            list.copyTo(scratchSegment, 0, DESCRIPTOR);
            list.dropFront(DESCRIPTOR);
            request.lba = BigEndian.u64(scratch, 0);
            request.blocks = BigEndian.u32(scratch, 8);
        }
    }
}
