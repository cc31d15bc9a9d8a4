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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A target in this process with one reactor, disks to be attacked and one for a bystander. What ends a thread or is thrown at
 * a reactor is kept: uncaught exceptions of the whole process are its to look at.
 */
final class FuzzTarget implements AutoCloseable {
    private static final int BLOCK = 512;
    private static final long DISK_BYTES = 4L << 20;
    /** So little that queues sometimes have to wait for it. */
    private static final long REQUEST_BUDGET = 1 << 20;

    private static final long REST_S = 20;
    private static final List<String> ATTACKED = List.of("ram", "file", "readonly");
    private static final String BYSTANDER = "bystander";

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final BdevRegistry registry = new BdevRegistry();
    private final Path directory;
    private final ReactorThread reactor;
    private final VhostTarget target;
    private final MallocBdev ram;
    private final MallocBdev spare;
    private int operations;

    FuzzTarget() throws IOException, BdevException, VhostException {
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
        // Requests on one of the disks are timed, all others are not.
        registry.time("ram", Optional.of(new Timing(1))).join();
        for (String name : ATTACKED) {
            serve(name, name.equals("readonly"));
        }
        serve(BYSTANDER, false);
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
        CpuSet cpus = CpuSet.parse("[" + reactor.reactor().core() + "]");
        target.createBlk(name, registry, name, BlkSettings.DEFAULT.withReadOnly(readOnly), cpus);
    }

    /** The sockets to attack. */
    List<Path> attacked() {
        return ATTACKED.stream().map(directory::resolve).toList();
    }

    /** The socket of the bystander's disk. */
    Path bystander() {
        return directory.resolve(BYSTANDER);
    }

    /** The socket of the disk that nobody can write. */
    Path readOnly() {
        return directory.resolve("readonly");
    }

    /** What an operator does with disks that are used. */
    void operate() {
        operations++;
        try {
            switch (operations % 5) {
                case 0 -> ram.resize(registry, DISK_BYTES / BLOCK / 2);
                case 1 -> ram.resize(registry, DISK_BYTES / BLOCK);
                case 2 -> target.find("ram").swapBdev(registry, "spare");
                case 3 -> target.find("ram").swapBdev(registry, "ram");
                default -> {
                    rest();
                    target.goOn();
                }
            }
        } catch (BdevException | VhostException e) {
            // Such as a swap with a disk that has another size by now.
            operations++;
        }
    }

    /** As at a hand-over, which no front end may hold up. */
    private void rest() {
        target.rest().orTimeout(REST_S, TimeUnit.SECONDS).join();
    }

    /** Leaves all sockets and front ends, as after a hand-over; those notice nothing. */
    void leave() {
        rest();
        target.leave();
    }

    /** Whether no session of an attacked disk is left. */
    boolean isQuiet() throws VhostException {
        for (String name : ATTACKED) {
            if (!target.find(name).sessions().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** The sum of a counter over the attacked disks. */
    long counter(String name) throws VhostException {
        long sum = 0;
        for (String each : ATTACKED) {
            sum += target.find(each).counters().getOrDefault(name, 0L);
        }
        return sum;
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
