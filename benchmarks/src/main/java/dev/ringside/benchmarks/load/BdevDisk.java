package dev.ringside.benchmarks.load;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoType;
import dev.ringside.daemon.embedded.ConfiguredDisks;
import dev.ringside.env.dma.DmaSpace.DmaRegion;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk of a daemon's configuration, in this process. Control plane, one thread. */
public final class BdevDisk implements LoadedDisk, AutoCloseable {
    private static final long PAGE = 4096;

    private final ConfiguredDisks disks;
    private final BdevInfo info;
    private final List<BdevPath> paths = new ArrayList<>();
    private @Nullable BdevHandle handle;
    private @Nullable Mapping memory;
    private @Nullable DmaRegion reached;

    private BdevDisk(ConfiguredDisks disks, BdevInfo info) {
        this.disks = disks;
        this.info = info;
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
            return new BdevDisk(disks, disks.registry().find(name).info());
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

    /** The disk's name. */
    public String name() {
        return info.name();
    }

    /** How it is driven. */
    public BdevSetting setting() {
        return new BdevSetting(info.productName(), info.blockSize());
    }

    /**
     * A loop for each queue, which has a channel of its own. Once.
     *
     * @param workload with the range that is used
     * @throws IOException if the disk cannot be opened, or there is no memory
     */
    public List<LoadLoop> load(Workload workload) throws IOException {
        handle = open(workload.writes() || workload.fill());
        long each = (long) workload.depth() * workload.blockSize();
        long room = (each + PAGE - 1) & -PAGE;
        MemorySegment data = allocate(room * workload.queues());
        List<LoadLoop> loops = new ArrayList<>();
        for (int part = 0; part < workload.queues(); part++) {
            BdevPath path = new BdevPath(handle, workload, data.asSlice(part * room, each));
            paths.add(path);
            loops.add(new LoadLoop(new LoadQueue(path, workload, part, workload.rangeBytes()), workload));
        }
        return loops;
    }

    private BdevHandle open(boolean write) throws IOException {
        try {
            return disks.registry().open(info.name(), write, event -> {});
        } catch (BdevException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Memory that a drive reaches, so that it copies nothing. */
    private MemorySegment allocate(long bytes) throws LinuxException {
        Mapping mapping = Mapping.anonymous(bytes);
        memory = mapping;
        reached = disks.dma().add(mapping.segment());
        return mapping.segment();
    }

    @Override
    public void close() {
        if (!paths.stream().allMatch(BdevPath::isClosed)) {
            // A request that never came back may still use all of it; the process is about to end.
            return;
        }
        if (handle != null) {
            handle.close();
        }
        if (reached != null) {
            disks.dma().remove(reached);
        }
        disks.close();
        if (memory != null) {
            memory.close();
        }
    }
}
