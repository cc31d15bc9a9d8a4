package dev.ringside.env.linux;

import dev.ringside.env.ffi.CConstants;

/** Constants of mmap(2), madvise(2) and memfd_create(2). */
@CConstants
final class Mman {
    static final int PROT_NONE = 0;
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;

    static final int MAP_SHARED = 1;
    static final int MAP_PRIVATE = 2;
    static final int MAP_FIXED = 0x10;
    static final int MAP_ANONYMOUS = 0x20;
    static final int MAP_NORESERVE = 0x4000;
    static final int MAP_HUGETLB = 0x40000;
    static final int MAP_HUGE_2MB = 0x54000000;

    static final int MADV_DONTNEED = 4;
    static final int MADV_REMOVE = 9;
    static final int MADV_HUGEPAGE = 14;
    static final int MADV_COLLAPSE = 25;

    static final int MFD_CLOEXEC = 1;
    static final int MFD_ALLOW_SEALING = 2;
    static final int MFD_HUGETLB = 4;

    private Mman() {}
}
