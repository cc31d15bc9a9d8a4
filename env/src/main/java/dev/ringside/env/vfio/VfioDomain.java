package dev.ringside.env.vfio;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciDevice;

/** Devices of this process that reach the same memory, got in one of the kernel's ways. Any thread. */
interface VfioDomain {
    /** What its devices reach. */
    DmaSpace dma();

    /** Whether it has devices. */
    boolean inUse();

    /** Takes a device that vfio-pci has; as {@link VfioHost#open}. */
    VfioFunction open(PciDevice device) throws LinuxException;

    /** Which node a device is got by, for the log. */
    String way(PciDevice device);
}
