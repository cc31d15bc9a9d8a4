package dev.ringside.benchmarks.cli;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A target in this process with one disk behind a socket. */
final class DiskRig implements AutoCloseable {
    private final ReactorThread thread;
    private final VhostTarget target;
    private final Path directory;
    private final Path socket;

    private DiskRig(Bdev bdev, BlkSettings settings) throws Exception {
        int core = CpuSet.online().cores()[0];
        directory = Files.createTempDirectory("rs");
        thread = ReactorThread.start(core, IdleMode.ADAPTIVE, (name, failure) -> {});
        target = new VhostTarget(directory, List.of(thread.reactor()));
        BdevRegistry registry = new BdevRegistry();
        registry.register(bdev);
        String name = bdev.info().name();
        socket = target.createBlk(name, registry, name, settings, CpuSet.parse("[" + core + "]"))
                .socket();
    }

    static DiskRig of(Bdev bdev) throws Exception {
        return with(bdev, BlkSettings.DEFAULT);
    }

    static DiskRig readOnly(Bdev bdev) throws Exception {
        return with(bdev, BlkSettings.DEFAULT.withReadOnly(true));
    }

    static DiskRig with(Bdev bdev, BlkSettings settings) throws Exception {
        return new DiskRig(bdev, settings);
    }

    /** A RAM disk. */
    static MallocBdev malloc(int blockSize, int mib) throws Exception {
        return MallocBdev.create(new MallocOptions("disk", blockSize, ((long) mib << 20) / blockSize));
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        target.close();
        thread.close();
        Files.deleteIfExists(socket);
        Files.delete(directory);
    }
}
