package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import dev.ringside.env.reactor.ReactorLoop;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the block layer says that the time of its requests went. */
class TimingTest {
    private static final Optional<Timing> ALL = Optional.of(new Timing(1));

    private final BdevRegistry registry = new BdevRegistry();
    private final ScriptedBdev device = ScriptedBdev.named("a");
    private ReactorLoop reactor;
    private BdevHandle handle;
    private BdevChannel channel;

    @BeforeEach
    void open() throws Exception {
        reactor = BdevRegistryTest.reactor();
        registry.register(device);
        handle = registry.open("a", true, event -> {});
        channel = handle.openChannel(reactor);
    }

    @AfterEach
    void close() {
        reactor.close();
    }

    @Test
    void nothingIsMeasuredUnlessItIsWanted() throws Exception {
        run(CountingOwner.of(IoType.WRITE, 0, 1));
        assertThat(registry.timing("a")).isEmpty();
        assertThat(channel.timed()).isFalse();
        assertThat(counted(Span.BDEV)).isZero();
        registry.time("a", ALL).join();
        assertThat(registry.timing("a")).isEqualTo(ALL);
        run(CountingOwner.of(IoType.WRITE, 0, 1));
        assertThat(counted(Span.BDEV)).isEqualTo(1);
        registry.time("a", Optional.empty()).join();
        run(CountingOwner.of(IoType.WRITE, 0, 1));
        assertThat(registry.spans("a").join().of(Span.BDEV).count()).isZero();
    }

    @Test
    void waitingForRoomIsNotTheDevicesTime() throws Exception {
        registry.time("a", ALL).join();
        device.room = 0;
        CountingOwner write = CountingOwner.of(IoType.WRITE, 0, 1);
        write.io.times().begin();
        channel.submit(write.io);
        spin();
        device.room = 9;
        channel.flush();
        device.endAll();
        IoTimes times = write.io.times();
        assertThat(times.waitedNs()).isGreaterThan(1_000_000);
        assertThat(times.inDeviceNs()).isPositive();
        assertThat(times.waitedNs() + times.inDeviceNs()).isEqualTo(times.endedNs() - times.firstNs());
        Spans spans = registry.spans("a").join();
        assertThat(spans.of(Span.BLOCK_LAYER).sumNs()).isEqualTo(times.waitedNs());
        assertThat(spans.of(Span.DEVICE).sumNs()).isEqualTo(times.inDeviceNs());
    }

    @Test
    void waitingUnderALimitIsNotTheDevicesTime() throws Exception {
        registry.time("a", ALL).join();
        CountingOwner write = CountingOwner.of(IoType.WRITE, 0, 1);
        write.io.times().begin();
        channel.submit(write.io);
        // As the layer that limits does.
        write.io.qosWaitNs += 1;
        spin();
        device.endAll();
        Spans spans = registry.spans("a").join();
        assertThat(spans.of(Span.QOS).sumNs()).isEqualTo(1);
        assertThat(spans.of(Span.BDEV).sumNs())
                .isEqualTo(1
                        + spans.of(Span.BLOCK_LAYER).sumNs()
                        + spans.of(Span.DEVICE).sumNs());
        assertThat(write.io.times().qosNs()).isEqualTo(1);
        run(write);
        assertThat(spans.of(Span.QOS).sumNs()).isEqualTo(1);
    }

    @Test
    void aRequestThatIsSubmittedTwiceHasTheSums() throws Exception {
        registry.time("a", ALL).join();
        CountingOwner write = CountingOwner.of(IoType.WRITE, 0, 1);
        write.io.times().begin();
        run(write);
        long first = write.io.times().inDeviceNs();
        run(write);
        assertThat(write.io.times().inDeviceNs()).isGreaterThan(first);
        assertThat(counted(Span.DEVICE)).isEqualTo(2);
        assertThat(registry.spans("a").join().of(Span.DEVICE).sumNs())
                .isEqualTo(write.io.times().inDeviceNs());
    }

    @Test
    void slowRequestsAreNoted() throws Exception {
        CountingOwner write = CountingOwner.of(IoType.WRITE, 40, 2);
        SlowIos slowIos = slowOnesAfter(write);
        for (int i = 0; i < 40; i++) {
            slowIos.look(write.io, 5, 6);
        }
        SlowIos.Taken taken = registry.takeSlow("a").join().getFirst();
        assertThat(taken.ios()).hasSize(32);
        assertThat(taken.left()).isEqualTo(8);
        SlowIo slow = taken.ios().getFirst();
        assertThat(slow.type()).isEqualTo(IoType.WRITE);
        assertThat(slow.lba()).isEqualTo(40);
        assertThat(slow.blocks()).isEqualTo(2);
        assertThat(slow.totalNs()).isEqualTo(11 + slow.blockLayerNs() + slow.deviceNs());
        assertThat(registry.takeSlow("a").join()).isEqualTo(List.of(new SlowIos.Taken(List.of(), 0)));
    }

    @Test
    void theSlowestAreNotedAndAllAreCounted() throws Exception {
        CountingOwner write = CountingOwner.of(IoType.WRITE, 0, 1);
        SlowIos slowIos = slowOnesAfter(write);
        for (int look = 0; look < 2; look++) {
            // 7 and 40 have no divisor in common: each from 0 to 39 once, neither rising nor falling.
            for (int i = 0; i < 40; i++) {
                slowIos.look(write.io, i * 7 % 40, 1_000);
            }
            SlowIos.Taken taken = registry.takeSlow("a").join().getFirst();
            assertThat(taken.ios().stream().map(SlowIo::pollDelayNs))
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.range(8, 40).boxed().toList());
            assertThat(taken.left()).isEqualTo(8);
        }
    }

    @Test
    void whatClosedChannelsHaveMeasuredIsKept() throws Exception {
        registry.time("a", ALL).join();
        run(CountingOwner.of(IoType.READ, 0, 1));
        channel.close();
        channel = handle.openChannel(reactor);
        run(CountingOwner.of(IoType.READ, 0, 1));
        assertThat(counted(Span.BDEV)).isEqualTo(2);
    }

    private static void spin() {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun <= 1_000_000) {
            Thread.onSpinWait();
        }
    }

    private long counted(Span span) throws BdevException {
        return registry.spans("a").join().of(span).count();
    }

    private void run(CountingOwner owner) {
        channel.submit(owner.io);
        channel.flush();
        device.endAll();
    }

    /** Those of the channel that a request has gone through, all of which are slow. */
    private SlowIos slowOnesAfter(CountingOwner request) throws Exception {
        registry.time("a", ALL).join();
        request.io.times().begin();
        run(request);
        ChannelTimes times = request.io.times().channel();
        assertThat(times).isNotNull();
        return times.slow();
    }
}
