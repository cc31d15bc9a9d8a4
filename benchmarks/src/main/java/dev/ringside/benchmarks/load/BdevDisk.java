package dev.ringside.benchmarks.load;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.daemon.embedded.ConfiguredDisks;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.dma.DmaSpace.DmaRegion;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk of the block layer in this process. Control plane, one thread. */
public final class BdevDisk implements LoadedDisk, AutoCloseable {
    private static final long PAGE = 4096;

    private final BdevRegistry registry;
    private final DmaSpace dma;
    private final Runnable destroying;
    private final Bdev bdev;
    private final BdevInfo info;
    private final List<BdevPath> paths = new ArrayList<>();
    private final List<HardwareQueue> bare = new ArrayList<>();
    private @Nullable BdevHandle handle;
    private @Nullable Mapping memory;
    private @Nullable DmaRegion reached;

    /**
     * Finds a disk.
     *
     * @param name of the disk, or an alias
     * @param dma what the registry's drives reach
     * @param destroying what destroys the disks, when nobody has one open any more
     * @throws BdevException ENODEV if there is none of that name; the disks are left alone
     */
    public BdevDisk(BdevRegistry registry, String name, DmaSpace dma, Runnable destroying) throws BdevException {
        this.registry = registry;
        this.dma = dma;
        this.destroying = destroying;
        this.bdev = registry.find(name).bdev();
        this.info = bdev.info();
    }

    /**
     * Makes the disks of a configuration and finds one.
     *
     * @param config in the layout of {@code ringside save-config}
     * @param name of the disk, or an alias
     * @throws IOException if the configuration is wrong
     * @throws IllegalArgumentException if it has no such disk
     */
    public static BdevDisk find(Path config, String name) throws IOException {
        ConfiguredDisks disks = ConfiguredDisks.make(config);
        try {
            return new BdevDisk(disks.registry(), name, disks.dma(), disks::close);
        } catch (BdevException e) {
            disks.close();
            throw new IllegalArgumentException("--bdev: " + e.getMessage() + " in " + config, e);
        }
    }

    @Override
    public long bytes() {
        return info.bytes();
    }

    @Override
    public int blockSize() {
        return info.blockSize();
    }

    @Override
    public boolean readOnly() {
        return info.readOnly();
    }

    @Override
    public boolean discards() {
        return info.supported().contains(IoType.UNMAP);
    }

    @Override
    public boolean copies() {
        return info.supported().contains(IoType.COPY);
    }

    /** The disk's name. */
    public String name() {
        return info.name();
    }

    /** How it is driven. */
    public BdevSetting setting() {
        return new BdevSetting(info.productName(), info.blockSize());
    }

    /** How its hardware is driven. */
    public HardwareSetting hardwareSetting() {
        return new HardwareSetting(info.productName(), info.blockSize());
    }

    /** An {@link IllegalArgumentException} if {@link #loadHardware} cannot load it. */
    public void requireHardware() {
        if (!(bdev instanceof NvmeBdev || bdev instanceof ScsiBdev)) {
            throw new IllegalArgumentException("--bdev " + info.name() + ": it is a " + info.productName()
                    + ", NVMe drives and SCSI disks are allowed");
        }
    }

    /**
     * A loop for each queue, which has a channel of its own. Once until {@link #release}.
     *
     * @param workload with the range that is used
     * @throws IOException if the disk cannot be opened, or there is no memory
     */
    public List<LoadLoop> load(Workload workload) throws IOException {
        BdevHandle opened = open(workload.writes() || workload.fill());
        handle = opened;
        List<LoadLoop> loops = new ArrayList<>();
        for (int part = 0; part < workload.queues(); part++) {
            BdevPath path = new BdevPath(opened, workload, part, data(workload, part));
            paths.add(path);
            loops.add(new LoadLoop(new ChosenRequests(path, workload, part, workload.rangeBytes()), workload));
        }
        return loops;
    }

    /**
     * A loop for each queue, which is one of the device's past the block layer. Once until {@link #release}, when a {@link
     * #load} has ended.
     *
     * @param workload as that one, or without what is filled
     * @throws IOException if the device has not so many queues, or is out of order
     * @throws IllegalArgumentException if it does not take such requests
     */
    public List<LoadLoop> loadHardware(Workload workload) throws IOException {
        List<LoadLoop> loops = new ArrayList<>();
        for (int part = 0; part < workload.queues(); part++) {
            HardwareQueue queue = openHardware(workload);
            bare.add(queue);
            BuiltRequests requests = new BuiltRequests(queue, workload, data(workload, part), part, info.blockSize());
            loops.add(new LoadLoop(requests, workload));
        }
        return loops;
    }

    private HardwareQueue openHardware(Workload workload) throws IOException {
        requireHardware();
        int requests = BuiltRequests.count(workload);
        return bdev instanceof ScsiBdev disk
                ? ScsiHardware.open(disk, workload, requests)
                : NvmeHardware.open((NvmeBdev) bdev, workload, requests);
    }

    /** The data of a queue's slots. */
    private MemorySegment data(Workload workload, int part) throws LinuxException {
        long each = (long) workload.depth() * workload.blockSize();
        long room = (each + PAGE - 1) & -PAGE;
        Mapping mapping = memory;
        if (mapping == null) {
            mapping = Mapping.anonymous(room * workload.queues());
            memory = mapping;
            // What a drive reaches it need not copy.
            reached = dma.add(mapping.segment());
        }
        return mapping.segment().asSlice(part * room, each);
    }

    private BdevHandle open(boolean write) throws IOException {
        try {
            return registry.open(info.name(), write, event -> {});
        } catch (BdevException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Gives back what loads have used, so that others can follow; when they have ended.
     *
     * @throws IOException if the disk has requests of them still, or a queue cannot be given back
     */
    public void release() throws IOException {
        if (inUse()) {
            throw new IOException("requests of the load before have not come back");
        }
        stop();
        forget();
    }

    /** Whether a request that never came back may still use memory. */
    private boolean inUse() {
        return !paths.stream().allMatch(BdevPath::isClosed);
    }

    /** Queues, and what the drive reaches. */
    private void stop() throws IOException {
        for (HardwareQueue queue : bare) {
            queue.close();
        }
        bare.clear();
        paths.clear();
        if (handle != null) {
            handle.close();
            handle = null;
        }
        if (reached != null) {
            dma.remove(reached);
            reached = null;
        }
    }

    private void forget() throws LinuxException {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (inUse()) {
            // All of it stays; the process is about to end.
            return;
        }
        stop();
        destroying.run();
        forget();
    }
}
