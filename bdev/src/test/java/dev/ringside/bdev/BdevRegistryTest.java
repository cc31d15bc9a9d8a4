package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.ReactorLoop;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BdevRegistryTest {
    private final BdevRegistry registry = new BdevRegistry();
    private final List<BdevEvent> events = new ArrayList<>();

    @Test
    void aNameAndAnAliasAreTakenOnce() throws Exception {
        ScriptedBdev a = ScriptedBdev.named("a");
        registry.register(a);
        refused(Errno.EEXIST, () -> registry.register(ScriptedBdev.named("a")));
        BdevInfo info = ScriptedBdev.info("b", 1, IoLimits.NONE);
        BdevInfo clash = new BdevInfo(
                "c",
                List.of("a-alias"),
                info.productName(),
                info.uuid(),
                512,
                512,
                1,
                false,
                false,
                false,
                info.supported(),
                info.limits());
        refused(Errno.EEXIST, () -> registry.register(new ScriptedBdev(clash)));
        registry.register(ScriptedBdev.named("b"));
        assertThat(registry.list()).extracting(entry -> entry.info().name()).containsExactly("a", "b");
        assertThat(registry.find("a-alias").bdev()).isSameAs(a);
        refused(Errno.ENODEV, () -> registry.find("c"));
    }

    @Test
    void aClaimKeepsOtherWritersOut() throws Exception {
        registry.register(ScriptedBdev.named("a"));
        BdevHandle first = registry.open("a", true, events::add);
        BdevHandle second = registry.open("a", true, events::add);
        refused(Errno.EBUSY, () -> first.claim("controller 1"));
        second.close();
        first.claim("controller 1");
        assertThat(registry.find("a").claim()).isEqualTo(Optional.of("controller 1"));
        refused(Errno.EBUSY, () -> registry.open("a", true, events::add));
        BdevHandle reader = registry.open("a", false, events::add);
        refused(Errno.EBUSY, () -> reader.claim("controller 2"));
        first.close();
        assertThat(registry.find("a").claim()).isEmpty();
        reader.claim("controller 2");
        reader.close();
        registry.open("a", true, events::add).close();
    }

    @Test
    void aReadOnlyDeviceIsNotOpenedForWriting() throws Exception {
        registry.register(
                new ScriptedBdev(ScriptedBdev.info("ro", 10, IoLimits.NONE, EnumSet.allOf(IoType.class), true)));
        refused(Errno.EROFS, () -> registry.open("ro", true, events::add));
        registry.open("ro", false, events::add).close();
        refused(Errno.ENODEV, () -> registry.open("nothing", false, events::add));
    }

    @Test
    void aRemovedDeviceIsDestroyedWhenTheLastUserHasGone() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        registry.register(device);
        BdevHandle one = registry.open("a", true, events::add);
        BdevHandle two = registry.open("a-alias", false, events::add);
        CompletableFuture<Void> destroyed = registry.unregister("a");
        assertThat(events).containsExactly(new BdevEvent.Removed(), new BdevEvent.Removed());
        refused(Errno.ENODEV, () -> registry.unregister("a"));
        registry.register(ScriptedBdev.named("a"));
        one.close();
        one.close();
        assertThat(device.destroyed).isFalse();
        assertThat(destroyed).isNotDone();
        two.close();
        assertThat(device.destroyed).isTrue();
        assertThat(destroyed).isDone();
    }

    @Test
    void anUnusedDeviceIsDestroyedAtOnce() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        registry.register(device);
        assertThat(registry.unregister("a-alias")).isDone();
        assertThat(device.destroyed).isTrue();
        assertThat(registry.list()).isEmpty();
    }

    @Test
    void aUserMayCloseInsideTheEvent() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        registry.register(device);
        List<BdevHandle> handle = new ArrayList<>();
        handle.add(registry.open("a", true, event -> handle.getFirst().close()));
        assertThat(registry.unregister("a")).isDone();
        assertThat(device.destroyed).isTrue();
    }

    @Test
    void aHandleWithAnOpenChannelIsNotClosed() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        registry.register(device);
        try (ReactorLoop reactor = reactor()) {
            BdevHandle handle = registry.open("a", true, events::add);
            BdevChannel one = handle.openChannel(reactor);
            BdevHandle other = registry.open("a", false, events::add);
            BdevChannel two = other.openChannel(reactor);
            assertThat(device.opened)
                    .as("channels of one reactor share the device's")
                    .isEqualTo(1);
            assertThatThrownBy(handle::close).isInstanceOf(IllegalStateException.class);
            one.close();
            one.close();
            handle.close();
            assertThat(device.closed).isZero();
            two.close();
            other.close();
            assertThat(device.closed).isEqualTo(1);
        }
    }

    @Test
    void aResizeReachesChannelsAndThenListeners() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        registry.register(device);
        try (ReactorLoop reactor = reactor()) {
            List<Long> seen = new ArrayList<>();
            List<BdevChannel> channels = new ArrayList<>();
            BdevHandle handle = registry.open("a", true, event -> {
                events.add(event);
                seen.add(channels.getFirst().numBlocks());
            });
            channels.add(handle.openChannel(reactor));
            device.info = device.info.withNumBlocks(77);
            registry.resized(device);
            assertThat(events).containsExactly(new BdevEvent.Resized(device.info));
            assertThat(seen).containsExactly(77L);
            channels.getFirst().close();
            handle.close();
        }
        registry.unregister("a").join();
        refused(Errno.ENODEV, () -> registry.resized(device));
    }

    @Test
    void statisticsOutliveChannelsAndAreReset() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        device.inline = true;
        registry.register(device);
        try (ReactorLoop reactor = reactor();
                BdevHandle handle = registry.open("a", true, events::add)) {
            for (int round = 1; round <= 3; round++) {
                try (BdevChannel channel = handle.openChannel(reactor)) {
                    channel.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                    device.status = IoStatus.IO_ERROR;
                    channel.submit(CountingOwner.of(IoType.WRITE, 0, 8).io);
                    device.status = IoStatus.OK;
                    BdevStats stats = registry.stats("a").join();
                    assertThat(stats.of(IoType.READ).operations()).isEqualTo(round);
                    assertThat(stats.of(IoType.READ).bytes()).isEqualTo(round * 4096L);
                    assertThat(stats.of(IoType.WRITE).errors()).isEqualTo(round);
                    assertThat(stats.of(IoType.WRITE).operations()).isZero();
                }
            }
            try (BdevChannel channel = handle.openChannel(reactor)) {
                channel.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                registry.resetStats("a", StatsReset.ALL).join();
                assertThat(registry.stats("a").join().of(IoType.READ)).isEqualTo(new BdevStats.Entry(0, 0, 0, 0, 0, 0));
            }
        }
    }

    @Test
    void whatAReactorServedIsCountedOnceAndOutlivesChannelsAndDevices() throws Exception {
        for (String name : List.of("a", "b")) {
            ScriptedBdev device = ScriptedBdev.named(name);
            device.inline = true;
            registry.register(device);
        }
        try (ReactorLoop reactor = reactor();
                BdevHandle a = registry.open("a", true, events::add)) {
            assertThat(registry.served().join()).isEmpty();
            BdevHandle b = registry.open("b", true, events::add);
            BdevHandle base = registry.openBase("b", false, events::add);
            try (BdevChannel toA = a.openChannel(reactor)) {
                toA.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                try (BdevChannel toB = b.openChannel(reactor);
                        BdevChannel below = base.openChannel(reactor)) {
                    toB.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                    below.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                    assertThat(served(reactor)).isEqualTo(2);
                    assertThat(registry.stats("b").join().of(IoType.READ).operations())
                            .isEqualTo(2);
                }
                assertThat(served(reactor)).isEqualTo(2);
                var gone = registry.unregister("b");
                assertThat(served(reactor)).as("somebody has it open").isEqualTo(2);
                b.close();
                base.close();
                gone.join();
                assertThat(served(reactor)).as("it is gone").isEqualTo(2);
                toA.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                registry.resetStats("a", StatsReset.ALL).join();
                assertThat(served(reactor)).isEqualTo(1);
                registry.resetStats(StatsReset.ALL).join();
                assertThat(served(reactor)).isZero();
            }
        }
    }

    @Test
    void allCountersAreResetWhateverDevicesLeave() throws Exception {
        for (String name : List.of("a", "b")) {
            ScriptedBdev device = ScriptedBdev.named(name);
            device.inline = true;
            registry.register(device);
        }
        try (ReactorLoop reactor = reactor();
                BdevHandle a = registry.open("a", true, events::add)) {
            CompletableFuture<Void> gone;
            try (BdevHandle b = registry.open("b", true, events::add);
                    BdevChannel toA = a.openChannel(reactor);
                    BdevChannel toB = b.openChannel(reactor)) {
                toA.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                toB.submit(CountingOwner.of(IoType.READ, 0, 8).io);
                gone = registry.unregister("b");
                assertThat(served(reactor)).isEqualTo(2);
                registry.resetStats(StatsReset.ALL).join();
                assertThat(served(reactor)).isZero();
                assertThat(registry.stats("a").join().of(IoType.READ).operations())
                        .isZero();
            }
            gone.join();
            assertThat(served(reactor)).as("it is gone").isZero();
        }
    }

    private long served(ReactorLoop reactor) {
        BdevStats stats = registry.served().join().get(reactor);
        assertThat(stats).isNotNull();
        return stats.of(IoType.READ).operations();
    }

    @Test
    void latencyIsFromSubmissionToEnd() throws Exception {
        ScriptedBdev device = ScriptedBdev.named("a");
        registry.register(device);
        try (ReactorLoop reactor = reactor();
                BdevHandle handle = registry.open("a", true, events::add);
                BdevChannel channel = handle.openChannel(reactor)) {
            long now = 1_000;
            for (int wait : new int[] {500, 200, 900}) {
                reactor.step(now);
                channel.submit(CountingOwner.of(IoType.READ, 0, 1).io);
                now += wait;
                reactor.step(now);
                device.endAll();
            }
            assertThat(registry.stats("a").join().of(IoType.READ))
                    .isEqualTo(new BdevStats.Entry(3, 3 * 512, 0, 1600, 200, 900));
        }
    }

    static ReactorLoop reactor() throws Exception {
        ReactorLoop loop = new ReactorLoop(
                0,
                (name, thrown) -> {
                    throw new AssertionError(name, thrown);
                },
                0);
        loop.adopt();
        return loop;
    }

    private static void refused(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
