package dev.ringside.daemon.insight;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.SlowIo;
import dev.ringside.bdev.SlowIos;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.env.reactor.LongestLoop;
import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a second at what the reactors have noted: tells of slow requests and of stalls, in the log and as JFR events. Of each
 * disk the log has at most {@value #LINES} lines a second, of the slowest, and one with the number of the others; of each reactor
 * one, of the longest turn. A thread of its own; the methods are for any thread.
 */
public final class Watch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    /** Named for what the messages are about, so that the component's log flag covers them. */
    private static final Logger BDEV_LOG = LoggerFactory.getLogger(BdevRegistry.class);

    private static final Logger REACTOR_LOG = LoggerFactory.getLogger(Reactor.class);
    private static final int LINES = 3;

    private final Reactors reactors;
    private final Disks disks;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "watch");
        made.setDaemon(true);
        return made;
    });
    private volatile @Nullable ScheduledFuture<?> looks;
    /** By the reactor's name, in the order of the cores; guarded by its monitor. */
    private final Map<String, LoopTimes> loops = new LinkedHashMap<>();

    /** Makes one that does not look yet. */
    public Watch(Reactors reactors, Disks disks) {
        this.reactors = reactors;
        this.disks = disks;
    }

    /** Looks from now on, once a second. */
    public void start() {
        looks = thread.scheduleWithFixedDelay(this::lookSafely, 0, 1, TimeUnit.SECONDS);
    }

    /** How long the turns of each reactor's loop are, as of the last look. */
    public List<LoopTimes> loops() {
        synchronized (loops) {
            return List.copyOf(loops.values());
        }
    }

    /** Forgets the longest turns before the last look. */
    public void forgetLoops() {
        synchronized (loops) {
            loops.replaceAll((name, old) -> new LoopTimes(name, old.recent(), old.recent()));
        }
    }

    /** Looks now. */
    public void look() {
        reactors.takeLongest().forEach(this::note);
        for (BdevRegistry.Entry entry : disks.registry().list()) {
            String name = entry.info().name();
            try {
                if (disks.registry().timing(name).isPresent()) {
                    tell(name, disks.registry().takeSlow(name).join());
                }
            } catch (BdevException e) {
                LOG.debug("{} is gone: {}", name, e.getMessage());
            }
        }
    }

    /** Ends the thread; the reactors still run. */
    @Override
    public void close() {
        ScheduledFuture<?> now = looks;
        if (now != null) {
            now.cancel(false);
        }
        thread.close();
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.warn("looking at the reactors failed", e);
        }
    }

    private void note(String reactor, LongestLoop longest) {
        synchronized (loops) {
            loops.merge(reactor, new LoopTimes(reactor, longest, longest), (old, first) -> old.then(longest));
        }
        if (longest.stalled()) {
            String ran = describe(longest);
            REACTOR_LOG.warn("{}: a turn took {}: {}", reactor, Diagnosis.time(longest.ns()), ran);
            new ReactorStallEvent(reactor, longest.ns(), ran).commit();
        }
    }

    private static String describe(LongestLoop longest) {
        return longest.ran().isEmpty()
                ? "nothing found work in it"
                : longest.ran().stream()
                        .map(part -> part.name() + " found " + part.work())
                        .collect(Collectors.joining(", "));
    }

    private static void tell(String bdev, List<SlowIos.Taken> taken) {
        List<SlowIo> slow = new ArrayList<>();
        long more = 0;
        for (SlowIos.Taken one : taken) {
            slow.addAll(one.ios());
            more += one.left();
        }
        slow.sort(Comparator.comparingLong(SlowIo::totalNs).reversed());
        slow.stream().limit(LINES).forEach(io -> log(bdev, io));
        more += Math.max(0, slow.size() - LINES);
        if (more > 0) {
            BDEV_LOG.warn("{}: {} more requests were slow in the last second", bdev, more);
        }
        slow.forEach(io -> new SlowIoEvent(bdev, io).commit());
    }

    private static void log(String bdev, SlowIo io) {
        BDEV_LOG.warn(
                "{}: {} of {} blocks at {} took {}: poll delay {}, ring {}, qos {}, block layer {}, device {}",
                bdev,
                io.type(),
                io.blocks(),
                io.lba(),
                Diagnosis.time(io.totalNs()),
                Diagnosis.time(io.pollDelayNs()),
                Diagnosis.time(io.ringNs()),
                Diagnosis.time(io.qosNs()),
                Diagnosis.time(io.blockLayerNs()),
                Diagnosis.time(io.deviceNs()));
    }
}
