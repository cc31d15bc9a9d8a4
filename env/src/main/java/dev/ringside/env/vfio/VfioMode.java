package dev.ringside.env.vfio;

/** How a container translates, if it does. */
enum VfioMode {
    /** Behind an IOMMU, of type 1 version 2. */
    TYPE1(VfioConstants.VFIO_TYPE1v2_IOMMU, "", "has no IOMMU of type 1 version 2: modprobe vfio_iommu_type1"),
    /** Not at all: devices use physical addresses, and reach everything. */
    NO_IOMMU(
            VfioConstants.VFIO_NOIOMMU_IOMMU,
            "noiommu-",
            "does not do without an IOMMU: modprobe vfio enable_unsafe_noiommu_mode=1");

    /** What VFIO_SET_IOMMU takes. */
    final int type;
    /** How the names of its groups below /dev/vfio begin. */
    final String groupPrefix;
    /** What is said of a kernel that does not have it. */
    final String absence;

    VfioMode(int type, String groupPrefix, String absence) {
        this.type = type;
        this.groupPrefix = groupPrefix;
        this.absence = absence;
    }
}
