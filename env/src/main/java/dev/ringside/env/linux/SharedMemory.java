package dev.ringside.env.linux;

/**
 * Memory of this process that can be handed to another one by a descriptor: a file in memory, mapped. From 2 MiB on it is
 * made of huge pages where it can be, and then all of it is taken at once.
 */
public final class SharedMemory implements AutoCloseable {
    private static final long SMALL_PAGE = 4096;
    private static final long HUGE_PAGE = 2 << 20;

    private final Fd file;
    private final Mapping mapping;

    private SharedMemory(Fd file, Mapping mapping) {
        this.file = file;
        this.mapping = mapping;
    }

    /**
     * Makes fresh memory, zeroed.
     *
     * @param name what /proc shows, at most 249 bytes
     * @param length in bytes, at least 1
     * @throws LinuxException ENOMEM, EMFILE
     */
    public static SharedMemory create(String name, long length) throws LinuxException {
        if (length < HUGE_PAGE) {
            return map(Memfd.create(name, roundUp(length, SMALL_PAGE)), length, false);
        }
        long size = roundUp(length, HUGE_PAGE);
        try {
            return map(Memfd.createHuge(name, size), length, true);
        } catch (LinuxException e) {
            // There is no pool of huge pages, or it is too small.
            SharedMemory memory = map(Memfd.create(name, size), length, false);
            memory.mapping.fillWithHugePages();
            return memory;
        }
    }

    /**
     * Takes over memory that another process made.
     *
     * @param file closed with this object, and when this throws
     * @param length as it was made
     * @throws LinuxException EINVAL when the file is shorter, or what mmap(2) says
     */
    public static SharedMemory adopt(Fd file, long length) throws LinuxException {
        FileStatus status;
        try {
            status = FileStatus.of(file);
            if (status.size() < length) {
                throw new LinuxException(
                        "mmap", "of " + length + " bytes", Errno.EINVAL, "the file has " + status.size() + " only");
            }
        } catch (LinuxException e) {
            file.close();
            throw e;
        }
        return map(file, length, length >= HUGE_PAGE && status.blockSize() >= HUGE_PAGE);
    }

    private static SharedMemory map(Fd file, long length, boolean hugetlb) throws LinuxException {
        try {
            return new SharedMemory(file, Mapping.ofMemory(file, length, hugetlb));
        } catch (LinuxException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }

    /** {@return the memory} */
    public Mapping mapping() {
        return mapping;
    }

    /** {@return the descriptor, which stays owned by this object} */
    public Fd file() {
        return file;
    }

    /** Lets go of the memory, which is free when nobody else has it; as {@link Mapping#close}. */
    @Override
    public void close() {
        mapping.close();
        file.close();
    }
}
