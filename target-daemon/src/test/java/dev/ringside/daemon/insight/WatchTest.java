package dev.ringside.daemon.insight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.ChannelTimes;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Timing;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.log.LogLevel;
import dev.ringside.daemon.log.LogLine;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.LongestLoop;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchTest {
    private final Reactors reactors = new Reactors();
    private final Disks disks = new Disks();
    private final Watch watch = new Watch(reactors, disks);
    private final RecordingStream stream = new RecordingStream();
    private Reactor reactor;

    @BeforeEach
    void start() throws Exception {
        reactors.start(CpuSet.parse("[" + RunningDaemon.core() + "]"), IdleMode.POLL);
        reactor = reactors.list().getFirst();
    }

    @AfterEach
    void stop() {
        stream.close();
        watch.close();
        disks.close();
        reactors.close();
    }

    @Test
    void aStallIsToldWithWhatRanInIt() throws Exception {
        BlockingQueue<RecordedEvent> recorded = new LinkedBlockingQueue<>();
        stream.enable("dev.ringside.ReactorStall");
        stream.onEvent("dev.ringside.ReactorStall", recorded::add);
        stream.startAsync();
        reactor.call(() -> reactor.register("sluggish", new Sluggish())).join();

        RecordedEvent event = next(recorded);
        assertThat(event.getString("reactor")).isEqualTo(reactor.name());
        assertThat(event.getDuration("turn").toNanos()).isGreaterThanOrEqualTo(LongestLoop.STALL_NS);
        assertThat(watch.loops().getFirst().worst().ns()).isGreaterThanOrEqualTo(LongestLoop.STALL_NS);
    }

    @Test
    void ofManyStallsBetweenTwoLooksOneIsToldAndAllAreCounted() throws Exception {
        Logging logging = quiet();
        BlockingQueue<String> recorded = new LinkedBlockingQueue<>();
        stream.enable("dev.ringside.ReactorStall");
        stream.onEvent("dev.ringside.ReactorStall", event -> recorded.add(event.getString("ran")));
        Sluggish sluggish = new Sluggish();
        reactor.call(() -> reactor.register("sluggish", sluggish)).join();
        // What was before its first turn may have been longer.
        sluggish.awaitTurns(2);
        watch.look();
        stream.startAsync();
        sluggish.awaitTurns(3);
        watch.look();
        int turns = sluggish.awaitTurns(3);
        watch.look();
        stream.stop();

        assertThat(recorded).hasSize(2).allSatisfy(ran -> assertThat(ran).contains("sluggish found 1"));
        assertThat(lines(logging, reactor.name() + ": a turn took ")).hasSize(3);
        assertThat(watch.loops().getFirst().recent().stalls()).isGreaterThanOrEqualTo(turns - 1);
    }

    @Test
    void ofManySlowRequestsThreeAreLoggedAndTheOthersCounted() throws Exception {
        Logging logging = quiet();
        BlockingQueue<Long> recorded = new LinkedBlockingQueue<>();
        stream.enable("dev.ringside.SlowIo");
        stream.onEvent(
                "dev.ringside.SlowIo",
                event -> recorded.add(event.getDuration("pollDelay").toMillis()));
        stream.startAsync();
        BdevRegistry registry = disks.registry();
        registry.register(NullBdev.create("disk", UUID.randomUUID(), 512, 2048));
        registry.time("disk", Optional.of(new Timing(1))).join();
        BdevHandle handle = registry.open("disk", true, event -> {});
        BdevChannel channel = reactor.call(() -> handle.openChannel(reactor)).join();
        reactor.call(() -> noteSlow(channel, 40)).join();
        watch.look();
        watch.look();
        stream.stop();

        List<String> lines = lines(logging, "disk: ");
        assertThat(lines).hasSize(4);
        for (int i = 0; i < 3; i++) {
            assertThat(lines.get(i))
                    .startsWith("disk: WRITE_ZEROES of 1 blocks at 8 took ")
                    .contains(": poll delay " + (40 - i) + "00.0 ms, ring 0 ns, ");
        }
        assertThat(lines.get(3)).isEqualTo("disk: 37 more requests were slow in the last second");
        assertThat(recorded)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(9, 40).map(i -> 100 * i).boxed().toList());
        reactor.call(() -> {
                    channel.close();
                    return true;
                })
                .join();
        handle.close();
    }

    /** As if the poller had been late by 100 ms for the first of so many requests, by 200 ms for the second, and so on. */
    private static boolean noteSlow(BdevChannel channel, int requests) {
        BdevIo io = new BdevIo((done, status) -> {});
        io.prepare(IoType.WRITE_ZEROES, 8, 1);
        io.times().begin();
        channel.submit(io);
        ChannelTimes times = io.times().channel();
        assertThat(times).isNotNull();
        for (int i = 1; i <= requests; i++) {
            times.slow().look(io, TimeUnit.MILLISECONDS.toNanos(100L * i), 0);
        }
        return true;
    }

    /** One that prints nothing. */
    private static Logging quiet() {
        Logging logging = new Logging();
        logging.install(LogLevel.INFO, new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
        return logging;
    }

    private static List<String> lines(Logging logging, String beginning) {
        return logging.recent().stream()
                .map(LogLine::text)
                .filter(line -> line.startsWith(beginning))
                .toList();
    }

    private RecordedEvent next(BlockingQueue<RecordedEvent> recorded) throws InterruptedException {
        for (int looks = 0; looks < 600; looks++) {
            watch.look();
            RecordedEvent event = recorded.poll(100, TimeUnit.MILLISECONDS);
            // A busy machine may have made a longer one of a turn before.
            if (event != null && event.getString("ran").contains("sluggish found 1")) {
                return event;
            }
        }
        throw new AssertionError("no such event in a minute");
    }

    /** Holds its reactor up on every turn. */
    private static final class Sluggish implements Poller {
        private final AtomicInteger turns = new AtomicInteger();

        /** Waits for so many turns more to begin; how many have begun so far. */
        int awaitTurns(int more) {
            int wanted = turns.get() + more;
            long begun = System.nanoTime();
            while (turns.get() < wanted) {
                assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(60));
                Thread.onSpinWait();
            }
            return wanted;
        }

        @Override
        public int poll(long nowNs) {
            turns.incrementAndGet();
            long end = System.nanoTime() + 2 * LongestLoop.STALL_NS;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return 1;
        }
    }
}
