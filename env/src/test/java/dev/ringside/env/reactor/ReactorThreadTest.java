package dev.ringside.env.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ReactorThreadTest {
    private static final int MESSAGES = 20_000;

    @ParameterizedTest
    @EnumSource(IdleMode.class)
    void losesNoMessageWhileItFallsAsleepAndWakes(IdleMode mode) throws Exception {
        int core = CpuSet.online().cores()[0];
        try (ReactorThread thread = ReactorThread.start(core, mode, (name, cause) -> {})) {
            Reactor reactor = thread.reactor();
            int[] seen = new int[1];
            for (int i = 1; i <= MESSAGES; i++) {
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
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ReactorThread thread = ReactorThread.start(core, IdleMode.POLL, (name, cause) -> {})) {
            Reactor reactor = thread.reactor();
            long[] turns = new long[1];
            reactor.call(() -> reactor.register("counting", now -> {
                        turns[0]++;
                        return 0;
                    }))
                    .get(10, TimeUnit.SECONDS);
            reactor.call(() -> reactor.registerTimed("timed", now -> 0, 1_000)).get(10, TimeUnit.SECONDS);
            long id = reactor.call(() -> Thread.currentThread().threadId()).get(10, TimeUnit.SECONDS);
            awaitTurns(reactor, turns, 1_000_000);
            long before = threads.getThreadAllocatedBytes(id);
            long first = reactor.call(() -> turns[0]).get(10, TimeUnit.SECONDS);
            awaitTurns(reactor, turns, first + 1_000_000);
            long perTurn = (threads.getThreadAllocatedBytes(id) - before) / 1_000_000;
            // The messages of this test allocate a little; a turn must not.
            assertThat(perTurn).isZero();
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

    private static void awaitTurns(Reactor reactor, long[] turns, long until) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (reactor.call(() -> turns[0]).get(10, TimeUnit.SECONDS) < until) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
