package dev.ringside.env.vfio;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.pci.PciFunction;
import java.util.function.BooleanSupplier;

/**
 * All devices that this process drives. Those behind an IOMMU reach one {@link DmaSpace}, with the memory of guests in it.
 * The first of them decides how: by iommufd (VFIO_DEVICE_BIND_IOMMUFD, linux/vfio.h), or if the kernel does not give it in this
 * way, by its group; the others follow while there are any.
 * Those behind none, if they are allowed at all, have one of their own: only buffers that their drivers allocate are in it,
 * because nothing keeps other memory, which may be another process's, at its physical address. Control plane; any thread.
 */
public final class VfioHost {
    private final IommufdDomain iommufd;
    private final VfioDomain groups;
    private final VfioDomain physical = new GroupDomain(VfioMode.NO_IOMMU, new DmaSpace());
    private final Admission admission;
    private final BooleanSupplier allowNoIommu;

    /** Sees each device that is taken before its driver does. */
    public interface Admission {
        /**
         * Makes of a device what its driver gets.
         *
         * @param way how it was taken, for the log: the kernel's node for it, and why that one
         */
        PciFunction admit(PciFunction device, String way);
    }

    /**
     * Makes one without devices, for those behind an IOMMU.
     *
     * @param dma what the devices shall reach
     */
    public VfioHost(DmaSpace dma) {
        this(dma, (device, way) -> device, () -> false);
    }

    /**
     * Makes one without devices, with something between them and their drivers.
     *
     * @param dma what the devices shall reach, as long as they are behind an IOMMU
     * @param allowNoIommu whether devices may be behind none, which can then write to all memory of the machine; asked as each
     *     device is taken
     */
    public VfioHost(DmaSpace dma, Admission admission, BooleanSupplier allowNoIommu) {
        this(new IommufdDomain(dma), admission, allowNoIommu);
    }

    /** One with iommufd from another place, for tests. */
    VfioHost(IommufdDomain iommufd, Admission admission, BooleanSupplier allowNoIommu) {
        this.iommufd = iommufd;
        this.groups = new GroupDomain(VfioMode.TYPE1, iommufd.dma());
        this.admission = admission;
        this.allowNoIommu = allowNoIommu;
    }

    /** What the devices behind an IOMMU reach. */
    public DmaSpace dma() {
        return iommufd.dma();
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
        if (device.iommuGroup().isEmpty() || (device.noIommu() && !allowNoIommu.getAsBoolean())) {
            throw new LinuxException(
                    "attach",
                    subject,
                    Errno.ENODEV,
                    "it is behind no IOMMU: switch it on in the firmware and on the kernel's command line"
                            + " (intel_iommu=on). Who accepts that the device can write to all memory of this machine"
                            + " starts the daemon with --allow-unsafe-noiommu");
        }
        return device.noIommu() ? admit(device, physical, "") : openTranslated(device);
    }

    private synchronized PciFunction openTranslated(PciDevice device) throws LinuxException {
        if (groups.inUse()) {
            return admit(device, groups, ", as the devices before it");
        }
        try {
            return admit(device, iommufd, "");
        } catch (NoIommufdException e) {
            // One that can only be got by its group cannot join those that cannot.
            if (iommufd.inUse()) {
                throw e;
            }
            try {
                return admit(device, groups, ", without iommufd: " + e.getMessage());
            } catch (LinuxException other) {
                other.addSuppressed(e);
                throw other;
            }
        }
    }

    private PciFunction admit(PciDevice device, VfioDomain domain, String why) throws LinuxException {
        VfioFunction function = domain.open(device);
        try {
            return admission.admit(function, domain.way(device) + why);
        } catch (RuntimeException e) {
            function.close();
            throw e;
        }
    }
}
