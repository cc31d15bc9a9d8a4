package dev.ringside.bdev.scsi.host;

import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.pci.PciFunction;
import java.util.Set;

/** A driver of a family of adapters, as the composition root knows it. Control plane; any thread. */
public interface ScsiHostDriverProvider {

    /**
     * An adapter's kind.
     *
     * @param vendor 16 bits of the PCI vendor id
     * @param device 16 bits of the PCI device id
     */
    record PciId(int vendor, int device) {}

    /** Name of the driver, such as {@code mptsas}. */
    String name();

    /** Which adapters it drives. */
    Set<PciId> ids();

    /**
     * Makes a driver for one adapter; does not touch it yet.
     *
     * @param function given over, also when this throws
     * @throws ScsiHostException UNSUPPORTED if it is none of its adapters after all
     */
    ScsiHostDriver open(PciFunction function) throws ScsiHostException;

    /** Whether it drives an adapter. */
    default boolean drives(PciDevice device) {
        return ids().contains(new PciId(device.vendor(), device.device()));
    }
}
