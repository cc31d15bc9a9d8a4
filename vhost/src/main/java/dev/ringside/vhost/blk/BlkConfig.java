package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The config space of a virtio block device (virtio 1.2, 5.2.4), and the limits that stand in it.
 *
 * <pre>
 *   0 capacity (u64)              24 physical_block_exp (u8)   36 max_discard_sectors (u32)
 *   8 size_max (u32)              25 alignment_offset (u8)     40 max_discard_seg (u32)
 *  12 seg_max (u32)               26 min_io_size (u16)         44 discard_sector_alignment (u32)
 *  16 geometry                    28 opt_io_size (u32)         48 max_write_zeroes_sectors (u32)
 *  20 blk_size (u32)              32 writeback (u8)            52 max_write_zeroes_seg (u32)
 *                                 34 num_queues (u16)          56 write_zeroes_may_unmap (u8)
 * </pre>
 *
 * @param info the disk
 * @param readOnly whether the guest may not write, be it for the disk's or the controller's sake
 * @param queues as many as the device has
 * @param writeback whether a completed write may wait in the disk's cache
 */
public record BlkConfig(BdevInfo info, boolean readOnly, int queues, boolean writeback) {
    /** Offset of the byte that a guest may write: whether the disk's write cache is used. */
    public static final int WRITEBACK = 32;
    /** Most data segments of a request: with header and status, a chain of 128. */
    public static final int SEG_MAX = 126;
    /** Most segments of one DISCARD or WRITE_ZEROES. */
    public static final int MAX_RANGES = 32;
    /** Most sectors of one segment of DISCARD or WRITE_ZEROES: 2 GiB, a multiple of every block size. */
    public static final long MAX_RANGE_SECTORS = 1L << 22;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    /** The feature bits that describe the disk. */
    public long features() {
        long features = BlkLayout.SEG_MAX | BlkLayout.BLK_SIZE | BlkLayout.TOPOLOGY | BlkLayout.MQ;
        if (info.supported().contains(IoType.FLUSH)) {
            features |= BlkLayout.FLUSH;
            if (info.writeCache()) {
                features |= BlkLayout.CONFIG_WCE;
            }
        }
        if (readOnly) {
            return features | BlkLayout.RO;
        }
        if (info.supported().contains(IoType.UNMAP)) {
            features |= BlkLayout.DISCARD;
        }
        if (info.supported().contains(IoType.WRITE_ZEROES)) {
            features |= BlkLayout.WRITE_ZEROES;
        }
        return features;
    }

    /** Writes the fields of the offered features; the rest of the target is zero and stays so. */
    public void write(MemorySegment target) {
        int blockSectors = info.blockSize() / BlkLayout.SECTOR;
        target.set(U64, 0, info.numBlocks() * blockSectors);
        target.set(U32, 12, SEG_MAX);
        target.set(U32, 20, info.blockSize());
        int exponent = Integer.numberOfTrailingZeros(info.physicalBlockSize() / info.blockSize());
        target.set(ValueLayout.JAVA_BYTE, 24, (byte) exponent);
        target.set(U16, 26, (short) (1 << exponent));
        target.set(U32, 28, (int) info.limits().boundaryBlocks());
        target.set(U16, 34, (short) queues);
        long features = features();
        if ((features & BlkLayout.CONFIG_WCE) != 0) {
            target.set(ValueLayout.JAVA_BYTE, WRITEBACK, (byte) (writeback ? 1 : 0));
        }
        if ((features & BlkLayout.DISCARD) != 0) {
            target.set(U32, 36, (int) MAX_RANGE_SECTORS);
            target.set(U32, 40, MAX_RANGES);
            target.set(U32, 44, blockSectors);
        }
        if ((features & BlkLayout.WRITE_ZEROES) != 0) {
            target.set(U32, 48, (int) MAX_RANGE_SECTORS);
            target.set(U32, 52, MAX_RANGES);
            target.set(ValueLayout.JAVA_BYTE, 56, (byte) ((features & BlkLayout.DISCARD) != 0 ? 1 : 0));
        }
    }
}
