package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.Latency;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.bdev.qos.QosBudget;
import dev.ringside.bdev.qos.QosLayering;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.bdev.qos.RateLimit;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults that are given to a disk that is in use, and taken away. */
class FaultTest {
    private static final long MS = 1_000_000;
    private static final FaultAction FAIL = new FaultAction.Fail(IoStatus.IO_ERROR);

    private final BdevRegistry registry = new BdevRegistry();
    private SteppedReactor reactor;
    private BdevChannel channel;

    @BeforeEach
    void open() throws Exception {
        reactor = new SteppedReactor();
        registry.register(NullBdev.create("n", UUID.randomUUID(), 512, 1000));
        channel = registry.open("n", true, event -> {}).openChannel(reactor.reactor());
    }

    @AfterEach
    void close() {
        reactor.close();
    }

    @Test
    void aFaultKeepsItsTime() throws Exception {
        give(7, new Fault(Set.of(IoType.FLUSH), 0, Long.MAX_VALUE, 1, Fault.ENDLESS, 0, 10 * MS, 5 * MS, FAIL));
        assertThat(run()).isEqualTo(IoStatus.OK);
        reactor.step(10 * MS);
        assertThat(run()).isEqualTo(IoStatus.IO_ERROR);
        reactor.step(5 * MS);
        assertThat(run()).isEqualTo(IoStatus.OK);
    }

    @Test
    void theSameSeedHitsTheSameRequests() throws Exception {
        BitSet first = hits(7);
        assertThat(first.cardinality()).isBetween(200, 400);
        assertThat(hits(7)).isEqualTo(first);
        assertThat(hits(8)).isNotEqualTo(first);
    }

    private BitSet hits(long seed) throws Exception {
        give(seed, new Fault(Set.of(IoType.FLUSH), 0, Long.MAX_VALUE, 0.3, Fault.ENDLESS, 0, 0, Fault.ENDLESS, FAIL));
        BitSet hits = new BitSet();
        for (int i = 0; i < 1000; i++) {
            hits.set(i, run() == IoStatus.IO_ERROR);
        }
        return hits;
    }

    /** The next fault decides nothing about what the first one holds. */
    @Test
    void whatIsHeldGoesOnWhenItsFaultIsTakenAway() throws Exception {
        FaultPoint point = new FaultPoint();
        LiveFault stuck = live(7, Fault.always(Set.of(IoType.FLUSH), new FaultAction.Stick()));
        point.set(List.of(stuck));
        registry.layer("n", Layering.Place.FAULTS, point).join();
        TestRequest held = submit();
        point.set(List.of(stuck, live(7, Fault.always(Set.of(IoType.FLUSH), FAIL))));
        reactor.step();
        assertThat(held.done()).isFalse();
        registry.layer("n", Layering.Place.FAULTS, null).join();
        channel.flush();
        assertThat(held.status).isEqualTo(IoStatus.OK);
        assertThat(channel.outstanding()).isZero();
    }

    @Test
    void faultsAndLimitsStandOverEachOther() throws Exception {
        QosLimits limits = new QosLimits(new RateLimit(1, 1), RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);
        registry.layer(
                        "n",
                        Layering.Place.QOS,
                        new QosLayering(
                                List.of(new QosBudget(limits, reactor.reactor().nowNs()))))
                .join();
        give(7, Fault.always(Set.of(IoType.FLUSH), new FaultAction.Delay(new Latency.Exponential(MS))));
        TestRequest held = submit();
        assertThat(held.done()).isFalse();
        registry.layer("n", Layering.Place.QOS, null).join();
        assertThat(held.done()).isFalse();
        reactor.step(100 * MS);
        assertThat(held.status).isEqualTo(IoStatus.OK);
    }

    /** The range of a copy is where to; the blocks that it reads are touched, too. */
    @Test
    void aCopyIsHitWhereItReadsAndWhereItWrites() throws Exception {
        registry.register(MallocBdev.create(new MallocOptions("m", 512, 1000)));
        FaultPoint point = new FaultPoint();
        LiveFault fault =
                live(7, new Fault(Set.of(IoType.COPY), 100, 107, 1, Fault.ENDLESS, 0, 0, Fault.ENDLESS, FAIL));
        point.set(List.of(fault));
        registry.layer("m", Layering.Place.FAULTS, point).join();
        try (BdevHandle handle = registry.open("m", true, event -> {});
                BdevChannel toM = handle.openChannel(reactor.reactor())) {
            assertThat(copy(toM, 92, 500, 8)).as("it reads up to there").isEqualTo(IoStatus.OK);
            assertThat(copy(toM, 93, 500, 8)).as("it reads the first").isEqualTo(IoStatus.IO_ERROR);
            assertThat(copy(toM, 107, 500, 8)).as("it reads the last").isEqualTo(IoStatus.IO_ERROR);
            assertThat(copy(toM, 108, 500, 8)).as("it reads from there").isEqualTo(IoStatus.OK);
            assertThat(copy(toM, 500, 107, 8)).as("it writes the last").isEqualTo(IoStatus.IO_ERROR);
            assertThat(copy(toM, 500, 108, 8)).as("it writes from there").isEqualTo(IoStatus.OK);
        }
        assertThat(fault.run().hits()).isEqualTo(3);
        registry.unregister("m").join();
    }

    private int copy(BdevChannel to, long from, long lba, long blocks) {
        TestRequest request = new TestRequest().copy(from, lba, blocks);
        to.submit(request.io);
        to.flush();
        reactor.await("a copy", request::done, Duration.ofSeconds(30));
        return request.status;
    }

    private void give(long seed, Fault fault) throws Exception {
        FaultPoint point = new FaultPoint();
        point.set(List.of(live(seed, fault)));
        registry.layer("n", Layering.Place.FAULTS, point).join();
    }

    private LiveFault live(long seed, Fault fault) {
        return new LiveFault(fault, seed, reactor.reactor().nowNs());
    }

    private int run() {
        return submit().status;
    }

    private TestRequest submit() {
        TestRequest request = new TestRequest().plain(IoType.FLUSH, 0, 0);
        channel.submit(request.io);
        channel.flush();
        return request;
    }
}
