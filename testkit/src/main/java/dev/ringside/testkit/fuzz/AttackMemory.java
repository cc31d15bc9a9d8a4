package dev.ringside.testkit.fuzz;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The guest memory of an attack: one region for rings and headers, right behind it one for data, one that is large and
 * empty, and one that no descriptor gives to be written. The front of the data's file belongs to no region.
 */
final class AttackMemory implements AutoCloseable {
    /** Bytes of the region for rings, headers and tables. */
    static final long CONTROL_BYTES = 6L << 20;

    /** Bytes of the region for data. */
    static final long DATA_BYTES = 1L << 20;

    /** Bytes of the large region. */
    static final long LARGE_BYTES = 16L << 20;

    private static final long LARGE = 1L << 33;
    private static final long KEPT = 1L << 40;
    private static final int KEPT_BYTES = 4096;
    private static final long USER = GuestRam.USER_BASE;
    private static final long MARGIN = 8192;
    private static final byte MARK = (byte) 0xa5;

    private static final int DATA_REGION = 1;
    private static final int KEPT_REGION = 3;

    private final GuestRam ram;
    private final Mapping margin;
    private boolean whole = true;

    AttackMemory() throws LinuxException {
        ram = GuestRam.of(
                new GuestRegion.Layout(0, CONTROL_BYTES, USER, 0),
                new GuestRegion.Layout(CONTROL_BYTES, DATA_BYTES, USER + (64L << 20), MARGIN),
                new GuestRegion.Layout(LARGE, LARGE_BYTES, USER + (32L << 20), 0),
                new GuestRegion.Layout(KEPT, KEPT_BYTES, USER - (1L << 20), 0));
        try {
            margin = Mapping.ofShared(ram.region(DATA_REGION).file(), 0, MARGIN, true);
        } catch (LinuxException e) {
            ram.close();
            throw e;
        }
        margin.segment().fill(MARK);
        ram.region(KEPT_REGION).memory().fill(MARK);
    }

    GuestRam ram() {
        return ram;
    }

    /** The memory of the first region, in which addresses are offsets. */
    MemorySegment control() {
        return ram.region(0).memory();
    }

    /** Whether all memory is there, so that it can be touched. */
    boolean whole() {
        return whole;
    }

    /** Where data may be: mostly in its region, at times over the border, in the large region, or in the rings. */
    long buffer(Dice dice, int length) {
        return switch (dice.below(16)) {
            case 0 -> CONTROL_BYTES - length / 2;
            case 1 -> LARGE + dice.below(1 << 20) * 8L;
            case 2 -> dice.wrong() ? dice.below((int) CONTROL_BYTES) : CONTROL_BYTES + dice.below(4096);
            default -> CONTROL_BYTES + (long) dice.below((int) DATA_BYTES - Math.min(length, 1 << 19));
        };
    }

    /** Where a buffer may be that the device only reads. */
    long readable(Dice dice, int length) {
        return length <= KEPT_BYTES && dice.oneIn(16) ? KEPT : buffer(dice, length);
    }

    /** Where the large region begins, so large that a chain of it has more than 4 GiB. */
    long large() {
        return LARGE;
    }

    /** The regions as they are told; one in some number is not as it is, or is left out. */
    List<MemoryRegion> regions(Dice dice) {
        List<MemoryRegion> regions = new ArrayList<>();
        for (int i = 0; i < ram.regions().size(); i++) {
            MemoryRegion right = MemoryRegion.of(ram.region(i));
            if (dice.wrong()) {
                continue;
            }
            boolean bend = i != KEPT_REGION;
            regions.add(
                    bend
                            ? new MemoryRegion(
                                    dice.bent(right.guestAddress()),
                                    dice.bent(right.size()),
                                    dice.bent(right.userAddress()),
                                    dice.bent(right.mmapOffset()),
                                    right.fd())
                            : right);
        }
        return regions;
    }

    /** A region that is not in the table, in memory that is: its file is the data's. */
    MemoryRegion extra(Dice dice, int number) {
        return new MemoryRegion(
                dice.bent((1L << 36) + number * 8192L),
                dice.bent(4096L),
                dice.bent(USER + (1L << 32) + number * 4096L),
                dice.bent(MARGIN + 4096L * (number & 0x7f)),
                ram.region(DATA_REGION).file());
    }

    /** Shortens a file; nobody here may touch the memory from then on. */
    void truncate(Dice dice) throws LinuxException {
        whole = false;
        ram.region(dice.below(KEPT_REGION)).truncate(dice.below(4) * 4096L * dice.pick(1, 16));
    }

    /**
     * What has been written that nobody may write; empty if all is as it should be.
     *
     * @param asTold whether the regions were told as they are
     */
    String damage(boolean asTold) {
        if (ram.region(KEPT_REGION).memory().mismatch(MemorySegment.ofArray(marks(KEPT_BYTES))) >= 0) {
            return "a page was written that no descriptor gave to be written";
        }
        if (whole && asTold && margin.segment().mismatch(MemorySegment.ofArray(marks((int) MARGIN))) >= 0) {
            return "the file of a region was written outside of the region";
        }
        return "";
    }

    private static byte[] marks(int count) {
        byte[] marks = new byte[count];
        Arrays.fill(marks, MARK);
        return marks;
    }

    @Override
    public void close() {
        margin.close();
        ram.close();
    }
}
