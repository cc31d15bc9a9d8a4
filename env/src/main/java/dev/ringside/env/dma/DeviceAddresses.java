package dev.ringside.env.dma;

/** Who decides what devices call memory: we do where an IOMMU translates, and the machine does where none is. */
public sealed interface DeviceAddresses permits Iommu, PhysicalMemory {}
