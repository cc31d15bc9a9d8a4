/** Devices that the kernel hands to this process through VFIO: registers, interrupts, and memory behind the IOMMU. */
package dev.ringside.env.vfio;
