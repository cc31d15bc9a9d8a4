package dev.ringside.env.pci;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A PCI function, as sysfs described it at some time.
 *
 * @param vendor 16 bits
 * @param device 16 bits
 * @param classCode 24 bits: class, subclass, programming interface
 * @param driver name of the kernel's driver that has it
 * @param iommuGroup number of its group; empty for one behind no IOMMU
 * @param noIommu whether it is behind no IOMMU, and VFIO has made its group for want of one
 * @param vfioDevice name of its own node below /dev/vfio/devices; empty unless vfio-pci has it, and the kernel makes such nodes
 * @param numaNode empty where the system does not say
 */
public record PciDevice(
        PciAddress address,
        int vendor,
        int device,
        int classCode,
        Optional<String> driver,
        OptionalInt iommuGroup,
        boolean noIommu,
        Optional<String> vfioDevice,
        OptionalInt numaNode) {

    /** Class code of an NVMe controller: mass storage, non-volatile memory, NVM Express I/O controller. */
    public static final int NVME_CLASS = 0x010802;

    /** The base class in the class code: mass storage controllers. */
    public static final int MASS_STORAGE = 0x01;

    /** Whether this is an NVMe controller. */
    public boolean isNvme() {
        return classCode == NVME_CLASS;
    }

    /** Whether this is a controller of disks of any kind. */
    public boolean isMassStorage() {
        return classCode >>> 16 == MASS_STORAGE;
    }
}
