package dev.ringside.env.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ReactorLoopTest {
    private final List<String> failures = new ArrayList<>();
    private final List<String> ran = new ArrayList<>();
    private ReactorLoop loop;

    @BeforeEach
    void start() throws LinuxException {
        loop = new ReactorLoop(0, (name, cause) -> failures.add(name + ": " + cause.getMessage()), 0);
        loop.adopt();
    }

    @AfterEach
    void stop() {
        loop.close();
    }

    @Test
    void runsMessagesThenPollersInTheOrderOfTheirRegistration() {
        loop.register("a", now -> note("a", 0));
        loop.register("b", now -> note("b", 1));
        loop.execute(() -> ran.add("message"));

        assertThat(loop.step(10)).isEqualTo(2);
        assertThat(ran).containsExactly("message", "a", "b");
    }

    @Test
    void runsTimedPollersWhenTheyAreDueAndDoesNotCountTheirWork() {
        loop.registerTimed("slow", now -> note("slow@" + now, 1), 100);
        loop.registerTimed("fast", now -> note("fast@" + now, 1), 30);

        for (long now = 10; now <= 120; now += 10) {
            assertThat(loop.step(now)).isZero();
        }
        assertThat(ran).containsExactly("fast@30", "fast@60", "fast@90", "slow@100", "fast@120");
    }

    @Test
    void refusesAPeriodBelowOne() {
        assertThatThrownBy(() -> loop.registerTimed("never", now -> 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1");
    }

    @Test
    void aPollerMayRemoveItselfAndOthersWhileItRuns() {
        Registration[] both = new Registration[2];
        both[0] = loop.register("first", now -> {
            both[0].close();
            both[1].close();
            return note("first", 1);
        });
        both[1] = loop.register("second", now -> note("second", 1));

        loop.step(1);
        loop.step(2);
        assertThat(ran).containsExactly("first");
    }

    @Test
    void aPollerThatThrowsIsRemovedAndReported() {
        loop.register("bad", now -> {
            throw new IllegalStateException("defect");
        });
        loop.register("good", now -> note("good", 0));

        loop.step(1);
        loop.step(2);
        assertThat(failures).containsExactly("bad: defect");
        assertThat(ran).containsExactly("good", "good");
    }

    @Test
    void aPollerThatThrowsWhenItIsArmedOrDisarmedIsRemovedAndReported() {
        loop.register("arm", new Poller() {
            @Override
            public int poll(long nowNs) {
                return 0;
            }

            @Override
            public boolean arm() {
                throw new IllegalStateException("armed");
            }
        });
        assertThat(loop.sleep()).isFalse();
        loop.register("disarm", new Poller() {
            @Override
            public int poll(long nowNs) {
                return 0;
            }

            @Override
            public boolean arm() {
                return true;
            }

            @Override
            public void disarm() {
                throw new IllegalStateException("disarmed");
            }
        });
        loop.execute(() -> {});
        assertThat(loop.sleep()).isFalse();
        assertThat(failures).containsExactly("arm: armed", "disarm: disarmed");
    }

    @Test
    void aMemoryFaultIsToldToEveryPollerAndRemovesNone() {
        loop.register("faulting", new Poller() {
            @Override
            public int poll(long nowNs) {
                if (ran.isEmpty()) {
                    throw new InternalError("a fault occurred in an unsafe memory access operation");
                }
                return note("again", 0);
            }

            @Override
            public void memoryFault() {
                ran.add("told");
            }
        });
        loop.step(1);
        loop.step(2);
        assertThat(ran).containsExactly("told", "again");
        assertThat(failures).isEmpty();
    }

    @Test
    void accountsEachTurnByTheWorkItFound() {
        loop.register("every other", now -> now % 20 == 0 ? 1 : 0);
        for (long now = 10; now <= 100; now += 10) {
            loop.step(now);
        }
        ReactorStats stats = loop.stats(0, false);
        // The turn of the last step has not ended yet.
        assertThat(stats.busyNs()).isEqualTo(40);
        assertThat(stats.idleNs()).isEqualTo(60);
        assertThat(stats.elapsedNs()).isEqualTo(100);
        PollerStats poller = stats.active().getFirst();
        assertThat(poller.runCount()).isEqualTo(10);
        assertThat(poller.busyCount()).isEqualTo(5);
    }

    @Test
    void doesNotSleepWhileAPollerCannotBeWoken() {
        loop.register("polled", now -> 0);
        assertThat(loop.sleep()).isFalse();
    }

    @Test
    void disarmsWhatItArmedWhenALaterPollerHasWork() {
        loop.register("first", new Sleeper(true));
        loop.register("second", new Sleeper(false));
        assertThat(loop.sleep()).isFalse();
        assertThat(ran).containsExactly("arm", "arm", "disarm");
    }

    @Test
    void aWatchedDescriptorEndsTheSleepOncePerSignal() throws LinuxException {
        try (EventFd kick = EventFd.create()) {
            Registration watch = loop.watch(kick.number());
            loop.register("sleeper", new Sleeper(true));
            kick.signal();
            assertThat(loop.sleep()).isTrue();
            kick.signal();
            assertThat(loop.sleep()).isTrue();
            watch.close();
            watch.close();
            assertThat(loop.stats(0, true).sleeps()).isEqualTo(2);
        }
    }

    @Test
    void aMessageThatIsThereKeepsItAwake() {
        loop.register("sleeper", new Sleeper(true));
        loop.execute(() -> ran.add("message"));
        assertThat(loop.sleep()).isFalse();
        assertThat(ran).containsExactly("arm", "disarm");
    }

    @Test
    void aTimedPollerThatIsDueEndsTheSleep() {
        loop.registerTimed("soon", now -> 0, 1);
        assertThat(loop.sleep()).isTrue();
    }

    @Test
    void aPollerThatHasWorkDueLaterEndsTheSleepThen() {
        loop.register("later", new Poller() {
            @Override
            public int poll(long nowNs) {
                return 0;
            }

            @Override
            public boolean arm() {
                return true;
            }

            @Override
            public long longestSleepNs(long nowNs) {
                return 1_000;
            }
        });
        assertThat(loop.sleep()).isTrue();
    }

    @Test
    void aCallOnTheReactorItselfRunsAtOnce() {
        assertThat(loop.call(() -> 42)).isCompletedWithValue(42);
        assertThat(loop.call(() -> {
                    throw new LinuxException("test", 5);
                }))
                .isCompletedExceptionally();
    }

    @Test
    void tellsTheLongestTurnAndWhatRanInIt() {
        int[] work = {0};
        loop.register("queue", now -> work[0]);
        loop.register("idle", now -> 0);
        loop.registerTimed("timer", now -> 1, 1000);
        loop.step(10);
        work[0] = 7;
        loop.execute(() -> ran.add("message"));
        loop.step(20);
        work[0] = 0;
        loop.step(20_000_020);
        loop.step(20_000_030);

        assertThat(loop.takeLongest())
                .isEqualTo(new LongestLoop(
                        20_000_000,
                        20_000_020,
                        List.of(new LongestLoop.Part("messages", 1), new LongestLoop.Part("queue", 7)),
                        1));
        loop.step(50_000_030);
        LongestLoop next = loop.takeLongest();
        assertThat(next.ns()).isEqualTo(30_000_000 - 10 + 10);
        assertThat(next.stalls()).isEqualTo(2);
        assertThat(next.stalled()).isTrue();
    }

    private int note(String what, int work) {
        ran.add(what);
        return work;
    }

    private final class Sleeper implements Poller {
        private final boolean armed;

        Sleeper(boolean armed) {
            this.armed = armed;
        }

        @Override
        public int poll(long nowNs) {
            return 0;
        }

        @Override
        public boolean arm() {
            ran.add("arm");
            return armed;
        }

        @Override
        public void disarm() {
            ran.add("disarm");
        }
    }
}
