package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.env.pci.PciFunction;
import java.util.Set;

/** Drives LSI's SAS 1064, 1064E, 1068, 1068E and 1078. */
public final class MptsasProvider implements ScsiHostDriverProvider {
    /** Name of the driver. */
    public static final String NAME = "mptsas";

    private static final int LSI_LOGIC = 0x1000;
    private static final Set<PciId> IDS = Set.of(
            new PciId(LSI_LOGIC, 0x0050), // 1064
            new PciId(LSI_LOGIC, 0x0056), // 1064E
            new PciId(LSI_LOGIC, 0x0054), // 1068
            new PciId(LSI_LOGIC, 0x0058), // 1068E
            new PciId(LSI_LOGIC, 0x0062)); // 1078

    /** Makes one. */
    public MptsasProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<PciId> ids() {
        return IDS;
    }

    @Override
    public ScsiHostDriver open(PciFunction function) {
        return new MptsasDriver(function, MptPatience.DEFAULT);
    }
}
