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
     * Changes the size. An access to a mapping beyond it is an {@link InternalError} then.
     *
     * @param size in bytes
     * @throws LinuxException such as EINVAL for a negative size, EPERM for a sealed file
     */
    public static void truncate(Fd fd, long size) throws LinuxException {
        Kernel.check("ftruncate", Kernel.ftruncate(fd.number(), size));
    }
}
