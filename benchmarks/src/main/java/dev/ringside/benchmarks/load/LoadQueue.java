package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one queue: chooses them, writes them into slots that were described once, and looks at how they ended.
 * Belongs to one thread. What a request needs lies in one cache line of its slot: header, status.
 */
public final class LoadQueue {
    private static final int LINE = 64;
    private static final int STATUS = BlkLayout.HEADER_BYTES;

    /** What the status byte is before the device writes it. */
    private static final byte NO_STATUS = (byte) 0xee;

    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SlotRing ring;
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

    private final MemorySegment control;
    private final MemorySegment data;
    private final int dataStride;
    private final @Nullable BlockLedger ledger;
    private final Findings findings = new Findings();
    private final long[] block;
    private final boolean[] reading;
    private final BlockPicker picker;

    /**
     * Makes a queue's slots in guest memory.
     *
     * @param part number of the queue, from 0; it has that part of the disk for its own
     * @param rangeBytes bytes of the disk that all queues use
     */
    public LoadQueue(GuestRam ram, SlotRing ring, Workload workload, int part, long rangeBytes) {
        this.ring = ring;
        this.depth = workload.depth();
        this.blockSize = workload.blockSize();
        this.sectorsPerBlock = blockSize / Workload.SECTOR;
        this.blocks = blocksOf(workload, rangeBytes);
        this.firstSector = part * blocks * sectorsPerBlock;
        this.random = workload.pattern().random();
        this.trim = workload.pattern() == Pattern.TRIM;
        this.readShare = ((long) workload.readPercent() << 31) / 100;
        this.mixed = workload.reads() && workload.writes();
        this.dataStride = trim ? LINE : blockSize;
        this.picker = new BlockPicker(part, blocks);
        this.ledger = workload.verify() ? new BlockLedger(Math.toIntExact(blocks)) : null;
        this.block = new long[depth];
        this.reading = new boolean[depth];
        long controlAddress = ram.allocate((long) depth * LINE, LINE);
        long dataAddress = ram.allocate((long) depth * dataStride, 4096);
        this.control = ram.at(controlAddress, (long) depth * LINE);
        this.data = ram.at(dataAddress, (long) depth * dataStride);
        for (int slot = 0; slot < depth; slot++) {
            long line = controlAddress + (long) slot * LINE;
            int bytes = trim ? BlkLayout.SEGMENT_BYTES : blockSize;
            ring.describe(slot, line, dataAddress + (long) slot * dataStride, bytes, line + STATUS);
        }
        for (long at = 0; at < data.byteSize(); at += Long.BYTES) {
            data.set(U64, at, picker.draw());
        }
    }

    /** Blocks of one queue's part of the disk. */
    static long blocksOf(Workload workload, long rangeBytes) {
        return rangeBytes / workload.queues() / workload.blockSize();
    }

    /** Bytes of guest memory that a queue takes, its ring not counted. */
    static long memoryBytes(Workload workload) {
        return (long) workload.depth() * (2 * LINE + workload.blockSize()) + 3 * 4096;
    }

    /** The driver's side of the ring. */
    SlotRing ring() {
        return ring;
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
            BlockStamp.write(data, (long) slot * dataStride, blockSize, sector, ledger.written((int) at));
        }
        block[slot] = at;
        reading[slot] = read;
        long line = (long) slot * LINE;
        long type = read ? BlkLayout.T_IN : BlkLayout.T_OUT;
        if (trim) {
            type = BlkLayout.T_DISCARD;
            long segment = (long) slot * dataStride;
            data.set(U64, segment, sector);
            data.set(U32, segment + 8, sectorsPerBlock);
            data.set(U32, segment + 12, 0);
        }
        control.set(U64, line, type);
        control.set(U64, line + BlkLayout.FIRST_SECTOR, sector);
        control.set(ValueLayout.JAVA_BYTE, line + STATUS, NO_STATUS);
        ring.add(slot, read);
    }

    /** Looks at how a request ended. */
    void finish(int slot) {
        byte status = control.get(ValueLayout.JAVA_BYTE, (long) slot * LINE + STATUS);
        if (status != BlkLayout.S_OK) {
            failed(slot, status);
        }
        if (ledger != null) {
            if (status == BlkLayout.S_OK && reading[slot]) {
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
        long at = (long) slot * dataStride;
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

    private void failed(int slot, byte status) {
        findings.ioError();
        if (!findings.wantsCase()) {
            return;
        }
        String what = switch (status) {
            case BlkLayout.S_IOERR -> "VIRTIO_BLK_S_IOERR";
            case BlkLayout.S_UNSUPP -> "VIRTIO_BLK_S_UNSUPP";
            case NO_STATUS -> "no status byte written";
            default -> "status " + Byte.toUnsignedInt(status);
        };
        findings.tell((reading[slot] ? "read" : trim ? "discard" : "write") + " of " + blockSize + " bytes at sector "
                + sector(slot) + ": " + what);
    }

    private long sector(int slot) {
        return firstSector + block[slot] * sectorsPerBlock;
    }

    /** Blocks of this queue's part of the disk. */
    long blocks() {
        return blocks;
    }
}
