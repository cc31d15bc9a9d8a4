package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.env.pci.PciFunction;
import java.util.Set;

/** Drives Broadcom's adapters of the series 9300, 9400 and 9500. */
public final class Mpt3sasProvider implements ScsiHostDriverProvider {
    /** Name of the driver. */
    public static final String NAME = "mpt3sas";

    private static final int LSI_LOGIC = 0x1000;
    private static final Set<PciId> IDS = Set.of(
            new PciId(LSI_LOGIC, 0x0096), // SAS3004
            new PciId(LSI_LOGIC, 0x0097), // SAS3008
            new PciId(LSI_LOGIC, 0x00c4), // SAS3224
            new PciId(LSI_LOGIC, 0x00c9), // SAS3216
            new PciId(LSI_LOGIC, 0x00ac), // SAS3416
            new PciId(LSI_LOGIC, 0x00af), // SAS3408
            new PciId(LSI_LOGIC, 0x00d1), // SAS3616
            new PciId(LSI_LOGIC, 0x00e5), // SAS3816, configurable secure
            new PciId(LSI_LOGIC, 0x00e6)); // SAS3816, hard secure

    /** Makes one. */
    public Mpt3sasProvider() {}

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
        return new Mpt3sasDriver(function, MptPatience.DEFAULT);
    }
}
