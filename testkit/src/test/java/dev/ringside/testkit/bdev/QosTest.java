package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.bdev.qos.QosBudget;
import dev.ringside.bdev.qos.QosLayering;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.bdev.qos.RateLimit;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits are kept, over 5 seconds of a clock that the test drives. */
class QosTest {
    private static final long MS = 1_000_000;
    private static final long MIB = 1 << 20;
    private static final int BLOCK = 512;
    private static final Percentage TOLERANCE = Percentage.withPercentage(5);
    private static final MemorySegment MEMORY = Arena.global().allocate(MIB);

    private final BdevRegistry registry = new BdevRegistry();
    private final List<Load> loads = new ArrayList<>();
    private SteppedReactor reactor;
    private SteppedReactor other;

    @BeforeEach
    void start() throws Exception {
        reactor = new SteppedReactor();
        other = new SteppedReactor();
        for (String name : List.of("a", "b", "c")) {
            registry.register(NullBdev.create(name, UUID.randomUUID(), BLOCK, 1 << 20));
        }
    }

    @AfterEach
    void end() throws Exception {
        reactor.close();
        other.close();
    }

    @Test
    void readsAndWritesPerSecond() throws Exception {
        limit("a", ios(20_000, 0));
        Load load = load("a", reactor, 32, 8);
        run(5_000);
        assertThat(load.done()).isCloseTo(100_000, TOLERANCE);
    }

    @Test
    void aRateOfAFewPerSecondIsKeptToo() throws Exception {
        limit("a", ios(3, 1));
        Load load = load("a", reactor, 4, 1);
        run(5_000);
        assertThat(load.done()).isBetween(15L, 16L);
    }

    @Test
    void bytesOfEachKind() throws Exception {
        RateLimit none = RateLimit.NONE;
        limit("a", new QosLimits(none, new RateLimit(50 * MIB, 0), none, none));
        limit("b", new QosLimits(none, none, new RateLimit(30 * MIB, 0), none));
        limit("c", new QosLimits(none, none, none, new RateLimit(10 * MIB, 0)));
        List<Load> all = List.of(load("a", reactor, 16, 128), load("b", reactor, 16, 128), load("c", reactor, 16, 128));
        run(5_000);
        assertThat(all.get(0).bytes(IoType.READ) + all.get(0).bytes(IoType.WRITE))
                .isCloseTo(250 * MIB, TOLERANCE);
        assertThat(all.get(1).bytes(IoType.READ)).isCloseTo(150 * MIB, TOLERANCE);
        assertThat(all.get(2).bytes(IoType.WRITE)).isCloseTo(50 * MIB, TOLERANCE);
    }

    @Test
    void theLowestOfSeveralLimitsDecides() throws Exception {
        limit("a", new QosLimits(new RateLimit(1_000, 0), new RateLimit(100 * MIB, 0), RateLimit.NONE, RateLimit.NONE));
        Load load = load("a", reactor, 16, 8);
        run(5_000);
        assertThat(load.done()).isCloseTo(5_000, TOLERANCE);
    }

    @Test
    void aBurstIsWhatRestHasSavedUpAndNoMore() throws Exception {
        limit("a", ios(1_000, 500));
        Load load = load("a", reactor, 256, 8);
        run(1);
        assertThat(load.done()).as("the burst").isCloseTo(500, within(3L));
        run(1_000);
        assertThat(load.done()).as("the rate after it").isCloseTo(1_500, within(5L));
        load.pause();
        run(10_000);
        long before = load.done();
        load.resume();
        run(1);
        assertThat(load.done() - before).as("after a long rest").isCloseTo(500, within(5L));
    }

    @Test
    void aLimitIsChangedUnderLoad() throws Exception {
        limit("a", ios(1_000, 0));
        Load load = load("a", reactor, 256, 8);
        run(1_000);
        limit("a", ios(10_000, 0));
        long before = load.done();
        run(5_000);
        assertThat(load.done() - before).isCloseTo(50_000, TOLERANCE);
        before = load.done();
        limit("a", ios(500, 0));
        run(5_000);
        assertThat(load.done() - before).isCloseTo(2_500, TOLERANCE);
        registry.layer("a", Layering.Place.QOS, null).join();
        before = load.done();
        run(100);
        assertThat(load.done() - before).as("without a limit").isGreaterThan(20_000);
    }

    /** A deep queue takes no more than its turn, on this reactor or on another. */
    @Test
    void aGroupSharesOneBudgetEvenly() throws Exception {
        QosBudget group = new QosBudget(ios(9_000, 0), reactor.reactor().nowNs());
        for (String name : List.of("a", "b", "c")) {
            registry.layer(name, Layering.Place.QOS, new QosLayering(List.of(group)))
                    .join();
        }
        Load deep = load("a", reactor, 256, 8);
        Load shallow = load("b", reactor, 1, 8);
        Load elsewhere = load("c", other, 32, 8);
        run(5_000);
        assertThat(deep.done() + shallow.done() + elsewhere.done()).isCloseTo(45_000, TOLERANCE);
        assertThat(List.of(deep, shallow, elsewhere))
                .allSatisfy(load -> assertThat(load.done()).isBetween(10_000L, 20_000L));
        deep.pause();
        elsewhere.pause();
        run(1_000);
        long before = shallow.done();
        run(5_000);
        assertThat(shallow.done() - before).as("alone").isCloseTo(45_000, TOLERANCE);
    }

