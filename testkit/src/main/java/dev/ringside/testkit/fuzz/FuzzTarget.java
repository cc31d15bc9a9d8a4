package dev.ringside.testkit.fuzz;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.Timing;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.queue.ChainBudget;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A target in this process with one reactor, disks or a SCSI device to be attacked, and a disk for a bystander. What ends a
 * thread or is thrown at a reactor is kept: uncaught exceptions of the whole process are its to look at.
 */
final class FuzzTarget implements AutoCloseable {
    private static final int BLOCK = 512;
    private static final long DISK_BYTES = 4L << 20;
    /** So little that queues sometimes have to wait for it. */
    private static final long REQUEST_BUDGET = 1 << 20;

    /** How long the reactor may take for what it is asked to do. */
    private static final long DEADLINE_S = 20;

    private static final Optional<Timing> TIMING = Optional.of(new Timing(1));
    private static final List<String> DISKS = List.of("ram", "file", "readonly");
    private static final String SCSI = "scsi";
    private static final String BYSTANDER = "bystander";

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final BdevRegistry registry = new BdevRegistry();
    private final Path directory;
    private final ReactorThread reactor;
    private final VhostTarget target;
    private final MallocBdev ram;
    private final MallocBdev spare;
    private final FuzzUnits units;
    private final Attacked.Device device;
    private int operations;

    /**
     * Starts it.
     *
     * @param device the kind of devices to attack
     */
    FuzzTarget(Attacked.Device device) throws IOException, BdevException, VhostException {
        this.device = device;
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        directory = Files.createTempDirectory("ringside-fuzz");
        int core = CpuSet.online().cores()[0];
        reactor = ReactorThread.start(core, IdleMode.ADAPTIVE, (name, failure) -> failures.add(failure));
        target = new VhostTarget(
                directory, List.of(reactor.reactor()), MemoryListener.NONE, new ChainBudget(REQUEST_BUDGET));
        ram = malloc("ram", DISK_BYTES);
        spare = malloc("spare", DISK_BYTES);
        registry.register(ram);
        registry.register(spare);
        registry.register(malloc("readonly", DISK_BYTES));
        registry.register(malloc(BYSTANDER, Bystander.DISK_BYTES));
        registry.register(file());
        await(registry.time("file", TIMING));
        for (String name : DISKS) {
            serve(name, name.equals("readonly"));
        }
        serve(BYSTANDER, false);
        target.createScsi(SCSI, cpus(), false);
        units = new FuzzUnits(directory, registry, target.scsi(SCSI));
    }

    private static MallocBdev malloc(String name, long bytes) throws BdevException {
        return MallocBdev.create(new MallocOptions(name, BLOCK, bytes / BLOCK));
    }

    /** One whose requests are with the kernel for a while. */
    private Bdev file() throws IOException, BdevException {
        Path path = directory.resolve("disk");
        try (RandomAccessFile disk = new RandomAccessFile(path.toFile(), "rw")) {
            disk.setLength(DISK_BYTES);
        }
        return FileBdev.open(
                new FileOptions("file", UUID.randomUUID(), path, FileOptions.URING, BLOCK, false, true),
                new UringGroup());
    }

    private void serve(String name, boolean readOnly) throws VhostException, LinuxException {
        target.createBlk(name, registry, name, BlkSettings.DEFAULT.withReadOnly(readOnly), cpus());
    }

    private CpuSet cpus() throws LinuxException {
        return CpuSet.parse("[" + reactor.reactor().core() + "]");
    }

    /** The devices to attack. */
    List<Attacked> attacked() {
        List<String> names = switch (device) {
            case BLK -> DISKS;
            case SCSI -> List.of(SCSI);
        };
        return names.stream()
                .map(name -> new Attacked(directory.resolve(name), device))
                .toList();
    }

    /** The controllers of those. */
    private List<VhostController> controllers() throws VhostException {
        List<VhostController> all = new ArrayList<>();
        for (String name : DISKS) {
            all.add(target.find(name));
        }
        all.add(target.find(SCSI));
        return all;
    }

    /** The socket of the bystander's disk. */
    Path bystander() {
        return directory.resolve(BYSTANDER);
    }

    /** The socket of the disk that nobody can write. */
    Path readOnly() {
        return directory.resolve("readonly");
    }

    /** What an operator does with what is used. */
    void operate() {
        operations++;
        if (operations % 5 == 4) {
            rest();
            target.goOn();
            return;
        }
        switch (device) {
            case BLK -> operateDisks();
            case SCSI -> operateUnits();
        }
    }

    private void operateDisks() {
        try {
            // Requests on one of the disks are always timed, on another now and then, on the third never.
            await(registry.time("ram", operations % 2 == 0 ? TIMING : Optional.empty()));
            target.find("ram").timedQueues();
            switch (operations % 5) {
                case 0 -> ram.resize(registry, DISK_BYTES / BLOCK / 2);
                case 1 -> ram.resize(registry, DISK_BYTES / BLOCK);
                case 2 -> target.find("ram").swapBdev(registry, "spare");
                default -> target.find("ram").swapBdev(registry, "ram");
            }
        } catch (BdevException | VhostException e) {
            // Such as a swap with a disk that has another size by now.
            operations++;
        }
    }

    private void operateUnits() {
        try {
            units.operate(operations);
        } catch (BdevException e) {
            failures.add(e);
        }
    }

    /** Makes the SCSI device's logical units as they were at first; nobody is connected. */
    void renewUnits() throws IOException, BdevException {
        units.renew();
    }

    /** As at a hand-over, which no front end may hold up. */
    private void rest() {
        await(target.rest());
    }

    private static void await(CompletableFuture<?> done) {
        done.orTimeout(DEADLINE_S, TimeUnit.SECONDS).join();
    }

    /** Leaves all sockets and front ends, as after a hand-over; those notice nothing. */
    void leave() {
        rest();
        target.leave();
    }

    /** Whether no session of what is attacked is left. */
    boolean isQuiet() throws VhostException {
        return controllers().stream().allMatch(each -> each.sessions().isEmpty());
    }

    /** The sum of a counter over what is attacked. */
    long counter(String name) throws VhostException {
        return controllers().stream()
                .mapToLong(each -> each.counters().getOrDefault(name, 0L))
                .sum();
    }

    /** The counters of the bystander's disk. */
    Map<String, Long> bystanderCounters() throws VhostException {
        VhostController controller = target.find(BYSTANDER);
        return controller.counters();
    }

    /** What threads died of, and what pollers threw. */
    Queue<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() throws IOException {
        target.close();
        reactor.close();
        Thread.setDefaultUncaughtExceptionHandler(null);
        try (var files = Files.list(directory)) {
            for (Path left : files.toList()) {
                Files.delete(left);
            }
        }
        Files.delete(directory);
        registry.list().forEach(entry -> entry.bdev().destroy());
    }
}
