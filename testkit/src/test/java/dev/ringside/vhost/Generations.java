package dev.ringside.vhost;

import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.ReactorThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Targets with controllers over one RAM disk, of which each takes over from the one before, all in this process. */
public final class Generations implements AutoCloseable {
    /** The name of the disk. */
    public static final String DISK = "disk";

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final ReactorThread reactor;
    private final Path directory = Files.createTempDirectory("rs");
    private final MallocOptions options = new MallocOptions(DISK, 512, 8 << 11);
    private final List<VhostTarget> targets = new ArrayList<>();
    private final Configuration configuration;
    private MallocBdev disk;

    /** What is made anew for each target: its controllers. */
    public interface Configuration {
        /** Makes the controllers of a target, on the cores that there are. */
        void apply(VhostTarget target, BdevRegistry registry, CpuSet cpus) throws Exception;
    }

    /** Begins with a target that serves. */
    public Generations(IdleMode mode, Configuration configuration) throws Exception {
        this.configuration = configuration;
        reactor = ReactorThread.start(CpuSet.online().cores()[0], mode, (name, failure) -> failures.add(failure));
        disk = MallocBdev.create(options);
        VhostTarget first = new VhostTarget(directory, List.of(reactor.reactor()));
        targets.add(first);
        configure(first, configuration);
    }

    /** The socket of a controller. */
    public Path socket(String controller) {
        return directory.resolve(controller);
    }

    /** The target that serves. */
    public VhostTarget current() {
        return targets.getLast();
    }

    /** How many front ends a controller has. */
    public int sessions(String controller) throws VhostException {
        return current().find(controller).sessions().size();
    }

    /** The state of the present target, which rests. */
    public TargetState rest() throws Exception {
        return current().rest().get(20, TimeUnit.SECONDS);
    }

    /** A target that is ready to take over, and no more. */
    public VhostTarget successor() throws Exception {
        return successor(configuration);
    }

    /** The same with another configuration. */
    public VhostTarget successor(Configuration other) throws Exception {
        VhostTarget next = new VhostTarget(directory, List.of(reactor.reactor()));
        next.inherit(current().listeners(), current().portNumbers());
        disk = MallocBdev.adopt(options, disk.memory().duplicate());
        configure(next, other);
        return next;
    }

    /** A whole take-over; its time in ns, from the rest to the running rings. */
    public long takeOver() throws Exception {
        return takeOver(successor());
    }

    /** The same by a target that has been made ready. */
    public long takeOver(VhostTarget next) throws Exception {
        long start = System.nanoTime();
        next.adopt(rest());
        next.startAdopted().get(20, TimeUnit.SECONDS);
        final long time = System.nanoTime() - start;
        VhostTarget old = current();
        targets.add(next);
        old.leave();
        old.close();
        return time;
    }

    private void configure(VhostTarget target, Configuration with) throws Exception {
        BdevRegistry registry = new BdevRegistry();
        registry.register(disk);
        with.apply(target, registry, CpuSet.parse("[" + CpuSet.online().cores()[0] + "]"));
    }

    @Override
    public void close() throws IOException {
        targets.reversed().forEach(VhostTarget::close);
        reactor.close();
        try (var files = Files.list(directory)) {
            for (Path left : files.toList()) {
                Files.delete(left);
            }
        }
        Files.delete(directory);
        if (!failures.isEmpty()) {
            throw new AssertionError("pollers failed: " + failures);
        }
    }
}
