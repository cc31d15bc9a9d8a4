package dev.ringside.env.vfio;

import dev.ringside.env.ffi.CConstants;

/** Constants of linux/iommufd.h. */
@CConstants
final class IommufdConstants {
    static final int IOMMU_IOAS_ALLOC = 0x3b81;
    static final int IOMMU_IOAS_IOVA_RANGES = 0x3b84;
    static final int IOMMU_IOAS_MAP = 0x3b85;
    static final int IOMMU_IOAS_UNMAP = 0x3b86;

    static final int IOMMU_IOAS_MAP_FIXED_IOVA = 1;
    static final int IOMMU_IOAS_MAP_WRITEABLE = 2;
    static final int IOMMU_IOAS_MAP_READABLE = 4;

    private IommufdConstants() {}
}
