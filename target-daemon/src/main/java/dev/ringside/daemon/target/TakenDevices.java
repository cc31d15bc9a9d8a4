package dev.ringside.daemon.target;

import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.vfio.VfioHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log what becomes of devices. */
public final class TakenDevices {
    private static final Logger LOG = LoggerFactory.getLogger(VfioHost.class);

    private TakenDevices() {}

    /**
     * A device is driven from now on.
     *
     * @param way how the kernel gave it
     */
    public static void tell(PciFunction device, String way) {
        LOG.info("{} is driven through {}", device.address(), way);
        if (device.dma().physical()) {
            LOG.warn(
                    "{} is behind no IOMMU: it can change all memory of this machine. Requests of guests to it are copied",
                    device.address());
        }
    }
}
