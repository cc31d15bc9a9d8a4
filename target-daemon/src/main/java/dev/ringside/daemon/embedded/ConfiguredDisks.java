package dev.ringside.daemon.embedded;

import dev.ringside.bdev.BdevRegistry;
import dev.ringside.daemon.config.ConfigEntry;
import dev.ringside.daemon.config.ConfigException;
import dev.ringside.daemon.config.ConfigFile;
import dev.ringside.daemon.rpc.AllMethods;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.NvmeControllers;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.daemon.target.StartException;
import dev.ringside.daemon.target.Startup;
import dev.ringside.daemon.target.StopSignal;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The disks of a daemon's configuration, made in this process: no reactor, no guest and no control socket belongs to them.
 * Control plane, any thread.
 */
public final class ConfiguredDisks implements AutoCloseable {
    private static final String SUBSYSTEM = "bdev";
    /** Belongs to that subsystem, and makes no disk: what is loaded here is measured by others. */
    private static final String HISTOGRAMS = "bdev_enable_histogram";

    private final Disks disks = new Disks();
    private final DmaSpace dma = new DmaSpace();
    private final NvmeControllers nvme;
    private final ScsiHosts scsi;

    private ConfiguredDisks(ControlLock control) {
        VfioHost vfio = new VfioHost(dma);
        nvme = new NvmeControllers(disks, control, vfio);
        scsi = new ScsiHosts(disks, control, vfio, ScsiHosts.DRIVERS);
        nvme.start(IdleMode.POLL, 1);
        scsi.start(IdleMode.POLL);
    }

    /**
     * Makes all of a configuration's disks. What else stands in it, such as controllers for guests and histograms, is left out.
     *
     * @param config in the layout of {@code ringside save-config}
     * @throws IOException that names the file or the call in it which is wrong
     */
    public static ConfiguredDisks make(Path config) throws IOException {
        ControlLock control = new ControlLock();
        ConfiguredDisks made = new ConfiguredDisks(control);
        MethodRegistry methods = new MethodRegistry(FrameworkState.STARTUP);
        AllMethods.registerDisks(methods, made.disks, made.nvme, made.scsi, control);
        Startup startup = new Startup(methods, new StopSignal());
        try {
            List<ConfigEntry> entries = ConfigFile.read(config).stream()
                    .filter(entry -> entry.subsystem().equals(SUBSYSTEM)
                            && !entry.method().equals(HISTOGRAMS))
                    .toList();
            startup.prepare(entries, () -> {});
            startup.run();
            return made;
        } catch (ConfigException | StartException e) {
            made.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The registry in which they are. */
    public BdevRegistry registry() {
        return disks.registry();
    }

    /** What drives among them reach: memory that is added here is not copied on the way. */
    public DmaSpace dma() {
        return dma;
    }

    /** Destroys them; nobody has one open any more. */
    @Override
    public void close() {
        disks.close();
        scsi.close();
        nvme.close();
    }
}
