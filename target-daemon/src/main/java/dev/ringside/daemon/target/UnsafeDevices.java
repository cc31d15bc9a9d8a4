package dev.ringside.daemon.target;

import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.vfio.VfioHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Devices from which no IOMMU protects this machine. */
public final class UnsafeDevices {
    private static final Logger LOG = LoggerFactory.getLogger(VfioHost.class);

    private UnsafeDevices() {}

    /** Says in the log what an operator has accepted, if a device is one of these. */
    public static void warnOf(PciFunction device) {
        if (device.dma().physical()) {
            LOG.warn(
                    "{} is behind no IOMMU: it can change all memory of this machine. Requests of guests to it are copied",
                    device.address());
        }
    }
}
