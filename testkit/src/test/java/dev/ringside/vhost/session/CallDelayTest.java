package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a driver is called that is not to be called as often as it wants. */
class CallDelayTest {
    private static final long US = 1000;

    private final CallPace pace = new CallPace();
    private final CallDelay delay = new CallDelay(pace);

    @Test
    void withoutADelayEveryWishIsGranted() {
        assertThat(delay.due(true, 1, 5)).isTrue();
        assertThat(delay.due(false, 1, 6)).isFalse();
        assertThat(delay.owes()).isFalse();
    }

    @Test
    void whoStaysBelowTheThresholdIsCalledAtOnce() {
        pace.set(new CallPace.Setting(100, 1000));
        for (long now = 0; now < 10 * CallDelay.INTERVAL_NS; now += CallDelay.INTERVAL_NS / 10) {
            assertThat(delay.due(true, 1, now)).isTrue();
        }
    }

    @Test
    void whoExceedsItWaitsTheMoreTheMoreItDoes() {
        pace.set(new CallPace.Setting(100, 1000));
        assertThat(delay.due(true, 30, 0)).isTrue();
        // 30 requests in an interval, of 10: twice too many.
        assertThat(delay.due(true, 0, CallDelay.INTERVAL_NS)).isTrue();
        assertThat(delay.due(true, 1, CallDelay.INTERVAL_NS + 199 * US)).isFalse();
        assertThat(delay.owes()).isTrue();
        assertThat(delay.due(false, 0, CallDelay.INTERVAL_NS + 200 * US)).isTrue();
        assertThat(delay.owes()).isFalse();
    }

    @Test
    void nobodyWaitsLongerThanTheMost() {
        pace.set(new CallPace.Setting(CallPace.MOST_DELAY_US, CallPace.LEAST_IOPS));
        assertThat(delay.due(true, 1_000_000, 0)).isTrue();
        assertThat(delay.due(true, 1, CallDelay.INTERVAL_NS)).isTrue();
        assertThat(delay.due(true, 1, CallDelay.INTERVAL_NS + 1)).isFalse();
        assertThat(delay.due(false, 0, CallDelay.INTERVAL_NS + CallPace.MOST_DELAY_US * US))
                .isTrue();
    }

    @Test
    void aCallThatIsHeldBackComesWhenTheDelayIsTakenAway() {
        pace.set(new CallPace.Setting(CallPace.MOST_DELAY_US, CallPace.LEAST_IOPS));
        assertThat(delay.due(true, 1000, 0)).isTrue();
        assertThat(delay.due(true, 1, CallDelay.INTERVAL_NS)).isTrue();
        assertThat(delay.due(true, 1, CallDelay.INTERVAL_NS + 1)).isFalse();
        pace.set(new CallPace.Setting(0, 0));
        assertThat(delay.due(false, 0, CallDelay.INTERVAL_NS + 2)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aDriverThatSleepsUntilItsCallsComeGetsAllOfThem(IdleMode mode) throws Exception {
        try (TargetRig rig = new TargetRig(mode, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.nullDisk("disk", 512, 16_384);
            rig.target().find("disk").pace().set(new CallPace.Setting(1000, CallPace.LEAST_IOPS));
            try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).withCalls())) {
                for (int i = 0; i < 300; i++) {
                    assertThat(blk.queue(0).read(0, 512).status()).isZero();
                }
            }
            assertThat(rig.failures()).isEmpty();
        }
    }
}
