package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The config space of a virtio block device (virtio 1.3, 5.2.4).
 *
 * <pre>
 *   0 capacity (u64)              25 alignment_offset (u8)         48 max_write_zeroes_sectors (u32)
 *   8 size_max (u32)              26 min_io_size (u16)             52 max_write_zeroes_seg (u32)
 *  12 seg_max (u32)               28 opt_io_size (u32)             56 write_zeroes_may_unmap (u8)
 *  16 geometry                    32 writeback (u8)                60 max_secure_erase_sectors (u32)
 *  20 blk_size (u32)              34 num_queues (u16)              64 max_secure_erase_seg (u32)
 *  24 physical_block_exp (u8)     36 max_discard_sectors (u32)     68 secure_erase_sector_alignment (u32)
 *                                 40 max_discard_seg (u32)
 *                                 44 discard_sector_alignment (u32)
 * </pre>
 *
 * @param info the disk
 * @param limits of its requests
 * @param readOnly whether the guest may not write, be it for the disk's or the controller's sake
 * @param queues as many as the device has
 * @param writeback whether a completed write may wait in the disk's cache
 */
public record BlkConfig(BdevInfo info, BlkLimits limits, boolean readOnly, int queues, boolean writeback) {
    /** Offset of the byte that a guest may write: whether the disk's write cache is used. */
    public static final int WRITEBACK = 32;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    /** The feature bits that describe the disk. */
    public long features() {
        long features = BlkLayout.SEG_MAX | BlkLayout.BLK_SIZE | BlkLayout.TOPOLOGY | BlkLayout.MQ;
        if (limits.sizeMax() > 0) {
            features |= BlkLayout.SIZE_MAX;
        }
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
        if (info.supported().contains(IoType.SECURE_ERASE)) {
            features |= BlkLayout.SECURE_ERASE;
        }
        return features;
    }

    /** Writes the fields of the offered features; the rest of the target is zero and stays so. */
    public void write(MemorySegment target) {
        int blockSectors = info.blockSize() / BlkLayout.SECTOR;
        target.set(U64, 0, info.numBlocks() * blockSectors);
        target.set(U32, 8, (int) limits.sizeMax());
        target.set(U32, 12, limits.segMax());
        target.set(U32, 20, info.blockSize());
        int exponent = Integer.numberOfTrailingZeros(info.physicalBlockSize() / info.blockSize());
        target.set(ValueLayout.JAVA_BYTE, 24, (byte) exponent);
        target.set(U16, 26, (short) (1 << exponent));
        target.set(U32, 28, (int) limits.optIoBlocks());
        target.set(U16, 34, (short) queues);
        long features = features();
        if ((features & BlkLayout.CONFIG_WCE) != 0) {
            target.set(ValueLayout.JAVA_BYTE, WRITEBACK, (byte) (writeback ? 1 : 0));
        }
        if ((features & BlkLayout.DISCARD) != 0) {
            target.set(U32, 36, (int) limits.discardSectors());
            target.set(U32, 40, BlkLimits.MAX_RANGES);
            target.set(U32, 44, (int) limits.discardAlignment());
        }
        if ((features & BlkLayout.WRITE_ZEROES) != 0) {
            target.set(U32, 48, (int) limits.zeroesSectors());
            target.set(U32, 52, BlkLimits.MAX_RANGES);
            target.set(ValueLayout.JAVA_BYTE, 56, (byte) ((features & BlkLayout.DISCARD) != 0 ? 1 : 0));
        }
        if ((features & BlkLayout.SECURE_ERASE) != 0) {
            target.set(U32, 60, (int) limits.eraseSectors());
            target.set(U32, 64, BlkLimits.MAX_RANGES);
            target.set(U32, 68, blockSectors);
        }
    }
}
