package dev.ringside.env.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A range of mapped memory (mmap(2)).
 *
 * <p>The segment is bounded and dies with the mapping, so that a use after {@link #close} is an
 * {@link IllegalStateException} and never a wild access. Raw addresses have no such guard: whoever was given one (the
 * kernel, a device) must be done with it before the close. Closing stops all threads for a moment (a shared arena does);
 * it is work for the control plane.
 */
public final class Mapping implements AutoCloseable {
    private static final long SMALL_PAGE = 4096;
    private static final MemorySegment ZEROES = Arena.global().allocate(64 << 10, 64);
    private static final long HUGE_PAGE = 2 << 20;
    private static final int NEVER = -1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private final PageKind pageKind;
    /** What gives pages back (madvise(2)); {@link #NEVER} for memory that is not ours alone. */
    private final int discardAdvice;

    private Mapping(long address, long length, long mappedLength, PageKind pageKind, int discardAdvice) {
        this.segment = MemorySegment.ofAddress(address)
                .reinterpret(length, arena, ignored -> Kernel.munmap(address, mappedLength));
        this.pageKind = pageKind;
        this.discardAdvice = discardAdvice;
    }

    /** The pages behind a mapping, with the name that users see. */
    private enum PageKind {
        HUGETLB("hugetlb"),
        TRANSPARENT("transparent-huge"),
        PLAIN("plain"),
        FILE("file");

        final String text;

        PageKind(String text) {
            this.text = text;
        }
    }

    /**
     * Maps a file, shared with whoever else maps it. The mapping stays when the descriptor is closed.
     *
     * @param fd an open file
     * @param offset into the file, in bytes, a multiple of its page size (4096, or that of a hugetlbfs file)
     * @param length in bytes, at least 1
     * @param writable whether the memory may be written
     * @throws LinuxException such as EACCES (not opened for writing), EINVAL (offset), ENODEV (cannot be mapped)
     */
    public static Mapping ofShared(Fd fd, long offset, long length, boolean writable) throws LinuxException {
        requireLength(length);
        int protection = writable ? Mman.PROT_READ | Mman.PROT_WRITE : Mman.PROT_READ;
        // munmap of hugetlbfs memory takes whole huge pages only, and the block size of such a file is its page size.
        long block = FileStatus.of(fd).blockSize();
        long mapped = roundUp(length, Long.bitCount(block) == 1 ? Math.max(SMALL_PAGE, block) : SMALL_PAGE);
        long address = Kernel.mmap(mapped, protection, Mman.MAP_SHARED | Mman.MAP_NORESERVE, fd.number(), offset);
        requireMapped(address, length);
        return new Mapping(address, length, mapped, PageKind.FILE, NEVER);
    }

    /**
     * Maps fresh memory, zeroed. From 2 MiB on it asks for huge pages (MAP_HUGETLB), then for transparent ones, and takes
     * plain ones where there is neither; {@link #pageKind} tells which came.
     *
     * @param length in bytes, at least 1
     * @throws LinuxException ENOMEM
     */
    public static Mapping anonymous(long length) throws LinuxException {
        requireLength(length);
        if (length < HUGE_PAGE) {
            long mapped = roundUp(length, SMALL_PAGE);
            long address = mapAnonymous(mapped, Mman.PROT_READ | Mman.PROT_WRITE);
            return new Mapping(address, length, mapped, PageKind.PLAIN, Mman.MADV_DONTNEED);
        }
        long mapped = roundUp(length, HUGE_PAGE);
        // With a reservation, so that a pool that is too small says so here and not as a SIGBUS later.
        long address = Kernel.mmap(
                mapped,
                Mman.PROT_READ | Mman.PROT_WRITE,
                Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_HUGETLB | Mman.MAP_HUGE_2MB,
                -1,
                0);
        if (address >= 0) {
            return new Mapping(address, length, mapped, PageKind.HUGETLB, Mman.MADV_DONTNEED);
        }
        address = mapAligned(mapped, Mman.PROT_READ | Mman.PROT_WRITE);
        boolean huge = Kernel.madvise(address, mapped, Mman.MADV_HUGEPAGE) == 0;
        PageKind kind = huge ? PageKind.TRANSPARENT : PageKind.PLAIN;
        return new Mapping(address, length, mapped, kind, Mman.MADV_DONTNEED);
    }

    /**
     * Maps a file in memory that is this process's own. From 2 MiB on it lies on a huge page's boundary, so that the huge
     * pages of the file can be used as such.
     *
     * @param file of {@link Memfd}, of whole huge pages if it has 2 MiB or more
     * @param hugetlb whether it is made of huge pages of the system's pool
     * @throws LinuxException ENOMEM, also when the pool is too small
     */
    static Mapping ofMemory(Fd file, long length, boolean hugetlb) throws LinuxException {
        requireLength(length);
        boolean large = length >= HUGE_PAGE;
        long mapped = roundUp(length, large ? HUGE_PAGE : SMALL_PAGE);
        int protection = Mman.PROT_READ | Mman.PROT_WRITE;
        if (!large || hugetlb) {
            // Of the pool with a reservation, so that one that is too small says so here and not as a SIGBUS later.
            long address = Kernel.mmap(mapped, protection, Mman.MAP_SHARED, file.number(), 0);
            requireMapped(address, length);
            PageKind kind = hugetlb ? PageKind.HUGETLB : PageKind.PLAIN;
            return new Mapping(address, length, mapped, kind, Mman.MADV_REMOVE);
        }
        long place = mapAligned(mapped, Mman.PROT_NONE);
        int flags = Mman.MAP_SHARED | Mman.MAP_FIXED | Mman.MAP_NORESERVE;
        long address = Kernel.mmapAt(place, mapped, protection, flags, file.number(), 0);
        if (address < 0) {
            Kernel.munmap(place, mapped);
        }
        requireMapped(address, length);
        boolean huge = Kernel.madvise(address, mapped, Mman.MADV_HUGEPAGE) == 0;
        return new Mapping(address, length, mapped, huge ? PageKind.TRANSPARENT : PageKind.PLAIN, Mman.MADV_REMOVE);
    }

    /**
     * Takes memory for the whole mapping, in huge pages even where the system has none for files in memory by itself
     * (MADV_COLLAPSE, Linux 6.1). Only for a mapping of {@link #ofMemory} that nobody uses yet.
     *
     * @return whether the kernel can do that
     */
    boolean fillWithHugePages() {
        for (long at = 0; at + HUGE_PAGE <= segment.byteSize(); at += HUGE_PAGE) {
            // There has to be a page for a huge one to be made of.
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
            int result = Kernel.madvise(address() + at, HUGE_PAGE, Mman.MADV_COLLAPSE);
            if (result != 0 && at == 0) {
                return false;
            }
        }
        return true;
    }

    private static long mapAnonymous(long length, int protection) throws LinuxException {
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE;
        long address = Kernel.mmap(length, protection, flags, -1, 0);
        requireMapped(address, length);
        return address;
    }

    /** Maps whole huge pages' worth on a huge page's boundary: maps one more, and gives back what sticks out. */
    private static long mapAligned(long length, int protection) throws LinuxException {
        long address = mapAnonymous(length + HUGE_PAGE, protection);
        long aligned = roundUp(address, HUGE_PAGE);
        if (aligned > address) {
            Kernel.munmap(address, aligned - address);
        }
        Kernel.munmap(aligned + length, address + HUGE_PAGE - aligned);
        return aligned;
    }

    /** {@return the memory; using it after {@link #close} is an {@link IllegalStateException}} */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Returns where the memory begins.
     *
     * @throws IllegalStateException when closed
     */
    public long address() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("the mapping is closed");
        }
        return segment.address();
    }

    /** {@return "hugetlb", "transparent-huge" (asked for; the kernel decides), "plain", or "file" for another's file} */
    public String pageKind() {
        return pageKind.text;
    }

    /** Whether it is made of huge pages of the system's pool, which stay where they are. */
    public boolean isHugetlb() {
        return pageKind == PageKind.HUGETLB;
    }

    /**
     * Zeroes a range and gives whole pages of it back to the system. Only for memory that is this process's own.
     *
     * @param offset in bytes
     * @param length in bytes
     * @throws IndexOutOfBoundsException when the range is not inside
     */
    public void discard(long offset, long length) {
        if (discardAdvice == NEVER) {
            throw new UnsupportedOperationException("only memory of our own can be discarded");
        }
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        long page = pageKind == PageKind.HUGETLB ? HUGE_PAGE : SMALL_PAGE;
        long start = roundUp(offset, page);
        long end = (offset + length) & -page;
        // Reads the scope first: the address of a closed mapping may be somebody else's by now.
        if (start >= end || Kernel.madvise(address() + start, end - start, discardAdvice) != 0) {
            zero(offset, length);
            return;
        }
        zero(offset, start - offset);
        zero(end, offset + length - end);
    }

    /** Fills a range without making a segment for it. */
    private void zero(long offset, long length) {
        while (length > 0) {
            long part = Math.min(length, ZEROES.byteSize());
            MemorySegment.copy(ZEROES, 0, segment, offset, part);
            offset += part;
            length -= part;
        }
    }

    /**
     * Unmaps, once, from any thread.
     *
     * @throws IllegalStateException when a thread is using the segment in a call right now; nothing is unmapped then
     */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static void requireLength(long length) {
        if (length < 1 || length > 1L << 46) {
            throw new IllegalArgumentException("a mapping has from 1 byte to 64 TiB, not " + length);
        }
    }

    private static void requireMapped(long address, long length) throws LinuxException {
        if (address < 0) {
            throw new LinuxException("mmap", "of " + length + " bytes", (int) -address);
        }
    }

    private static long roundUp(long value, long powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }
}
