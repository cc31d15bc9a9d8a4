package dev.ringside.benchmarks.load;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one queue: chooses them, stamps what they write where that is verified, and looks at how they ended. Belongs
 * to one thread.
 */
final class ChosenRequests extends LoadQueue {
    private final BlockPath path;
    private final int blockSize;
    private final int sectorsPerBlock;
    private final long firstSector;
    /** What a request that does not read does, for messages. */
    private final String change;

    private final MemorySegment data;
    private final @Nullable BlockLedger ledger;
    private final long[] block;
    private final boolean[] reading;
    private final BlockPicker picker;

    /**
     * Chooses requests for the slots of a path.
     *
     * @param part number of the queue, from 0; it has that part of the disk for its own
     * @param rangeBytes bytes of the disk that all queues use
     */
    ChosenRequests(BlockPath path, Workload workload, int part, long rangeBytes) {
        super(path, workload.depth());
        this.path = path;
        this.blockSize = workload.blockSize();
        this.sectorsPerBlock = blockSize / Workload.SECTOR;
        this.picker = new BlockPicker(workload.withRange(rangeBytes), part);
        this.firstSector = part * picker.blocks() * sectorsPerBlock;
        this.change = switch (workload.pattern()) {
            case TRIM -> "discard";
            case COPY -> "copy";
            case READ, WRITE, RANDREAD, RANDWRITE, RANDRW -> "write";
        };
        this.ledger = workload.verify() ? new BlockLedger(Math.toIntExact(picker.blocks())) : null;
        this.block = new long[workload.depth()];
        this.reading = new boolean[workload.depth()];
        this.data = path.data();
        if (workload.pattern().movesData()) {
            picker.fill(data);
        }
    }

    @Override
    void start(int slot) {
        boolean read = picker.reads();
        start(slot, picker.next(), read);
    }

    @Override
    void start(int slot, long wanted, boolean read) {
        long at = wanted;
        if (ledger != null) {
            at = ledger.claim((int) wanted);
        }
        long sector = firstSector + at * sectorsPerBlock;
        if (ledger != null && !read) {
            BlockStamp.write(data, (long) slot * blockSize, blockSize, sector, ledger.written((int) at));
        }
        block[slot] = at;
        reading[slot] = read;
        path.add(slot, read, sector);
    }

    @Override
    void finish(int slot) {
        boolean good = path.succeeded(slot);
        if (!good) {
            failed(slot);
        }
        if (ledger != null) {
            if (good && reading[slot]) {
                check(slot, ledger.generation((int) block[slot]));
            }
            ledger.release((int) block[slot]);
        }
    }

    private void check(int slot, int generation) {
        if (generation == 0) {
            return;
        }
        findings().verified();
        long at = (long) slot * blockSize;
        long sector = sector(slot);
        int bad = BlockStamp.check(data, at, blockSize, sector, generation);
        if (bad != BlockStamp.GOOD) {
            mismatch(at + (long) bad * Workload.SECTOR, sector + bad, generation);
        }
    }

    private void mismatch(long at, long sector, int generation) {
        findings().verifyError();
        if (!findings().wantsCase()) {
            return;
        }
        long foundSector = BlockStamp.sector(data, at);
        long foundGeneration = BlockStamp.generation(data, at);
        String what = foundSector == sector && foundGeneration == generation
                ? "its checksum is wrong"
                : "it says sector " + Long.toUnsignedString(foundSector) + " generation "
                        + Long.toUnsignedString(foundGeneration);
        findings()
                .tell("sector " + sector + " should hold generation " + generation + " of what was written there; "
                        + what);
    }

    private void failed(int slot) {
        findings().ioError();
        if (findings().wantsCase()) {
            findings()
                    .tell((reading[slot] ? "read" : change) + " of " + blockSize + " bytes at sector " + sector(slot)
                            + ": " + path.failure(slot));
        }
    }

    private long sector(int slot) {
        return firstSector + block[slot] * sectorsPerBlock;
    }

    @Override
    long next(long from, boolean read) {
        if (from >= picker.blocks()) {
            return BlockLedger.END;
        }
        return read && ledger != null ? ledger.next((int) from) : from;
    }
}
