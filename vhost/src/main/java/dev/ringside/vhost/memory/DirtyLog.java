package dev.ringside.vhost.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bitmap in which a front end that migrates its guest is told of the pages that we wrote (vhost-user, "Migration"): one
 * bit for each 4 KiB of guest-physical memory. Several reactors set bits at once, and the front end clears them meanwhile.
 */
public final class DirtyLog {
    private static final int PAGE_SHIFT = 12;
    private static final VarHandle WORD =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final SharedFile file;
    private final MemorySegment bits;
    private final long pages;

    /**
     * Uses a mapped file as the log.
     *
     * @param file whole 32-bit words, aligned, which nobody can make shorter; the log's to close
     */
    public DirtyLog(SharedFile file) {
        this.file = file;
        this.bits = file.segment();
        this.pages = bits.byteSize() * Byte.SIZE;
    }

    /**
     * Marks the pages of a range; those beyond the end of the log are left out, as the front end has no interest in them.
     *
     * @param address guest-physical
     * @param length bytes, at least 0
     */
    public void mark(long address, long length) {
        if (length <= 0) {
            return;
        }
        // What was written has to be there before a bit is found set: the front end may clear it and copy the page
        // between.
        VarHandle.fullFence();
        long last = Math.min((address + length - 1) >>> PAGE_SHIFT, pages - 1);
        for (long page = address >>> PAGE_SHIFT; page <= last; page++) {
            long word = page / Integer.SIZE * Integer.BYTES;
            int bit = 1 << (int) (page % Integer.SIZE);
            // A bit that is set need not be written again, and its cache line stays with everybody.
            if (((int) WORD.getVolatile(bits, word) & bit) == 0) {
                WORD.getAndBitwiseOr(bits, word, bit);
            }
        }
    }

    /** The file that holds it; stays the log's. */
    public SharedFile file() {
        return file;
    }

    /** Lets go of the memory; no queue uses the log any more. */
    public void close() {
        file.close();
    }
}
