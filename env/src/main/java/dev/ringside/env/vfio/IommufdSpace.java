package dev.ringside.env.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringside.env.dma.Iommu;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.vfio.IommufdLayout.IoasAlloc;
import dev.ringside.env.vfio.IommufdLayout.IoasIovaRanges;
import dev.ringside.env.vfio.IommufdLayout.IoasMap;
import dev.ringside.env.vfio.IommufdLayout.IoasUnmap;
import dev.ringside.env.vfio.VfioLayout.AttachIommufd;
import dev.ringside.env.vfio.VfioLayout.BindIommufd;
import dev.ringside.env.vfio.VfioLayout.IovaRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * An address space of iommufd (an IOAS, Linux's userspace-api/iommufd): whatever is mapped is reached by all devices that are
 * attached to it. One thread at a time; {@link #ranges} and {@link #pageSize} any thread.
 */
final class IommufdSpace implements Iommu, AutoCloseable {
    private static final long SMALL_PAGE = 4096;
    /** More ranges than any IOMMU is known to have. */
    private static final int MAX_RANGES = 64;

    private final LinuxFile file;
    private final int id;
    private volatile Usable usable = new Usable(List.of(), SMALL_PAGE);
    private long mappedBytes;

    /** What devices can use; each that is attached may narrow it. */
    private record Usable(List<Range> ranges, long pageSize) {}

    private IommufdSpace(LinuxFile file, int id) {
        this.file = file;
        this.id = id;
    }

    /**
     * Makes one without devices or mappings.
     *
     * @param path of iommufd's node
     * @throws LinuxException ENOENT or ENODEV if the kernel has no iommufd, EACCES, ENOMEM
     */
    static IommufdSpace open(Path path) throws LinuxException {
        LinuxFile file = LinuxFile.open(path, LinuxFile.RDWR, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment alloc = sized(arena, IoasAlloc.SIZE);
            VfioCalls.ioctl("IOMMU_IOAS_ALLOC", path.toString(), file.fd(), IommufdConstants.IOMMU_IOAS_ALLOC, alloc);
            return new IommufdSpace(file, alloc.get(JAVA_INT, IoasAlloc.OUT_IOAS_ID));
        } catch (LinuxException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Lets a device reach what is mapped, until its descriptor is closed.
     *
     * @param device of its own node, not by its group
     * @param subject what messages call it
     * @throws LinuxException EBUSY if somebody has the device's group, EPERM without isolated interrupts, EINVAL if the device
     *     cannot reach what is mapped
     */
    void attach(Fd device, String subject) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bind = sized(arena, BindIommufd.SIZE);
            bind.set(JAVA_INT, BindIommufd.IOMMUFD, file.fd().number());
            VfioCalls.ioctl("VFIO_DEVICE_BIND_IOMMUFD", subject, device, VfioConstants.VFIO_DEVICE_BIND_IOMMUFD, bind);
            MemorySegment attach = sized(arena, AttachIommufd.SIZE);
            attach.set(JAVA_INT, AttachIommufd.PT_ID, id);
            VfioCalls.ioctl(
                    "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
                    subject,
                    device,
                    VfioConstants.VFIO_DEVICE_ATTACH_IOMMUFD_PT,
                    attach);
            askRanges(arena);
        }
    }

    private void askRanges(Arena arena) throws LinuxException {
        MemorySegment list = arena.allocate((long) MAX_RANGES * IovaRange.SIZE, Long.BYTES);
        MemorySegment ask = sized(arena, IoasIovaRanges.SIZE);
        ask.set(JAVA_INT, IoasIovaRanges.IOAS_ID, id);
        ask.set(JAVA_INT, IoasIovaRanges.NUM_IOVAS, MAX_RANGES);
        ask.set(JAVA_LONG, IoasIovaRanges.ALLOWED_IOVAS, list.address());
        int result = VfioCalls.ioctl(file.fd(), IommufdConstants.IOMMU_IOAS_IOVA_RANGES, ask.address());
        // EMSGSIZE: there are more than fit, and those that fit are listed.
        if (result < 0 && result != -Errno.EMSGSIZE) {
            throw new LinuxException("IOMMU_IOAS_IOVA_RANGES", "", -result);
        }
        usable = new Usable(
                Type1Iommu.ranges(list, Math.min(ask.get(JAVA_INT, IoasIovaRanges.NUM_IOVAS), MAX_RANGES)),
                Math.max(SMALL_PAGE, ask.get(JAVA_LONG, IoasIovaRanges.OUT_IOVA_ALIGNMENT)));
    }

    @Override
    public long pageSize() {
        return usable.pageSize;
    }

    @Override
    public List<Range> ranges() {
        return usable.ranges;
    }

    @Override
    public void map(MemorySegment memory, long iova) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = sized(arena, IoasMap.SIZE);
            map.set(
                    JAVA_INT,
                    IoasMap.FLAGS,
                    IommufdConstants.IOMMU_IOAS_MAP_FIXED_IOVA
                            | IommufdConstants.IOMMU_IOAS_MAP_WRITEABLE
                            | IommufdConstants.IOMMU_IOAS_MAP_READABLE);
            map.set(JAVA_INT, IoasMap.IOAS_ID, id);
            map.set(JAVA_LONG, IoasMap.USER_VA, memory.address());
            map.set(JAVA_LONG, IoasMap.LENGTH, memory.byteSize());
            map.set(JAVA_LONG, IoasMap.IOVA, iova);
            int result = VfioCalls.ioctl(file.fd(), IommufdConstants.IOMMU_IOAS_MAP, map.address());
            if (result < 0) {
                throw refused(-result, memory.byteSize());
            }
        }
        mappedBytes += memory.byteSize();
    }

    @Override
    public void unmap(long iova, long bytes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment unmap = sized(arena, IoasUnmap.SIZE);
            unmap.set(JAVA_INT, IoasUnmap.IOAS_ID, id);
            unmap.set(JAVA_LONG, IoasUnmap.IOVA, iova);
            unmap.set(JAVA_LONG, IoasUnmap.LENGTH, bytes);
            VfioCalls.ioctl("IOMMU_IOAS_UNMAP", "", file.fd(), IommufdConstants.IOMMU_IOAS_UNMAP, unmap);
        }
        mappedBytes -= bytes;
    }

    /** Ends it; no device is attached any more. The kernel destroys the address space with the descriptor. */
    @Override
    public void close() {
        file.close();
    }

    private LinuxException refused(int errno, long bytes) {
        String advice = errno == Errno.ENOMEM
                ? MemlockLimit.advice(bytes, mappedBytes)
                        + "; iommufd counts what all processes of this user have locked"
                : "";
        return new LinuxException("IOMMU_IOAS_MAP", "of " + bytes + " bytes", errno, advice);
    }

    /** A structure of zeroes, whose first field says how large it is: so they all begin. */
    private static MemorySegment sized(Arena arena, int bytes) {
        MemorySegment structure = arena.allocate(bytes, Long.BYTES);
        structure.set(JAVA_INT, 0, bytes);
        return structure;
    }
}
