package dev.ringside.env.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ReactorThreadTest {
    private static final int MESSAGES = 20_000;
    /** On a machine that is busy otherwise, each message may wait for the scheduler. */
    private static final long ENOUGH_NS = TimeUnit.SECONDS.toNanos(20);

    @ParameterizedTest
    @EnumSource(IdleMode.class)
    void losesNoMessageWhileItFallsAsleepAndWakes(IdleMode mode) throws Exception {
        int core = CpuSet.online().cores()[0];
        try (ReactorThread thread = ReactorThread.start(core, mode, (name, cause) -> {})) {
            Reactor reactor = thread.reactor();
            int[] seen = new int[1];
            long begun = System.nanoTime();
            for (int i = 1; i <= MESSAGES && System.nanoTime() - begun < ENOUGH_NS; i++) {
                // Each waits for the one before, so that the reactor goes idle as often as there are messages.
                assertThat(reactor.call(() -> ++seen[0]).get(10, TimeUnit.SECONDS))
                        .isEqualTo(i);
            }
            ReactorStats stats = thread.stats().get(10, TimeUnit.SECONDS);
            assertThat(stats.tid()).isPositive();
            assertThat(stats.busyNs() + stats.idleNs()).isPositive();
            assertThat(stats.interruptMode()).isEqualTo(mode != IdleMode.POLL);
            if (mode == IdleMode.POLL) {
                assertThat(stats.sleeps()).isZero();
            } else if (mode == IdleMode.INTERRUPT) {
                assertThat(stats.sleeps()).isPositive();
            }
        }
    }

    @Test
    void spinsWithoutAllocating() throws Exception {
        int core = CpuSet.online().cores()[0];
        try (ReactorThread thread = ReactorThread.start(core, IdleMode.POLL, (name, cause) -> {})) {
            Reactor reactor = thread.reactor();
            AllocationMeter meter = new AllocationMeter();
            reactor.call(() -> reactor.registerTimed("timed", now -> 0, 1_000)).get(10, TimeUnit.SECONDS);
            reactor.call(() -> reactor.register("meter", meter)).get(10, TimeUnit.SECONDS);
            assertThat(meter.allocated.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void refusesACoreThatIsNotThere() {
        assertThatThrownBy(() -> ReactorThread.start(1023, IdleMode.POLL, (name, cause) -> {}))
                .isInstanceOf(LinuxException.class);
    }

    @Test
    void namesTheModesThereAre() {
        assertThat(IdleMode.parse("Adaptive")).isEqualTo(IdleMode.ADAPTIVE);
        assertThatThrownBy(() -> IdleMode.parse("lazy"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("idle mode 'lazy' is not one of poll, adaptive, interrupt");
    }

    /** Tells how much its reactor has allocated in a million turns, after a million to warm up. */
    private static final class AllocationMeter implements Poller {
        private static final int TURNS = 1_000_000;
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final CompletableFuture<Long> allocated = new CompletableFuture<>();
        private int turns;
        private long before;

        @Override
        public int poll(long nowNs) {
            turns++;
            if (turns == TURNS) {
                before = threads.getCurrentThreadAllocatedBytes();
            } else if (turns == 2 * TURNS) {
                allocated.complete(threads.getCurrentThreadAllocatedBytes() - before);
            }
            return 0;
        }
    }
}
