package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.Latency;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.CallWaiter;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.queue.RingFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Virtqueues that are late, silent, stalled or noisy when they are told to be. */
class RingFaultsTest {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;
    private static final long PATIENCE_NS = 20_000_000_000L;

    @Test
    void lateCompletionsAreShownWhenTheirTimeHasCome() {
        RingFaults faults = faults(fault(RingFault.Kind.LATE_COMPLETIONS, 100 * US, 0, Fault.ENDLESS));
        assertThat(faults.holds(0, 0)).isFalse();
        assertThat(faults.holds(1, 0)).isTrue();
        assertThat(faults.longestSleepNs(10 * US)).isEqualTo(90 * US);
        assertThat(faults.holds(5, 99 * US)).isTrue();
        assertThat(faults.holds(5, 100 * US)).isFalse();
        assertThat(faults.holds(1, 150 * US)).as("the next batch").isTrue();
    }

    @Test
    void aFaultKeepsItsTime() {
        RingFault stalled = fault(RingFault.Kind.STALLED_QUEUE, 0, 10 * MS, 5 * MS);
        RingFaults faults = faults(stalled, fault(RingFault.Kind.WITHHELD_COMPLETIONS, 0, 0, 20 * MS));
        faults.look(9 * MS);
        assertThat(faults.stalled()).isFalse();
        assertThat(faults.longestSleepNs(9 * MS)).isEqualTo(MS);
        faults.look(10 * MS);
        assertThat(faults.stalled()).isTrue();
        assertThat(faults.longestSleepNs(10 * MS)).isEqualTo(5 * MS);
        faults.look(15 * MS);
        assertThat(faults.stalled()).isFalse();
        assertThat(stalled.run().hits()).isEqualTo(1);
        assertThat(faults.holds(1, 19 * MS)).isTrue();
        assertThat(faults.holds(1, 20 * MS)).isFalse();
    }

    @Test
    void spuriousCallsFollowEachOther() {
        RingFaults faults = faults(fault(RingFault.Kind.SPURIOUS_CALLS, 50 * US, 0, Fault.ENDLESS));
        assertThat(faults.calls(0)).isTrue();
        assertThat(faults.calls(49 * US)).isFalse();
        assertThat(faults.longestSleepNs(49 * US)).isEqualTo(US);
        assertThat(faults.calls(50 * US)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aGuestGetsLateWhatWasDone(RingFormat format) throws Exception {
        long began = System.nanoTime();
        withGuest(IdleMode.ADAPTIVE, format, (controller, blk) -> {
            give(controller, fault(RingFault.Kind.LATE_COMPLETIONS, 20 * MS, 0, Fault.ENDLESS));
            assertThat(blk.queue(0).read(0, 512).status()).isZero();
            assertThat(System.nanoTime() - began).isGreaterThan(20 * MS);
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWithheldOrLeftInTheRingGoesOnWhenTheFaultEnds(IdleMode mode) throws Exception {
        for (RingFault.Kind kind : List.of(RingFault.Kind.WITHHELD_COMPLETIONS, RingFault.Kind.STALLED_QUEUE)) {
            withGuest(mode, RingFormat.SPLIT, (controller, blk) -> {
                RingFault fault = fault(kind, 0, 0, Fault.ENDLESS);
                give(controller, fault);
                BlkDriverQueue queue = blk.queue(0);
                queue.submit(0, 0, 0, 512);
                queue.kick();
                Await.until("the fault has hit", () -> fault.run().hits() > 0);
                assertThat(queue.reap()).as("the slot of what has ended").isEqualTo(-1);
                fault.run().end();
                give(controller);
                Await.until("the request has ended", () -> queue.reap() == 0);
            });
        }
    }

    @Test
    void aGuestIsCalledForNothing() throws Exception {
        withGuest(IdleMode.INTERRUPT, RingFormat.SPLIT, (controller, blk) -> {
            give(controller, fault(RingFault.Kind.SPURIOUS_CALLS, MS, 0, Fault.ENDLESS));
            try (CallWaiter calls = new CallWaiter(blk.queue(0).callFd())) {
                for (int i = 0; i < 5; i++) {
                    assertThat(calls.await(PATIENCE_NS)).isTrue();
                }
            }
            assertThat(blk.queue(0).read(0, 512).status()).isZero();
        });
    }

    @Test
    void aRingStopsWithWhatIsWithheld() throws Exception {
        withGuest(IdleMode.ADAPTIVE, RingFormat.SPLIT, (controller, blk) -> {
            RingFault fault = fault(RingFault.Kind.WITHHELD_COMPLETIONS, 0, 0, Fault.ENDLESS);
            give(controller, fault);
            blk.queue(0).submit(0, 0, 0, 512);
            blk.queue(0).kick();
            Await.until("the fault has hit", () -> fault.run().hits() > 0);
            assertThat(blk.stop()).containsExactly(1);
            assertThat(blk.queue(0).reap()).as("the slot of what has ended").isZero();
        });
    }

    private interface Use {
        void of(VhostController controller, BlkFrontend blk) throws Exception;
    }

    private static void withGuest(IdleMode mode, RingFormat format, Use use) throws Exception {
        try (TargetRig rig = new TargetRig(mode, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.nullDisk("disk", 512, 16_384);
            try (BlkFrontend blk =
                    rig.start("disk", ram, BlkOptions.of(1, 64).with(format).withCalls())) {
                use.of(rig.target().find("disk"), blk);
            }
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static void give(VhostController controller, RingFault... faults) {
        controller.useFaults(List.of(faults)).join();
    }

    private static RingFaults faults(RingFault... faults) {
        return new RingFaults(List.of(faults));
    }

    private static RingFault fault(RingFault.Kind kind, long latencyNs, long afterNs, long forNs) {
        long nowNs = afterNs == 0 && forNs == Fault.ENDLESS ? System.nanoTime() : 0;
        return RingFault.of(kind, RingFault.ALL, new Latency.Fixed(latencyNs), 1, afterNs, forNs, 7, nowNs);
    }
}
