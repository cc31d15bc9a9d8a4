package dev.ringside.testkit.fuzz;

import dev.ringside.bdev.BdevException;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Attacks a target in this process, session by session. After each, the disk of a bystander on the same reactor holds what it
 * wrote, no thread has died, the session is over and has left no descriptor, and the counters add up; now and then the whole
 * disk, a read-only disk and the mapped memory are looked at. What comes back to a driver that changes nothing behind the
 * target's back is an answer: {@link Requests}. One thread.
 */
public final class FuzzRun implements AutoCloseable {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int SESSIONS_TO_LOOK_CLOSELY = 64;
    /** What the JVM may open for itself meanwhile. */
    private static final int FILES_TO_SPARE = 8;

    private static final Pattern MAPPED = Pattern.compile("memfd:(guest-ram|fuzz-log|fuzz-inflight|ringside-inflight)");

    private final long seed;
    private final Attacked.Device device;
    private final FuzzTarget target;
    private final Bystander bystander;
    private final Attacker attacker;
    private final Map<String, Long> files;
    private final Map<String, Long> mappings;

    /**
     * Starts the target.
     *
     * @param seed what all depends on
     * @param device the kind of devices to attack
     */
    public FuzzRun(long seed, Attacked.Device device) throws IOException, BdevException, VhostException {
        this.seed = seed;
        this.device = device;
        this.target = new FuzzTarget(device);
        this.attacker = new Attacker(target.attacked(), seed, target::operate);
        RingFormat format = (seed & 1) == 0 ? RingFormat.SPLIT : RingFormat.PACKED;
        this.bystander = new Bystander(target.bystander(), format, seed);
        bystander.verifyAll();
        this.files = openFiles();
        this.mappings = mappedFiles();
    }

    /**
     * Attacks.
     *
     * @param first number of the first session
     * @param until whether to stop; asked between sessions
     * @throws FuzzFinding at the first session after which something is not as it should be
     */
    public void run(long first, BooleanSupplier until) throws FuzzFinding {
        for (long number = first; !until.getAsBoolean(); number++) {
            try {
                attacker.session(number);
                check(number);
                if (device == Attacked.Device.SCSI) {
                    target.renewUnits();
                }
            } catch (IOException | BdevException | VhostException | RuntimeException | Error e) {
                addThreads(e);
                throw new FuzzFinding(
                        String.format(
                                "session %d of seed %d: %s; see it again with --device %s --seed %d --first %d",
                                number, seed, e, device, seed, number),
                        e);
            }
        }
    }

    /** Adds where the threads of the target are. */
    private static void addThreads(Throwable to) {
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            if (thread.getName().startsWith("vhost-") || thread.getName().startsWith("reactor_")) {
                Throwable at = new IllegalStateException(thread.getName());
                at.setStackTrace(stack);
                to.addSuppressed(at);
            }
        });
    }

    private void check(long number) throws IOException, VhostException {
        await("the end of the session", target::isQuiet);
        bystander.verify();
        Throwable failure = target.failures().poll();
        if (failure != null) {
            throw new IllegalStateException("a thread died, or a poller threw: " + failure, failure);
        }
        require(target.counter("sessions") >= attacker.sessions(), "not every session was counted");
        Map<String, Long> own = target.bystanderCounters();
        require(
                own.entrySet().stream()
                        .allMatch(each -> each.getValue() == (each.getKey().equals("sessions") ? 1 : 0)),
                "the bystander's counters say " + own);
        if (areMore(openFiles(), files)) {
            try {
                await("the end of files that are not used any more", () -> !areMore(openFiles(), files));
            } catch (IllegalStateException e) {
                throw new IllegalStateException(files + " was open at first, now " + openFiles(), e);
            }
        }
        if (number % SESSIONS_TO_LOOK_CLOSELY == 0) {
            bystander.verifyAll();
            Bystander.requireZeroes(target.readOnly());
            await("the end of the look at the read-only disk", target::isQuiet);
            try {
                await(
                        "the end of mappings that are not used any more",
                        () -> mappedFiles().equals(mappings));
            } catch (IllegalStateException e) {
                throw new IllegalStateException(mappings + " was mapped at first, now " + mappedFiles(), e);
            }
        }
    }

    private static void await(String what, Callable<Boolean> condition) {
        long end = System.nanoTime() + DEADLINE_NS;
        try {
            while (!condition.call()) {
                require(System.nanoTime() - end < 0, "for 30 s in vain: " + what);
                LockSupport.parkNanos(20_000);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(what, e);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** How many files of each kind are open. */
    private static Map<String, Long> openFiles() throws IOException {
        Map<String, Long> kinds = new TreeMap<>();
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : open.toList()) {
                kindOf(each).ifPresent(kind -> kinds.merge(kind, 1L, Long::sum));
            }
        }
        return kinds;
    }

    /** What a descriptor is of; empty for the one that the list itself was read with. */
    private static Optional<String> kindOf(Path descriptor) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor).toString().replaceAll("[0-9]+", "N"));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static boolean areMore(Map<String, Long> now, Map<String, Long> first) {
        return sum(now) > sum(first) + FILES_TO_SPARE;
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many ranges of memory of front ends are mapped, by the names of the files. */
    private static Map<String, Long> mappedFiles() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.flatMap(line -> MAPPED.matcher(line).results())
                    .collect(Collectors.groupingBy(MatchResult::group, TreeMap::new, Collectors.counting()));
        }
    }

    /** Sessions so far. */
    public long sessions() {
        return attacker.sessions();
    }

    /** What was done so far, in a line. */
    public String summary() throws VhostException {
        return attacker + "; " + target.counter("broken_queues") + " queues broken, "
                + target.counter("protocol_errors") + " protocol errors";
    }

    @Override
    public void close() throws IOException {
        target.leave();
        bystander.close();
        target.close();
    }
}
