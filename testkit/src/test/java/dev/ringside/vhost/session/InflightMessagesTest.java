package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.InflightArea;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** GET_INFLIGHT_FD and SET_INFLIGHT_FD: what is allowed, and what a front end can do to the region afterwards. */
class InflightMessagesTest {
    private static VhostUserFrontend negotiated(TargetRig rig, RingFormat format) throws IOException {
        VhostUserFrontend front = rig.connect("disk");
        front.setProtocolFeatures(front.getProtocolFeatures());
        front.acknowledge(true);
        long packed = format == RingFormat.PACKED ? VirtioFeature.RING_PACKED : 0;
        front.setFeatures(VirtioFeature.VERSION_1 | VirtioFeature.PROTOCOL_FEATURES | packed);
        return front;
    }

    @ParameterizedTest
    @CsvSource({
        "SPLIT, 1, 1",
        "SPLIT, 4, 128",
        "SPLIT, 2, 100",
        "SPLIT, 1, 32768",
        "PACKED, 1, 1",
        "PACKED, 4, 128",
        "PACKED, 3, 100",
        "PACKED, 1, 32768"
    })
    void regionsAreAsLongAsTheSpecificationSays(RingFormat format, int queues, int size) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1)) {
            rig.mallocDisk("disk", 4);
            try (VhostUserFrontend front = negotiated(rig, format)) {
                InflightArea area = front.getInflightFd(queues, size);
                long each = format == RingFormat.SPLIT ? 16 + 16L * size : 32 + 32L * size;
                assertThat(area.bytes()).isEqualTo((each + 63) / 64 * 64 * queues);
                assertThat(area.offset()).isZero();
                try (Mapping mapping = Mapping.ofShared(area.fd(), 0, area.bytes(), true)) {
                    assertThat(mapping.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
                }
                front.setInflightFd(area);
                // Without the padding of the structure.
                byte[] unpadded = new Payload(20)
                        .u64(0, area.bytes())
                        .u16(16, queues)
                        .u16(18, size)
                        .bytes();
                front.tell(FrontendRequest.SET_INFLIGHT_FD, unpadded, area.fd());
                var reply = front.ask(
                        FrontendRequest.GET_INFLIGHT_FD,
                        new Payload(20).u16(16, queues).u16(18, size).bytes());
                assertThat(reply.fds()).hasSize(1);
                assertThat(reply.payload().getLong(0)).isEqualTo(area.bytes());
                reply.fds().getFirst().close();
                area.fd().close();
            }
        }
    }

    @Test
    void numbersThatCannotBeAreRefused() throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1)) {
            rig.mallocDisk("disk", 4);
            try (VhostUserFrontend front = negotiated(rig, RingFormat.SPLIT)) {
                InflightArea good = front.getInflightFd(2, 128);
                refuses(front, good, good.bytes(), 0, 0, 128);
                refuses(front, good, good.bytes(), 0, 257, 1);
                refuses(front, good, good.bytes(), 0, 2, 0);
                refuses(front, good, good.bytes(), 0, 2, 32_769);
                refuses(front, good, good.bytes(), 0, 3, 128);
                refuses(front, good, good.bytes() - 1, 0, 2, 128);
                refuses(front, good, -1, 0, 2, 128);
                refuses(front, good, Long.MIN_VALUE, 0, 2, 128);
                refuses(front, good, good.bytes(), 64, 2, 128);
                refuses(front, good, good.bytes(), 8, 1, 1);
                refuses(front, good, good.bytes(), -64, 1, 1);
                refuses(front, good, good.bytes(), Long.MAX_VALUE & -64, 1, 1);
                refuses(front, good, good.bytes() + 4096, 0, 2, 128);
                refuses(front, good, Long.MAX_VALUE, 0, 2, 128);
                assertThatThrownBy(() -> front.tell(
                                FrontendRequest.SET_INFLIGHT_FD,
                                new Payload(24)
                                        .u64(0, 4096)
                                        .u16(16, 1)
                                        .u16(18, 1)
                                        .bytes()))
                        .as("no descriptor")
                        .isInstanceOf(RefusedException.class);
                front.setInflightFd(good);
                good.fd().close();
            }
            try (VhostUserFrontend front = negotiated(rig, RingFormat.SPLIT)) {
                front.socket()
                        .send(
                                FrontendSocket.message(
                                        FrontendRequest.GET_INFLIGHT_FD,
                                        MessageHeader.VERSION,
                                        new Payload(24)
                                                .u16(16, 1000)
                                                .u16(18, 128)
                                                .bytes()),
                                List.of());
                front.socket().awaitClosed();
            }
        }
    }

    private static void refuses(
            VhostUserFrontend front, InflightArea area, long bytes, long offset, int queues, int size) {
        assertThatThrownBy(() -> front.setInflightFd(new InflightArea(bytes, offset, queues, size, area.fd())))
                .as("%d bytes at %d, %d queues of %d", bytes, offset, queues, size)
                .isInstanceOf(RefusedException.class);
    }

    /** The format is known from the features, which may come after the region. */
    @Test
    void aRegionThatIsTooShortForTheFormatThatComesAfterIt() throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                GuestRam ram = GuestRam.ofMiB(2)) {
            rig.mallocDisk("disk", 4);
            try (VhostUserFrontend front = negotiated(rig, RingFormat.SPLIT)) {
                InflightArea area = front.getInflightFd(1, 64);
                front.setInflightFd(area);
                front.setFeatures(
                        VirtioFeature.VERSION_1 | VirtioFeature.PROTOCOL_FEATURES | VirtioFeature.RING_PACKED);
                front.setMemTable(ram);
                front.setVringNum(0, 64);
                front.setVringBase(0, 0x8000_8000);
                long user = ram.userAddress(8192);
                front.setVringAddr(0, user, user + 4096, user + 4100);
                assertThatThrownBy(() -> front.setVringKick(0, Optional.empty()))
                        .isInstanceOf(RefusedException.class);
                assertThat(front.getFeatures()).isNotZero();
                area.fd().close();
            }
            rig.awaitEndOfSessions("disk", 1);
            assertThat(rig.failures()).isEmpty();
        }
    }

    /** The front end can shorten the file: that ends its session and nothing else. */
    @ParameterizedTest
    @EnumSource
    void aRegionThatVanishes(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1)) {
            rig.mallocDisk("disk", 4);
            rig.mallocDisk("good", 4);
            Neighbour neighbour = new Neighbour(rig, "good");
            BlkOptions options =
                    BlkOptions.of(1, 64).with(format).withTracking().withScratch(4096);
            for (int kind = 0; kind < 3; kind++) {
                try (GuestRam ram = GuestRam.ofMiB(2);
                        BlkFrontend blk = rig.start("disk", ram, options)) {
                    assertThat(blk.queue(0).flush().status()).isZero();
                    // The driver sees its request end before the back end has written that down in the region.
                    CompletableFuture.runAsync(() -> {}, rig.reactor(0)::execute)
                            .join();
                    Memfd.truncate(blk.inflight().orElseThrow().fd(), 0);
                    if (kind == 0) {
                        blk.queue(0).submit(0, BlkLayout.T_FLUSH, 0, 0);
                        blk.queue(0).kick();
                        blk.messages().socket().awaitClosed();
                    } else if (kind == 1) {
                        blk.messages().getVringBase(0);
                        assertThatThrownBy(() -> blk.messages()
                                        .setInflightFd(blk.inflight().orElseThrow()))
                                .isInstanceOf(RefusedException.class);
                    }
                }
                rig.awaitEndOfSessions("disk", kind + 1);
                neighbour.verify();
            }
            neighbour.close();
            assertThat(rig.failures()).isEmpty();
        }
    }
}
