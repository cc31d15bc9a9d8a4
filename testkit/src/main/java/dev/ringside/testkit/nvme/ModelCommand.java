package dev.ringside.testkit.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A command as it was in its queue when it was fetched. */
record ModelCommand(
        ModelQueue queue,
        int opcode,
        int flags,
        int id,
        int nsid,
        long prp1,
        long prp2,
        int cdw10,
        int cdw11,
        int cdw12) {

    static final int BYTES = 64;

    static ModelCommand read(ModelQueue queue, MemorySegment entry) {
        int cdw0 = word(entry, 0);
        return new ModelCommand(
                queue,
                cdw0 & 0xff,
                cdw0 >>> 8 & 0xff,
                cdw0 >>> 16,
                word(entry, 4),
                entry.get(ValueLayout.JAVA_LONG_UNALIGNED, 24),
                entry.get(ValueLayout.JAVA_LONG_UNALIGNED, 32),
                word(entry, 40),
                word(entry, 44),
                word(entry, 48));
    }

    boolean usesSgl() {
        return flags >>> 6 == 1;
    }

    long lba() {
        return Integer.toUnsignedLong(cdw10) | (long) cdw11 << Integer.SIZE;
    }

    /** Blocks, of the commands that count them from 0. */
    long blocks() {
        return (cdw12 & 0xffff) + 1L;
    }

    /** Force unit access, of Write and of Write Zeroes. */
    boolean fua() {
        return (cdw12 & 1 << 30) != 0;
    }

    private static int word(MemorySegment entry, int at) {
        return entry.get(ValueLayout.JAVA_INT_UNALIGNED, at);
    }
}
