package dev.ringside.vhost.session;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.ReactorThread;
import dev.ringside.vhost.ControllerState;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Targets with one controller each, of which each takes over from the one before, all in this process. */
final class Generations implements AutoCloseable {
    static final String NAME = "disk";

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final ReactorThread reactor;
    private final Path directory = Files.createTempDirectory("rs");
    private final MallocOptions options = new MallocOptions(NAME, 512, 8 << 11);
    private final List<VhostTarget> targets = new ArrayList<>();
    private MallocBdev disk;

    Generations(IdleMode mode) throws Exception {
        reactor = ReactorThread.start(CpuSet.online().cores()[0], mode, (name, failure) -> failures.add(failure));
        disk = MallocBdev.create(options);
        control(target(), disk, BlkSettings.DEFAULT);
    }

    Path socket() {
        return directory.resolve(NAME);
    }

    VhostTarget current() {
        return targets.getLast();
    }

    int sessions() throws VhostException {
        return current().find(NAME).sessions().size();
    }

    /** All states of the present target, which rests. */
    List<ControllerState> rest() throws Exception {
        return current().rest().get(20, TimeUnit.SECONDS);
    }

    /** A target that is ready to take over, and no more. */
    VhostTarget successor(BlkSettings settings) throws Exception {
        VhostTarget next = new VhostTarget(directory, List.of(reactor.reactor()));
        next.inherit(current().listeners());
        disk = MallocBdev.adopt(options, disk.memory().duplicate());
        control(next, disk, settings);
        return next;
    }

    /** A whole take-over; its time in ns, from the rest to the running rings. */
    long takeOver() throws Exception {
        VhostTarget next = successor(BlkSettings.DEFAULT);
        long start = System.nanoTime();
        List<ControllerState> states = rest();
        next.adopt(states);
        next.startAdopted().get(20, TimeUnit.SECONDS);
        final long time = System.nanoTime() - start;
        VhostTarget old = current();
        targets.add(next);
        old.leave();
        old.close();
        return time;
    }

    private VhostTarget target() {
        VhostTarget target = new VhostTarget(directory, List.of(reactor.reactor()));
        targets.add(target);
        return target;
    }

    private static void control(VhostTarget target, Bdev bdev, BlkSettings settings) throws Exception {
        BdevRegistry registry = new BdevRegistry();
        registry.register(bdev);
        target.createBlk(
                NAME,
                registry,
                NAME,
                settings,
                CpuSet.parse("[" + CpuSet.online().cores()[0] + "]"));
    }

    @Override
    public void close() throws IOException {
        targets.reversed().forEach(VhostTarget::close);
        reactor.close();
        Files.deleteIfExists(socket());
        Files.delete(directory);
        if (!failures.isEmpty()) {
            throw new AssertionError("pollers failed: " + failures);
        }
    }
}
