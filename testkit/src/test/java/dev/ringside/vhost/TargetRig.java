package dev.ringside.vhost;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.queue.ChainBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A whole target in this process: reactors on cores, disks, controllers with their sockets. */
public final class TargetRig implements AutoCloseable {
    private static final int SIGNALS = 50_000;

    private final List<ReactorThread> threads = new ArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final BdevRegistry registry = new BdevRegistry();
    private final List<HeldDisk> held = new ArrayList<>();
    private final CapturedLog log = new CapturedLog();
    private final CpuSet cpus;
    private final Path directory;
    private final List<Path> files = new ArrayList<>();
    private final VhostTarget target;

    /** Starts reactors, each on one of the cores that there are, from the first on. */
    public TargetRig(IdleMode mode, int reactors) throws IOException {
        this(mode, reactors, MemoryListener.NONE);
    }

    /** Starts reactors, and has somebody told of the memory of guests. */
    public TargetRig(IdleMode mode, int reactors, MemoryListener memoryListener) throws IOException {
        this(mode, reactors, memoryListener, ChainBudget.ofHeap());
    }

    /** The same with another budget for the requests of all queues. */
    public TargetRig(IdleMode mode, int reactors, ChainBudget requests) throws IOException {
        this(mode, reactors, MemoryListener.NONE, requests);
    }

    private TargetRig(IdleMode mode, int reactors, MemoryListener memoryListener, ChainBudget requests)
            throws IOException {
        int[] cores = CpuSet.online().cores();
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < reactors; i++) {
            threads.add(ReactorThread.start(cores[i], mode, (name, failure) -> failures.add(failure)));
            list.append(i == 0 ? "" : ",").append(cores[i]);
        }
        cpus = CpuSet.parse(list.append(']').toString());
        directory = Files.createTempDirectory("rs");
        target = new VhostTarget(
                directory, threads.stream().map(ReactorThread::reactor).toList(), memoryListener, requests);
    }

    /** A RAM disk of 512-byte blocks behind a controller of the same name; returns the socket. */
    public Path mallocDisk(String name, int mib) throws Exception {
        return mallocDisk(name, 512, (long) mib << 11);
    }

    /** A RAM disk behind a controller of the same name; returns the socket. */
    public Path mallocDisk(String name, int blockSize, long blocks) throws Exception {
        return disk(MallocBdev.create(new MallocOptions(name, blockSize, blocks)), false);
    }

    /** A null disk behind a controller of the same name; returns the socket. */
    public Path nullDisk(String name, int blockSize, long blocks) throws Exception {
        return disk(NullBdev.create(name, UUID.randomUUID(), blockSize, blocks), false);
    }

    /**
     * Has the signals to drivers compiled, for tests that count what is allocated: code that is not compiled allocates, and a
     * driver that polls is called too seldom, with event indices once in 65,536 requests.
     */
    public static void compileSignals() throws LinuxException {
        try (EventFd fd = EventFd.create()) {
            for (int i = 0; i < SIGNALS; i++) {
                fd.signal();
            }
        }
    }

    /**
     * A disk of 512-byte blocks that is a file in memory (tmpfs), through io_uring, behind a controller of the same name; returns
     * the socket.
     */
    public Path fileDisk(String name, int mib) throws Exception {
        Path file = Files.createTempFile(Path.of("/dev/shm"), "ringside-", ".disk");
        files.add(file);
        Files.write(file, new byte[mib << 20]);
        FileOptions options = new FileOptions(name, UUID.randomUUID(), file, FileOptions.URING, 512, false, true);
        return disk(FileBdev.open(options, new UringGroup()), false);
    }

    /** A disk for controllers; if it holds requests, they end with the rig. */
    public void register(Bdev bdev) throws BdevException {
        registry.register(bdev);
        if (bdev instanceof HeldDisk holds) {
            held.add(holds);
        }
    }

    /** Any disk behind a controller of the same name; returns the socket. */
    public Path disk(Bdev bdev, boolean readOnly) throws BdevException, VhostException {
        register(bdev);
        String name = bdev.info().name();
        return target.createBlk(name, registry, name, BlkSettings.DEFAULT.withReadOnly(readOnly), cpus)
                .socket();
    }

    /** A controller of its own name over a disk that is registered. */
    public void controller(String name, String bdev, BlkSettings settings) throws VhostException {
        target.createBlk(name, registry, bdev, settings, cpus);
    }

    /** One of the reactors. */
    public Reactor reactor(int index) {
        return threads.get(index).reactor();
    }

    /** The thread of one of the reactors. */
    public ReactorThread thread(int index) {
        return threads.get(index);
    }

    /** The cores of the reactors. */
    public CpuSet cpus() {
        return cpus;
    }

    /** The disks. */
    public BdevRegistry registry() {
        return registry;
    }

    /** The controllers. */
    public VhostTarget target() {
        return target;
    }

    /** What was logged. */
    public CapturedLog log() {
        return log;
    }

    /** What pollers threw. */
    public List<Throwable> failures() {
        return failures;
    }

    /** A counter of a controller. */
    public long counter(String controller, String key) throws VhostException {
        Long value = target.find(controller).counters().get(key);
        if (value == null) {
            throw new AssertionError("there is no counter " + key);
        }
        return value;
    }

    /** Where a controller's socket is. */
    public Path socket(String controller) {
        return directory.resolve(controller);
    }

    /** A front end of a controller that has sent nothing. */
    public VhostUserFrontend connect(String controller) throws IOException {
        return VhostUserFrontend.connect(socket(controller));
    }

    /** A front end of a controller whose queues run. */
    public BlkFrontend start(String controller, GuestRam ram, BlkOptions options) throws IOException {
        return BlkFrontend.connect(socket(controller), ram, options);
    }

    /** Waits until a controller has had so many sessions, and all of them have ended. */
    public void awaitEndOfSessions(String controller, long count) {
        Await.until(
                count + " sessions of " + controller,
                () -> counter(controller, "sessions") >= count
                        && target.find(controller).sessions().isEmpty());
    }

    @Override
    public void close() throws IOException {
        held.forEach(HeldDisk::release);
        target.close();
        threads.forEach(ReactorThread::close);
        log.close();
        try (var sockets = Files.list(directory)) {
            files.addAll(sockets.toList());
        }
        for (Path left : files) {
            Files.delete(left);
        }
        Files.delete(directory);
    }
}
