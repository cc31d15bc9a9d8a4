package dev.ringside.benchmarks.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one queue: chooses them, stamps what they write where that is verified, and looks at how they ended. Belongs
 * to one thread.
 */
public final class LoadQueue {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private final RequestPath path;
    private final int depth;
    private final int blockSize;
    private final int sectorsPerBlock;
    private final long firstSector;
    private final long blocks;
    private final boolean random;
    private final boolean trim;
    /** Reads among 2^31 requests. */
    private final long readShare;

    private final boolean mixed;

    private final MemorySegment data;
    private final @Nullable BlockLedger ledger;
    private final Findings findings = new Findings();
    private final long[] block;
    private final boolean[] reading;
    private final BlockPicker picker;

    /**
     * Chooses requests for the slots of a path.
     *
     * @param part number of the queue, from 0; it has that part of the disk for its own
     * @param rangeBytes bytes of the disk that all queues use
     */
    public LoadQueue(RequestPath path, Workload workload, int part, long rangeBytes) {
        this.path = path;
        this.depth = workload.depth();
        this.blockSize = workload.blockSize();
        this.sectorsPerBlock = blockSize / Workload.SECTOR;
        this.blocks = rangeBytes / workload.queues() / blockSize;
        this.firstSector = part * blocks * sectorsPerBlock;
        this.random = workload.pattern().random();
        this.trim = workload.pattern() == Pattern.TRIM;
        this.readShare = ((long) workload.readPercent() << 31) / 100;
        this.mixed = workload.reads() && workload.writes();
        this.picker = new BlockPicker(part, blocks);
        this.ledger = workload.verify() ? new BlockLedger(Math.toIntExact(blocks)) : null;
        this.block = new long[depth];
        this.reading = new boolean[depth];
        this.data = path.data();
        if (!trim) {
            for (long at = 0; at < data.byteSize(); at += Long.BYTES) {
                data.set(U64, at, picker.draw());
            }
        }
    }

    /** The way that the requests go. */
    RequestPath path() {
        return path;
    }

    int depth() {
        return depth;
    }

    Findings findings() {
        return findings;
    }

    /** What is known of each block; only if the load verifies. */
    BlockLedger ledger() {
        BlockLedger known = ledger;
        if (known == null) {
            throw new IllegalStateException("the load does not verify");
        }
        return known;
    }

    /** Adds the next request of the pattern in a slot. */
    void start(int slot) {
        boolean read = mixed ? picker.draw() >>> 33 < readShare : readShare != 0;
        start(slot, random ? picker.random() : picker.sequential(), read);
    }

    /** Adds a request in a slot. */
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

    /** Looks at how a request ended. */
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
        findings.verified();
        long at = (long) slot * blockSize;
        long sector = sector(slot);
        int bad = BlockStamp.check(data, at, blockSize, sector, generation);
        if (bad != BlockStamp.GOOD) {
            mismatch(at + (long) bad * Workload.SECTOR, sector + bad, generation);
        }
    }

    private void mismatch(long at, long sector, int generation) {
        findings.verifyError();
        if (!findings.wantsCase()) {
            return;
        }
        long foundSector = BlockStamp.sector(data, at);
        long foundGeneration = BlockStamp.generation(data, at);
        String what = foundSector == sector && foundGeneration == generation
                ? "its checksum is wrong"
                : "it says sector " + Long.toUnsignedString(foundSector) + " generation "
                        + Long.toUnsignedString(foundGeneration);
        findings.tell(
                "sector " + sector + " should hold generation " + generation + " of what was written there; " + what);
    }

    private void failed(int slot) {
        findings.ioError();
        if (findings.wantsCase()) {
            findings.tell((reading[slot] ? "read" : trim ? "discard" : "write") + " of " + blockSize
                    + " bytes at sector " + sector(slot) + ": " + path.failure(slot));
        }
    }

    private long sector(int slot) {
        return firstSector + block[slot] * sectorsPerBlock;
    }

    /** Blocks of this queue's part of the disk. */
    long blocks() {
        return blocks;
    }
}
