package dev.ringside.env.vfio;

import dev.ringside.env.ffi.CStruct;

/** The structures of linux/iommufd.h, in the byte order of the machine. */
final class IommufdLayout {
    private IommufdLayout() {}

    @CStruct("struct iommu_ioas_alloc")
    static final class IoasAlloc {
        static final int OUT_IOAS_ID = 8;
        static final int SIZE = 12;

        private IoasAlloc() {}
    }

    @CStruct("struct iommu_ioas_iova_ranges")
    static final class IoasIovaRanges {
        static final int IOAS_ID = 4;
        static final int NUM_IOVAS = 8;
        static final int ALLOWED_IOVAS = 16;
        static final int OUT_IOVA_ALIGNMENT = 24;
        static final int SIZE = 32;

        private IoasIovaRanges() {}
    }

    @CStruct("struct iommu_ioas_map")
    static final class IoasMap {
        static final int FLAGS = 4;
        static final int IOAS_ID = 8;
        static final int USER_VA = 16;
        static final int LENGTH = 24;
        static final int IOVA = 32;
        static final int SIZE = 40;

        private IoasMap() {}
    }

    @CStruct("struct iommu_ioas_unmap")
    static final class IoasUnmap {
        static final int IOAS_ID = 4;
        static final int IOVA = 8;
        static final int LENGTH = 16;
        static final int SIZE = 24;

        private IoasUnmap() {}
    }
}
