package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.BackendRequest;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The device status, and the reset of a whole device. */
class DeviceStatusTest {
    /** ACKNOWLEDGE, DRIVER, FEATURES_OK and DRIVER_OK. */
    private static final int DRIVEN = 15;

    private static final int NEEDS_RESET = 64;
    private static final long FEATURES = ProtocolFeature.STATUS | ProtocolFeature.RESET_DEVICE;

    private TargetRig rig;
    private GuestRam ram;

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 1);
        rig.mallocDisk("disk", 4);
        ram = GuestRam.ofMiB(16);
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    private BlkFrontend connect(BlkOptions options) throws IOException {
        return BlkFrontend.connect(rig.socket("disk"), ram, options.withScratch(65_536), FEATURES);
    }

    @Test
    void theStatusIsWhatTheFrontEndSaid() throws Exception {
        try (BlkFrontend blk = connect(BlkOptions.of(1, 16))) {
            VhostUserFrontend messages = blk.messages();
            assertThat(messages.getStatus()).isZero();
            for (int status : new int[] {1, 3, 11, DRIVEN, 128 | DRIVEN}) {
                messages.setStatus(status);
                assertThat(messages.getStatus()).isEqualTo(status);
            }
            messages.setStatus(DRIVEN | NEEDS_RESET);
            assertThat(messages.getStatus()).as("a bit of the device's").isEqualTo(DRIVEN);
            assertThatThrownBy(() -> messages.setStatus(256)).isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> messages.setStatus(-1)).isInstanceOf(RefusedException.class);
            uses(blk.queue(0), 1);
        }
    }

    @Test
    void whoHasNotNegotiatedItIsRefused() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 16))) {
            assertThatThrownBy(() -> blk.messages().setStatus(1)).isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> blk.messages().resetDevice()).isInstanceOf(RefusedException.class);
            uses(blk.queue(0), 1);
        }
    }

    @Test
    void aBrokenQueueMakesTheDeviceNeedAReset() throws Exception {
        try (BlkFrontend blk = connect(BlkOptions.of(2, 16))) {
            FrontendSocket requests = new FrontendSocket(blk.backendRequests().orElseThrow());
            VhostUserFrontend messages = blk.messages();
            messages.setStatus(DRIVEN);
            breakQueue(blk.queue(0), 1);
            assertThat(requests.receive().request()).isEqualTo(BackendRequest.CONFIG_CHANGE_MSG.code());
            assertThat(messages.getStatus()).isEqualTo(DRIVEN | NEEDS_RESET);
            // As front ends do that add a bit.
            messages.setStatus(DRIVEN | NEEDS_RESET);
            assertThat(messages.getStatus()).isEqualTo(DRIVEN | NEEDS_RESET);
            uses(blk.queue(1), 2);
            messages.setStatus(0);
            blk.stop();
            assertThat(messages.getStatus()).isZero();
            blk.start();
            messages.setStatus(DRIVEN);
            uses(blk.queue(0), 3);
            assertThat(messages.getStatus()).isEqualTo(DRIVEN);
            requests.close();
        }
    }

    private void breakQueue(BlkDriverQueue queue, int count) throws Exception {
        queue.ring().readable(1L << 50, 16);
        queue.ring().add();
        queue.kick();
        Await.until("the queue is broken", () -> rig.counter("disk", "broken_queues") == count);
    }

    /** QEMU 7.2 sets the status to 0 before it asks where the rings stopped, and goes on with them. */
    @ParameterizedTest
    @CsvSource({"SPLIT, false", "SPLIT, true", "PACKED, false", "PACKED, true"})
    void theBaseOutlivesTheStatus(RingFormat format, boolean tracked) throws Exception {
        BlkOptions options = BlkOptions.of(2, 16).with(format);
        try (BlkFrontend blk = connect(tracked ? options.withTracking() : options)) {
            for (int round = 0; round < 10; round++) {
                for (int n = 0; n <= round; n++) {
                    uses(blk.queue(0), n);
                    uses(blk.queue(1), round);
                }
                blk.messages().setStatus(0);
                int[] bases = blk.stop();
                assertThat(bases[0]).isEqualTo(base(format, blk.queue(0)));
                assertThat(bases[1]).isEqualTo(base(format, blk.queue(1)));
                blk.resume();
            }
        }
    }

    private static int base(RingFormat format, BlkDriverQueue queue) {
        int base = queue.ring().base();
        return format == RingFormat.SPLIT ? base & 0xffff : base;
    }

    /** Some front ends begin anew after a reset without asking for a base that is of no use to them. */
    @ParameterizedTest
    @CsvSource({
        "SPLIT, false, false",
        "SPLIT, true, false",
        "PACKED, false, false",
        "PACKED, true, false",
        "SPLIT, true, true",
        "PACKED, true, true"
    })
    void aDeviceIsReset(RingFormat format, boolean tracked, boolean byStatus) throws Exception {
        BlkOptions options = BlkOptions.of(2, 16).with(format);
        try (BlkFrontend blk = connect(tracked ? options.withTracking() : options)) {
            for (int round = 0; round < 10; round++) {
                for (int n = 0; n <= round; n++) {
                    uses(blk.queue(0), n);
                }
                uses(blk.queue(1), round);
                if (byStatus) {
                    blk.messages().setStatus(0);
                } else {
                    blk.messages().resetDevice();
                    assertThat(blk.messages().getVringBase(0)).isZero();
                }
                assertThat(blk.messages().getStatus()).isZero();
                blk.start();
            }
            uses(blk.queue(0), 7);
            uses(blk.queue(1), 7);
            assertThat(rig.log().warnings()).isEmpty();
        }
    }

    private static void uses(BlkDriverQueue queue, int value) {
        byte[] data = new byte[1024];
        Arrays.fill(data, (byte) value);
        assertThat(queue.write(8, data).status()).isZero();
        assertThat(queue.read(8, 1024).data()).isEqualTo(data);
    }
}
