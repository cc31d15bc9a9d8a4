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

    /** Whether seeks cost. */
    public boolean rotational() {
        return rotationRate != Vpd.SOLID;
    }

    /** The name that never changes: {@code naa.} and digits, or made of what else there is. */
    public String stableName() {
        return naa.map(digits -> "naa." + digits).orElse("t10." + vendor + "." + product + "." + serial);
    }
}
