package dev.ringside.env.vfio;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.pci.PciFunction;
import java.util.function.UnaryOperator;

/**
 * All devices that this process drives. Those behind an IOMMU reach one {@link DmaSpace}, with the memory of guests in it.
 * Those behind none, if they are allowed at all, have one of their own: only buffers that their drivers allocate are in it,
 * because nothing keeps other memory, which may be another process's, at its physical address. Control plane; any thread.
 */
public final class VfioHost {
    private final VfioDomain translated;
    private final VfioDomain physical = new VfioDomain(VfioMode.NO_IOMMU, new DmaSpace());
    private final UnaryOperator<PciFunction> before;
    private final boolean allowNoIommu;

    /**
     * Makes one without devices, for those behind an IOMMU.
     *
     * @param dma what the devices shall reach
     */
    public VfioHost(DmaSpace dma) {
        this(dma, UnaryOperator.identity(), false);
    }

    /**
     * Makes one without devices, with something between them and their drivers.
     *
     * @param dma what the devices shall reach, as long as they are behind an IOMMU
     * @param before makes of a device what its driver gets
     * @param allowNoIommu whether devices may be behind none, which can then write to all memory of the machine
     */
    public VfioHost(DmaSpace dma, UnaryOperator<PciFunction> before, boolean allowNoIommu) {
        this.translated = new VfioDomain(VfioMode.TYPE1, dma);
        this.before = before;
        this.allowNoIommu = allowNoIommu;
    }

    /** What the devices behind an IOMMU reach. */
    public DmaSpace dma() {
        return translated.dma();
    }

    /**
     * Takes a device.
     *
     * @throws LinuxException EBUSY if vfio-pci does not have it, another process does, or another device of its group is
     *     with the kernel; ENODEV if it is behind no IOMMU and that is not allowed; ENOMEM if not all memory can be locked
     *     that it has to reach
     */
    public PciFunction open(PciDevice device) throws LinuxException {
        String subject = device.address().toString();
        if (!device.driver().orElse("").equals(PciBus.VFIO_DRIVER)) {
            throw new LinuxException(
                    "attach",
                    subject,
                    Errno.EBUSY,
                    "it is with " + device.driver().orElse("no driver") + ": run 'ringside bind " + subject
                            + "' first");
        }
        if (device.iommuGroup().isEmpty() || (device.noIommu() && !allowNoIommu)) {
            throw new LinuxException(
                    "attach",
                    subject,
                    Errno.ENODEV,
                    "it is behind no IOMMU: switch it on in the firmware and on the kernel's command line"
                            + " (intel_iommu=on). Who accepts that the device can write to all memory of this machine"
                            + " starts the daemon with --allow-unsafe-noiommu");
        }
        VfioFunction function = (device.noIommu() ? physical : translated)
                .open(device, device.iommuGroup().getAsInt());
        try {
            return before.apply(function);
        } catch (RuntimeException e) {
            function.close();
            throw e;
        }
    }
}
