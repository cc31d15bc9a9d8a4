package dev.ringside.scsi.block;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of blocks in the parameter list of UNMAP (SBC-4, 5.31.2).
 *
 * @param lba negative if the top bit of 64 is set
 * @param blocks 32 bits
 */
public record BlockRange(long lba, long blocks) {
    private static final int HEADER = 8;
    private static final int DESCRIPTOR = 16;

    /**
     * Reads the parameter list of UNMAP. A descriptor that is cut short is left out.
     *
     * @param most how many descriptors are allowed
     * @throws CheckCondition if the list has a part of a header only, or more descriptors
     */
    public static List<BlockRange> parse(byte[] list, int most) throws CheckCondition {
        if (list.length == 0) {
            return List.of();
        }
        if (list.length < HEADER) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        int count = Math.min(BigEndian.u16(list, 2), list.length - HEADER) / DESCRIPTOR;
        if (count > most) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(2)));
        }
        List<BlockRange> ranges = new ArrayList<>();
        for (int at = HEADER; ranges.size() < count; at += DESCRIPTOR) {
            ranges.add(new BlockRange(BigEndian.u64(list, at), BigEndian.u32(list, at + 8)));
        }
        return ranges;
    }

    /** Bytes of the parameter list with one range. */
    public static final int ONE_RANGE_BYTES = HEADER + DESCRIPTOR;

    /**
     * Writes the parameter list of UNMAP with one range; allocates nothing.
     *
     * @param list {@link #ONE_RANGE_BYTES}; bytes that are always 0 are left alone
     */
    public static void putOne(byte[] list, long lba, long blocks) {
        BigEndian.put16(list, 0, ONE_RANGE_BYTES - 2);
        BigEndian.put16(list, 2, DESCRIPTOR);
        BigEndian.put64(list, HEADER, lba);
        BigEndian.put32(list, HEADER + 8, blocks);
    }

    /** Makes the parameter list of UNMAP. */
    public static byte[] list(List<BlockRange> ranges) {
        byte[] list = new byte[HEADER + ranges.size() * DESCRIPTOR];
        BigEndian.put16(list, 0, list.length - 2);
        BigEndian.put16(list, 2, list.length - HEADER);
        int at = HEADER;
        for (BlockRange range : ranges) {
            BigEndian.put64(list, at, range.lba());
            BigEndian.put32(list, at + 8, range.blocks());
            at += DESCRIPTOR;
        }
        return list;
    }
}
