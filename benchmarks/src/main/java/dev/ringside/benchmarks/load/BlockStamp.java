package dev.ringside.benchmarks.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What verified blocks hold: each sector tells where it belongs and which write it is from, and carries a checksum over
 * both and all of its data.
 *
 * <pre>
 *  sector:   u64 number | u64 generation | u64 filler[61] | u64 checksum
 * </pre>
 *
 * The filler follows from number and generation, so that no two sectors and no two writes of one are alike.
 */
final class BlockStamp {
    /** What {@link #check} returns for a good block. */
    static final int GOOD = -1;

    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int GENERATION = 8;
    private static final int FILLER = 16;
    private static final int CHECKSUM = 504;
    private static final long STEP = 0x9e3779b97f4a7c15L;
    private static final long MULTIPLIER = 0xd6e8feb86659fd93L;

    private BlockStamp() {}

    /**
     * Fills a block.
     *
     * @param at offset in bytes
     * @param bytes a multiple of 512
     * @param sector number of its first sector
     */
    static void write(MemorySegment memory, long at, int bytes, long sector, long generation) {
        for (long end = at + bytes; at < end; at += Workload.SECTOR, sector++) {
            long sum = begin(sector, generation);
            long filler = sum;
            memory.set(U64, at, sector);
            memory.set(U64, at + GENERATION, generation);
            for (long word = at + FILLER; word < at + CHECKSUM; word += Long.BYTES) {
                filler += STEP;
                long value = filler ^ filler >>> 29;
                memory.set(U64, word, value);
                sum = add(sum, value);
            }
            memory.set(U64, at + CHECKSUM, sum);
        }
    }

    /** Returns {@link #GOOD}, or the first sector of the block, counted from 0, that is not what was written. */
    static int check(MemorySegment memory, long at, int bytes, long sector, long generation) {
        int sectors = bytes / Workload.SECTOR;
        for (int i = 0; i < sectors; i++) {
            long from = at + (long) i * Workload.SECTOR;
            long sum = begin(sector + i, generation);
            for (long word = from + FILLER; word < from + CHECKSUM; word += Long.BYTES) {
                sum = add(sum, memory.get(U64, word));
            }
            if (memory.get(U64, from) != sector + i
                    || memory.get(U64, from + GENERATION) != generation
                    || memory.get(U64, from + CHECKSUM) != sum) {
                return i;
            }
        }
        return GOOD;
    }

    /** The sector that stands in a sector's stamp. */
    static long sector(MemorySegment memory, long at) {
        return memory.get(U64, at);
    }

    /** The generation that stands in a sector's stamp. */
    static long generation(MemorySegment memory, long at) {
        return memory.get(U64, at + GENERATION);
    }

    private static long begin(long sector, long generation) {
        long mixed = (sector + 1) * MULTIPLIER ^ Long.rotateLeft((generation + 1) * STEP, 31);
        return mixed * MULTIPLIER;
    }

    private static long add(long sum, long value) {
        return (Long.rotateLeft(sum, 7) ^ value) * MULTIPLIER;
    }
}
