package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.queue.UnitTraits;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.inquiry.BlockLimits;
import dev.ringside.scsi.inquiry.Vpd;
import java.util.Optional;

/**
 * What a disk says that it is.
 *
 * @param serial empty if it does not say
 * @param naa its NAA name in hexadecimal digits; empty if it has none
 * @param rotationRate in turns a minute; 1: it does not turn; 0: not told
 * @param readOnly whether it is write-protected
 * @param traits what it can do
 */
public record DiskDescription(
        String vendor,
        String product,
        String revision,
        String serial,
        Optional<String> naa,
        Capacity capacity,
        BlockLimits limits,
        int rotationRate,
        boolean readOnly,
        UnitTraits traits) {

    private static final String NAA = "naa.";
    private static final String T10 = "t10.";

    /** Whether a name is one that {@link #stableName} can be. */
    public static boolean isStableName(String name) {
        return name.startsWith(NAA) || name.startsWith(T10);
    }

    /** Whether what has the same stable name is the same disk. */
    boolean isUnique() {
        return naa.isPresent() || !serial.isEmpty();
    }

    /** Bytes of a logical block. */
    public int blockSize() {
        return capacity.blockSize();
    }

    /** Capacity in logical blocks. */
    public long numBlocks() {
        return capacity.numBlocks();
    }

    /** Whether seeks cost. */
    public boolean rotational() {
        return rotationRate != Vpd.SOLID;
    }

    /** The name that never changes: {@code naa.} and digits, or made of what else there is. */
    public String stableName() {
        return naa.map(digits -> NAA + digits).orElse(T10 + vendor + "." + product + "." + serial);
    }
}
