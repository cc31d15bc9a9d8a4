package dev.ringside.env.linux;

import java.lang.foreign.Arena;

/** Anonymous files in memory (memfd_create(2)), which can be mapped and passed to another process. */
public final class Memfd {
    private Memfd() {}

    /**
     * Makes one, full of zeroes.
     *
     * @param name what /proc shows, at most 249 bytes
     * @param size in bytes
     * @throws LinuxException such as EMFILE, ENOMEM
     */
    public static Fd create(String name, long size) throws LinuxException {
        return create(name, size, 0);
    }

    /** Makes one whose size may be {@linkplain #sealAgainstShrinking sealed}; otherwise as {@link #create(String, long)}. */
    public static Fd createSealable(String name, long size) throws LinuxException {
        return create(name, size, Mman.MFD_ALLOW_SEALING);
    }

    /** Makes one of huge pages of 2 MiB, of which there need not be any yet. */
    static Fd createHuge(String name, long size) throws LinuxException {
        // Both calls say the size of the pages in the same bits.
        return create(name, size, Mman.MFD_HUGETLB | Mman.MAP_HUGE_2MB);
    }

    private static Fd create(String name, long size, int flags) throws LinuxException {
        Fd fd;
        try (Arena arena = Arena.ofConfined()) {
            long text = arena.allocateFrom(name).address();
            int result = Kernel.memfdCreate(text, Mman.MFD_CLOEXEC | flags);
            fd = Fd.adopt(Kernel.check("memfd_create", name, result));
        }
        try {
            truncate(fd, size);
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
        return fd;
    }

    /**
     * Makes sure that nobody who has the file can make it shorter from now on (F_SEAL_SHRINK).
     *
     * @throws LinuxException EINVAL if it is no such file, EPERM if it does not allow that or cannot be written
     */
    public static void sealAgainstShrinking(Fd fd) throws LinuxException {
        int seals = Kernel.check("fcntl", Kernel.fcntl(fd.number(), Fcntl.F_GET_SEALS, 0));
        if ((seals & Fcntl.F_SEAL_SHRINK) == 0) {
            Kernel.check("fcntl", Kernel.fcntl(fd.number(), Fcntl.F_ADD_SEALS, Fcntl.F_SEAL_SHRINK));
        }
    }

    /**
     * Changes the size. An access to a mapping beyond it is an {@link InternalError} then.
     *
     * @param size in bytes
     * @throws LinuxException such as EINVAL for a negative size, EPERM for a sealed file
     */
    public static void truncate(Fd fd, long size) throws LinuxException {
        Kernel.check("ftruncate", Kernel.ftruncate(fd.number(), size));
    }
}
