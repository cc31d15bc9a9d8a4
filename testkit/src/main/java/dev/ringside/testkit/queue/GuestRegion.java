package dev.ringside.testkit.queue;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import java.lang.foreign.MemorySegment;

/** A contiguous range of guest-physical memory in a file of its own, as a front end describes it to a back end. */
public final class GuestRegion implements AutoCloseable {
    private static final long PAGE = 4096;

    private final Layout layout;
    private final Fd file;
    private final Mapping mapping;
    private long allocated;

    /**
     * Where a region is.
     *
     * @param guestAddress guest-physical, in bytes
     * @param bytes how long it is, a multiple of 4096
     * @param userAddress where the front end says that it has mapped it; any number, nothing is mapped there
     * @param fileOffset where it begins in its file, a multiple of 4096
     */
    public record Layout(long guestAddress, long bytes, long userAddress, long fileOffset) {}

    GuestRegion(Layout layout) throws LinuxException {
        this.layout = layout;
        this.file = Memfd.create("guest-ram", layout.fileOffset + layout.bytes);
        try {
            this.mapping = Mapping.ofShared(file, layout.fileOffset, layout.bytes, true);
        } catch (LinuxException e) {
            file.close();
            throw e;
        }
        // Address 0 of a region stays free: a zero that was meant as an address is then found.
        this.allocated = PAGE;
    }

    /** Where the region is. */
    public Layout layout() {
        return layout;
    }

    /** First guest-physical address. */
    public long guestAddress() {
        return layout.guestAddress;
    }

    /** Length in bytes. */
    public long bytes() {
        return layout.bytes;
    }

    /** The file behind the region; it stays the region's. */
    public Fd file() {
        return file;
    }

    /** The memory; offset 0 is {@link #guestAddress}. */
    public MemorySegment memory() {
        return mapping.segment();
    }

    /** Whether a range lies in this region. */
    public boolean holds(long address, long length) {
        long offset = address - layout.guestAddress;
        return offset >= 0 && offset <= layout.bytes && length <= layout.bytes - offset;
    }

    /** Shortens the file under everybody who has mapped it, as a hostile front end does. */
    public void truncate(long bytes) throws LinuxException {
        Memfd.truncate(file, bytes);
    }

    long allocate(long bytes, long alignment) {
        long start = (allocated + alignment - 1) & -alignment;
        if (start + bytes > layout.bytes) {
            throw new IllegalStateException("guest memory is full: " + bytes + " bytes are asked, "
                    + (layout.bytes - allocated) + " of " + layout.bytes + " are left");
        }
        allocated = start + bytes;
        return layout.guestAddress + start;
    }

    void freeAll() {
        allocated = PAGE;
    }

    @Override
    public void close() {
        mapping.close();
        file.close();
    }
}
