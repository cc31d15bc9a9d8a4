package dev.ringside.daemon.insight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.LongestLoop;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;

class WatchTest {
    @Test
    void aStallIsToldWithWhatRanInIt() throws Exception {
        BlockingQueue<RecordedEvent> recorded = new LinkedBlockingQueue<>();
        try (Reactors reactors = new Reactors();
                Disks disks = new Disks();
                Watch watch = new Watch(reactors, disks);
                RecordingStream stream = new RecordingStream()) {
            stream.enable("dev.ringside.ReactorStall");
            stream.onEvent("dev.ringside.ReactorStall", recorded::add);
            stream.startAsync();
            reactors.start(CpuSet.parse("[" + RunningDaemon.core() + "]"), IdleMode.POLL);
            Reactor reactor = reactors.list().getFirst();
            reactor.call(() -> reactor.register("sluggish", new Sluggish())).join();

            RecordedEvent event = next(watch, recorded);
            assertThat(event.getString("reactor")).isEqualTo(reactor.name());
            assertThat(event.getDuration("turn").toNanos()).isGreaterThanOrEqualTo(LongestLoop.STALL_NS);
            assertThat(watch.loops().getFirst().worst().ns()).isGreaterThanOrEqualTo(LongestLoop.STALL_NS);
        }
    }

    private static RecordedEvent next(Watch watch, BlockingQueue<RecordedEvent> recorded) throws InterruptedException {
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
        @Override
        public int poll(long nowNs) {
            long end = System.nanoTime() + 2 * LongestLoop.STALL_NS;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            return 1;
        }
    }
}
