package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.Latency;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.bdev.qos.QosBudget;
import dev.ringside.bdev.qos.QosLayering;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.bdev.qos.RateLimit;
import dev.ringside.testkit.reactor.SteppedReactor;
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
