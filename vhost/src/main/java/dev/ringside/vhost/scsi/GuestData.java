package dev.ringside.vhost.scsi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a request brings. It is copied before: {@link MemorySegment#mismatch} of memory that vanishes ends the process,
 * because the JVM expects no fault in the code that it has for it (decision 5). Owned by the queue's reactor; its buffer is made
 * when the first request comes.
 */
final class GuestData {
    private static final int PIECE = 32 << 10;

    private @Nullable MemorySegment buffer;

    /**
     * Compares bytes of a request's data with others; uses {@link ScsiRequest#part}.
     *
     * @return offset, from {@code start} on, of the first that differs; -1 if all are alike
     * @throws InternalError if the guest's memory is gone
     */
    long mismatch(ScsiRequest request, long start, MemorySegment other, long otherOffset, long bytes) {
        MemorySegment copy = buffer;
        if (copy == null) {
            copy = Arena.ofAuto().allocate(PIECE, 64);
            buffer = copy;
        }
        for (long done = 0; done < bytes; done += PIECE) {
            long piece = Math.min(PIECE, bytes - done);
            long at = otherOffset + done;
            request.part.slice(request.readable(), start + done, piece);
            request.part.copyTo(copy, 0, piece);
            long found = MemorySegment.mismatch(copy, 0, piece, other, at, at + piece);
            if (found >= 0) {
                return done + found;
            }
        }
        return -1;
    }
}