    @Test
    void twoReactorsShareTheLimitOfADisk() throws Exception {
        limit("a", ios(8_000, 0));
        Load here = load("a", reactor, 64, 8);
        Load there = load("a", other, 64, 8);
        run(5_000);
        assertThat(here.done() + there.done()).isCloseTo(40_000, TOLERANCE);
        assertThat(here.done()).isCloseTo(20_000, TOLERANCE);
    }

    @Test
    void whatWaitsEndsByAbortResetAndRemoval() throws Exception {
        limit("a", ios(1, 1));
        Load load = load("a", reactor, 1, 1);
        load.pause();
        TestRequest first = load.submit(IoType.READ);
        TestRequest second = load.submit(IoType.READ);
        TestRequest third = load.submit(IoType.WRITE);
        assertThat(second.done()).isFalse();
        second.io.abort();
        assertThat(second.status).isEqualTo(IoStatus.ABORTED);
        TestRequest flush = load.submit(IoType.FLUSH);
        assertThat(flush.status).as("a flush is not limited").isEqualTo(IoStatus.OK);
        TestRequest reset = load.submit(IoType.RESET);
        assertThat(first.done()).isTrue();
        assertThat(third.status).isEqualTo(IoStatus.ABORTED);
        assertThat(reset.status).isEqualTo(IoStatus.OK);
        TestRequest fourth = load.submit(IoType.READ);
        CompletableFuture<Void> _ = registry.unregister("a");
        reactor.step();
        assertThat(fourth.status).isEqualTo(IoStatus.NO_DEVICE);
    }

    @Test
    void howLongARequestWaitedIsKnown() throws Exception {
        limit("a", ios(1_000, 1));
        Load load = load("a", reactor, 1, 1);
        load.pause();
        load.submit(IoType.READ);
        TestRequest second = load.submit(IoType.READ);
        run(3);
        assertThat(second.done()).isTrue();
        assertThat(second.io.qosWaitNs).isBetween(MS / 2, 2 * MS);
    }

    private static QosLimits ios(long perSecond, long burst) {
        return new QosLimits(new RateLimit(perSecond, burst), RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);
    }

    private void limit(String name, QosLimits limits) throws Exception {
        QosBudget budget = new QosBudget(limits, reactor.reactor().nowNs());
        registry.layer(name, Layering.Place.QOS, new QosLayering(List.of(budget)))
                .join();
    }

    private Load load(String name, SteppedReactor on, int depth, int blocks) throws Exception {
        Load load = new Load(registry.open(name, true, event -> {}), on, depth, blocks);
        loads.add(load);
        return load;
    }

    /** So much time passes, in turns of 100 us. */
    private void run(int ms) {
        for (int turn = 0; turn < 10 * ms; turn++) {
            // As often as there is something to do at one time, as a reactor does.
            reactor.step(MS / 10);
            other.step(MS / 10);
            int work = 1;
            while (work > 0) {
                loads.forEach(Load::next);
                work = reactor.step(0) + other.step(0);
            }
            loads.forEach(Load::next);
        }
    }

    /** Requests that follow each other; reads and writes by turns. */
    private static final class Load {
        private final BdevChannel channel;
        private final List<TestRequest> requests = new ArrayList<>();
        private final int blocks;
        private final long[] bytes = new long[IoType.count()];
        private final long[] count = new long[IoType.count()];
        private boolean paused;
        private int turn;

        Load(BdevHandle handle, SteppedReactor reactor, int depth, int blocks) throws Exception {
            this.channel = handle.openChannel(reactor.reactor());
            this.blocks = blocks;
            for (int i = 0; i < depth; i++) {
                TestRequest request = new TestRequest();
                requests.add(request);
                request.ends = 1;
                request.status = 1;
            }
        }

        void next() {
            for (TestRequest request : requests) {
                if (request.done()) {
                    if (request.status == IoStatus.OK) {
                        count[request.io.type().ordinal()]++;
                        bytes[request.io.type().ordinal()] += request.io.blocks() * BLOCK;
                        request.status = 1;
                    }
                    if (!paused) {
                        submit(request, (turn++ & 1) == 0 ? IoType.READ : IoType.WRITE);
                    }
                }
            }
            channel.flush();
        }

        TestRequest submit(IoType type) {
            TestRequest request = new TestRequest();
            submit(request, type);
            return request;
        }

        private void submit(TestRequest request, IoType type) {
            if (type.movesData()) {
                request.transfer(type, 0, blocks, MEMORY.asSlice(0, (long) blocks * BLOCK));
            } else {
                request.plain(type, 0, 0);
            }
            channel.submit(request.io);
        }

        void pause() {
            paused = true;
        }

        void resume() {
            paused = false;
        }

        long done() {
            return LongStream.of(count).sum();
        }

        long bytes(IoType type) {
            return bytes[type.ordinal()];
        }
    }
}
