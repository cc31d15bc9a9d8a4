package dev.ringside.env.dma;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The machine's own addresses, which devices behind no IOMMU use. Only huge pages of the system's pool keep theirs: the
 * kernel moves other pages when it likes, locked or not, to compact memory or to balance NUMA nodes. Where a page is stands in
 * /proc/self/pagemap (the kernel's admin-guide/mm/pagemap).
 */
public final class PhysicalMemory implements DeviceAddresses {
    /** Bytes of a huge page, which is in one piece. */
    static final long HUGE_PAGE = 2 << 20;

    private static final long SMALL_PAGE = 4096;
    private static final long PRESENT = 1L << 63;
    private static final long FRAME_MASK = (1L << 55) - 1;

    private final Path pagemap;

    /** This process's. */
    public PhysicalMemory() {
        this(Path.of("/proc/self/pagemap"));
    }

    /** One that is described in another place, for tests. */
    PhysicalMemory(Path pagemap) {
        this.pagemap = pagemap;
    }

    /**
     * Where memory is.
     *
     * @param pages whole huge pages of the system's pool
     * @return the physical address of its beginning; the rest follows
     * @throws LinuxException EPERM without CAP_SYS_ADMIN, EFAULT if the memory is not in one piece
     */
    long address(MemorySegment pages) throws LinuxException {
        for (long at = 0; at < pages.byteSize(); at += HUGE_PAGE) {
            // What nobody has touched is nowhere yet.
            pages.set(ValueLayout.JAVA_BYTE, at, pages.get(ValueLayout.JAVA_BYTE, at));
        }
        ByteBuffer entries = entries(pages.address(), (int) (pages.byteSize() / SMALL_PAGE));
        long first = frame(entries);
        for (long next = first + 1; entries.hasRemaining(); next++) {
            if (frame(entries) != next) {
                throw new LinuxException("find", "the place of memory", Errno.EFAULT, "it is not in one piece");
            }
        }
        return first * SMALL_PAGE;
    }

    private ByteBuffer entries(long address, int count) throws LinuxException {
        ByteBuffer entries = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.nativeOrder());
        long offset = address / SMALL_PAGE * Long.BYTES;
        try (FileChannel file = FileChannel.open(pagemap, StandardOpenOption.READ)) {
            while (entries.hasRemaining()) {
                if (file.read(entries, offset + entries.position()) < 0) {
                    throw new LinuxException("read", pagemap.toString(), Errno.EFAULT, "it ends too early");
                }
            }
        } catch (LinuxException e) {
            throw e;
        } catch (IOException e) {
            throw new LinuxException("read", pagemap.toString(), Errno.EIO, String.valueOf(e.getMessage()));
        }
        return entries.flip();
    }

    /** The next entry's page frame number, which the kernel shows as 0 to those who may not know it. */
    private long frame(ByteBuffer entries) throws LinuxException {
        long entry = entries.getLong();
        long frame = entry & FRAME_MASK;
        if ((entry & PRESENT) == 0 || frame == 0) {
            throw new LinuxException(
                    "read",
                    pagemap.toString(),
                    Errno.EPERM,
                    "it does not say where memory is: CAP_SYS_ADMIN is needed");
        }
        return frame;
    }
}
