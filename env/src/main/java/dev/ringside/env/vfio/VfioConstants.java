package dev.ringside.env.vfio;

import dev.ringside.env.ffi.CConstants;

/** Constants of linux/vfio.h and linux/pci_regs.h. */
@CConstants
final class VfioConstants {
    static final int VFIO_API_VERSION = 0;
    static final int VFIO_TYPE1v2_IOMMU = 3;
    static final int VFIO_NOIOMMU_IOMMU = 8;

    static final int VFIO_GET_API_VERSION = 0x3b64;
    static final int VFIO_CHECK_EXTENSION = 0x3b65;
    static final int VFIO_SET_IOMMU = 0x3b66;
    static final int VFIO_GROUP_GET_STATUS = 0x3b67;
    static final int VFIO_GROUP_SET_CONTAINER = 0x3b68;
    static final int VFIO_GROUP_UNSET_CONTAINER = 0x3b69;
    static final int VFIO_GROUP_GET_DEVICE_FD = 0x3b6a;
    static final int VFIO_DEVICE_GET_INFO = 0x3b6b;
    static final int VFIO_DEVICE_GET_REGION_INFO = 0x3b6c;
    static final int VFIO_DEVICE_GET_IRQ_INFO = 0x3b6d;
    static final int VFIO_DEVICE_SET_IRQS = 0x3b6e;
    static final int VFIO_DEVICE_RESET = 0x3b6f;
    static final int VFIO_IOMMU_GET_INFO = 0x3b70;
    static final int VFIO_IOMMU_MAP_DMA = 0x3b71;
    static final int VFIO_IOMMU_UNMAP_DMA = 0x3b72;
    static final int VFIO_DEVICE_BIND_IOMMUFD = 0x3b76;
    static final int VFIO_DEVICE_ATTACH_IOMMUFD_PT = 0x3b77;

    static final int VFIO_GROUP_FLAGS_VIABLE = 1;
    static final int VFIO_DEVICE_FLAGS_RESET = 1;
    static final int VFIO_REGION_INFO_FLAG_MMAP = 4;

    static final int VFIO_PCI_BAR5_REGION_INDEX = 5;
    static final int VFIO_PCI_CONFIG_REGION_INDEX = 7;
    static final int VFIO_PCI_MSI_IRQ_INDEX = 1;
    static final int VFIO_PCI_MSIX_IRQ_INDEX = 2;
    static final int VFIO_PCI_REQ_IRQ_INDEX = 4;

    static final int VFIO_IRQ_SET_DATA_NONE = 1;
    static final int VFIO_IRQ_SET_DATA_EVENTFD = 4;
    static final int VFIO_IRQ_SET_ACTION_TRIGGER = 0x20;

    static final int VFIO_IOMMU_INFO_PGSIZES = 1;
    static final int VFIO_IOMMU_INFO_CAPS = 2;
    static final int VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE = 1;
    static final int VFIO_DMA_MAP_FLAG_READ = 1;
    static final int VFIO_DMA_MAP_FLAG_WRITE = 2;

    static final int PCI_COMMAND = 4;
    static final int PCI_COMMAND_MEMORY = 2;
    static final int PCI_COMMAND_MASTER = 4;

    private VfioConstants() {}
}
