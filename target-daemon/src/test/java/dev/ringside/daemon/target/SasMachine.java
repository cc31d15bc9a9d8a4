package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.HostInfo;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.daemon.target.ScsiParts.Part;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.testkit.mpt3sas.Mpt3Model;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.scsi.unit.Naming;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** All that is between guests and the model of a SAS adapter, as the daemon has it: on two reactors, or one if it is polled without end. */
final class SasMachine implements AutoCloseable {
    static final PciAddress ADDRESS = new PciAddress(0, 5, 0, 0);

    private static final long DEADLINE_NS = 60_000_000_000L;
    private static final long PAUSE_NS = 100_000;

    final Mpt3Model model;
    final ScsiHosts hosts;
    final Disks disks = new Disks();
    final VhostTarget target;

    private final DmaSpace dma = new DmaSpace();
    private final ControlLock control = new ControlLock();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<ReactorThread> reactors = new ArrayList<>();
    private final Path directory = Files.createTempDirectory("rs");
    private final CpuSet cpus;

    SasMachine(Mpt3Settings settings, IdleMode idle, ScsiOptions options) throws Exception {
        int[] cores = CpuSet.online().cores();
        int count = idle == IdleMode.POLL ? 1 : 2;
        for (int i = 0; i < count; i++) {
            reactors.add(ReactorThread.start(cores[i], idle, (name, failure) -> failures.add(failure)));
        }
        cpus = CpuSet.parse(count == 1 ? "[" + cores[0] + "]" : "[" + cores[0] + "," + cores[1] + "]");
        target = new VhostTarget(
                directory, reactors.stream().map(ReactorThread::reactor).toList(), new GuestMemoryDma(dma));
        hosts = new ScsiHosts(disks, control, new VfioHost(dma), List.of());
        hosts.setOptions(options);
        hosts.start(idle);
        model = new Mpt3Model(settings, dma);
        assertThat(control.change(() -> hosts.adopt(ADDRESS, new Mpt3sasDriver(model, MptPatience.DEFAULT))))
                .containsExactly("sda", "sdb");
    }

    /** Makes a part of a disk a disk of the daemon. */
    void part(Part part) throws Exception {
        control.change(() -> {
            hosts.parts().create(part);
            return part;
        });
    }

    /** A block controller of a disk's name; its socket. */
    Path blk(String disk) throws Exception {
        return target.createBlk(disk, disks.registry(), disk, BlkSettings.DEFAULT, cpus)
                .socket();
    }

    /** A SCSI controller whose target 0 has a disk as its logical unit 0; its socket. */
    Path scsi(String name, String disk) throws Exception {
        Path socket = target.createScsi(name, cpus, false).socket();
        target.scsi(name).add(0, 0, disks.registry(), disk, Naming.FROM_BDEV);
        return socket;
    }

    /** How many guests a controller has. */
    int guests(String controller) {
        try {
            return target.find(controller).sessions().size();
        } catch (VhostException e) {
            throw new AssertionError(e);
        }
    }

    /** What is known of the adapter. */
    HostInfo info() {
        ScsiHost host = hosts.list().get(ADDRESS);
        assertThat(host).as("the host").isNotNull();
        return host.info();
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("within 60 s: %s", what).isNegative();
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** Ends all, and looks whether anything was wrong that nobody has noticed. */
    @Override
    public void close() throws IOException {
        target.close();
        disks.close();
        hosts.close();
        reactors.forEach(ReactorThread::close);
        try (var left = Files.list(directory)) {
            assertThat(left).as("sockets").isEmpty();
        }
        Files.delete(directory);
        assertThat(failures).as("what pollers threw").isEmpty();
        assertThat(model.violations()).as("what the driver did wrong").isEmpty();
        assertThat(dma.active()).as("the adapter is given back").isFalse();
    }
}
