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
import dev.ringside.vhost.scsi.unit.Naming;
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

    /** Serves a disk of the registry. */
    private interface Door {
        Path open(VhostTarget target, BdevRegistry registry, String name, CpuSet cpus) throws Exception;
    }

    private DiskRig(Bdev bdev, Door door) throws Exception {
        int core = CpuSet.online().cores()[0];
        directory = Files.createTempDirectory("rs");
        thread = ReactorThread.start(core, IdleMode.ADAPTIVE, (name, failure) -> {});
        target = new VhostTarget(directory, List.of(thread.reactor()));
        BdevRegistry registry = new BdevRegistry();
        registry.register(bdev);
        String name = bdev.info().name();
        socket = door.open(target, registry, name, CpuSet.parse("[" + core + "]"));
    }

    static DiskRig of(Bdev bdev) throws Exception {
        return with(bdev, BlkSettings.DEFAULT);
    }

    static DiskRig readOnly(Bdev bdev) throws Exception {
        return with(bdev, BlkSettings.DEFAULT.withReadOnly(true));
    }

    static DiskRig with(Bdev bdev, BlkSettings settings) throws Exception {
        return new DiskRig(
                bdev,
                (target, registry, name, cpus) ->
                        target.createBlk(name, registry, name, settings, cpus).socket());
    }

    /** Behind a SCSI controller. */
    static DiskRig scsi(Bdev bdev, int unitTarget, int lun) throws Exception {
        return new DiskRig(bdev, (target, registry, name, cpus) -> {
            Path socket = target.createScsi(name, cpus, false).socket();
            target.scsi(name).add(unitTarget, lun, registry, name, Naming.FROM_BDEV);
            return socket;
        });
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
