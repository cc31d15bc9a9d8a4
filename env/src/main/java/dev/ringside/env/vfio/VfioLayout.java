package dev.ringside.env.vfio;

import dev.ringside.env.ffi.CExpression;
import dev.ringside.env.ffi.CStruct;

/** The structures of linux/vfio.h, in the byte order of the machine. */
final class VfioLayout {
    private VfioLayout() {}

    @CStruct("struct vfio_group_status")
    static final class GroupStatus {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int SIZE = 8;

        private GroupStatus() {}
    }

    @CStruct("struct vfio_device_info")
    static final class DeviceInfo {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int NUM_REGIONS = 8;
        static final int NUM_IRQS = 12;
        static final int CAP_OFFSET = 16;

        private DeviceInfo() {}
    }

    @CStruct("struct vfio_device_bind_iommufd")
    static final class BindIommufd {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int IOMMUFD = 8;

        /** Of its first version, which newer kernels take as well. */
        @CExpression("offsetof(struct vfio_device_bind_iommufd, out_devid) + 4")
        static final int SIZE = 16;

        private BindIommufd() {}
    }

    @CStruct("struct vfio_device_attach_iommufd_pt")
    static final class AttachIommufd {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int PT_ID = 8;

        /** Of its first version, which newer kernels take as well. */
        @CExpression("offsetof(struct vfio_device_attach_iommufd_pt, pt_id) + 4")
        static final int SIZE = 12;

        private AttachIommufd() {}
    }

    @CStruct("struct vfio_region_info")
    static final class RegionInfo {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int INDEX = 8;
        static final int CAP_OFFSET = 12;

        @CExpression("offsetof(struct vfio_region_info, size)")
        static final int SIZE_FIELD = 16;

        static final int OFFSET = 24;
        static final int SIZE = 32;

        private RegionInfo() {}
    }

    @CStruct("struct vfio_irq_info")
    static final class IrqInfo {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int INDEX = 8;
        static final int COUNT = 12;
        static final int SIZE = 16;

        private IrqInfo() {}
    }

    @CStruct("struct vfio_irq_set")
    static final class IrqSet {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int INDEX = 8;
        static final int START = 12;
        static final int COUNT = 16;
        static final int DATA = 20;
        static final int SIZE = 20;

        private IrqSet() {}
    }

    @CStruct("struct vfio_iommu_type1_info")
    static final class IommuInfo {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int IOVA_PGSIZES = 8;
        static final int CAP_OFFSET = 16;

        private IommuInfo() {}
    }

    @CStruct("struct vfio_info_cap_header")
    static final class Capability {
        static final int ID = 0;
        static final int NEXT = 4;
        static final int SIZE = 8;

        private Capability() {}
    }

    @CStruct("struct vfio_iommu_type1_info_cap_iova_range")
    static final class IovaRanges {
        static final int NR_IOVAS = 8;
        static final int IOVA_RANGES = 16;

        private IovaRanges() {}
    }

    @CStruct("struct vfio_iova_range")
    static final class IovaRange {
        static final int START = 0;
        static final int END = 8;
        static final int SIZE = 16;

        private IovaRange() {}
    }

    @CStruct("struct vfio_iommu_type1_dma_map")
    static final class DmaMap {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int VADDR = 8;
        static final int IOVA = 16;

        @CExpression("offsetof(struct vfio_iommu_type1_dma_map, size)")
        static final int SIZE_FIELD = 24;

        static final int SIZE = 32;

        private DmaMap() {}
    }

    @CStruct("struct vfio_iommu_type1_dma_unmap")
    static final class DmaUnmap {
        static final int ARGSZ = 0;
        static final int FLAGS = 4;
        static final int IOVA = 8;

        @CExpression("offsetof(struct vfio_iommu_type1_dma_unmap, size)")
        static final int SIZE_FIELD = 16;

        static final int SIZE = 24;

        private DmaUnmap() {}
    }
}
