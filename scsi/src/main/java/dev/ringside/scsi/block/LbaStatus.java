package dev.ringside.scsi.block;

import dev.ringside.scsi.BigEndian;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a range of blocks is backed, as GET LBA STATUS tells it (SBC-4, 5.6.2).
 *
 * @param blocks 32 bits
 * @param state {@link #MAPPED} or {@link #DEALLOCATED}
 */
public record LbaStatus(long lba, long blocks, int state) {
    /** The blocks are backed, or it is not known. */
    public static final int MAPPED = 0;
    /** The blocks are not backed. */
    public static final int DEALLOCATED = 1;

    private static final int HEADER = 8;
    private static final int DESCRIPTOR = 16;

    /** The answer to GET LBA STATUS. */
    public static byte[] list(List<LbaStatus> ranges) {
        byte[] data = new byte[HEADER + ranges.size() * DESCRIPTOR];
        BigEndian.put32(data, 0, data.length - 4L);
        int at = HEADER;
        for (LbaStatus range : ranges) {
            BigEndian.put64(data, at, range.lba());
            BigEndian.put32(data, at + 8, range.blocks());
            data[at + 12] = (byte) range.state();
            at += DESCRIPTOR;
        }
        return data;
    }

    /** Reads the answer to GET LBA STATUS, of which {@code length} bytes are valid. */
    public static List<LbaStatus> parse(byte[] data, int length) {
        List<LbaStatus> ranges = new ArrayList<>();
        long end = length < HEADER ? 0 : Math.min(length, 4 + BigEndian.u32(data, 0));
        for (int at = HEADER; at + DESCRIPTOR <= end; at += DESCRIPTOR) {
            ranges.add(new LbaStatus(BigEndian.u64(data, at), BigEndian.u32(data, at + 8), data[at + 12] & 0xf));
        }
        return ranges;
    }
}
