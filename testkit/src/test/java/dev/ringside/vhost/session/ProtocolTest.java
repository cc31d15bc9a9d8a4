package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.Reply;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    private static final int CONFIG_LIMIT = 256;
    private static final int DISK_MIB = 16;

    private TargetRig rig;
    private GuestRam ram;
    private VhostUserFrontend front;

    @BeforeEach
    void connect() throws Exception {
        rig = new TargetRig(IdleMode.INTERRUPT, 1);
        rig.mallocDisk("disk", DISK_MIB);
        ram = GuestRam.ofMiB(8);
        front = rig.connect("disk");
    }

    @AfterEach
    void close() throws Exception {
        front.close();
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    private void withProtocolFeatures() throws IOException {
        front.setProtocolFeatures(front.getProtocolFeatures());
        front.acknowledge(true);
    }

    @Test
    void offersNoPackedRingsWhereTheyAreTurnedOff() throws Exception {
        var cpus = rig.target().find("disk").cpus();
        rig.target().createBlk("split", rig.registry(), "disk", BlkSettings.DEFAULT.withPackedRing(false), cpus);
        try (VhostUserFrontend split = rig.connect("split")) {
            assertThat(split.getFeatures()).isEqualTo(front.getFeatures() & ~VirtioFeature.RING_PACKED);
        }
    }

    @Test
    void offersWhatItHas() throws IOException {
        assertThat(front.getFeatures())
                .isEqualTo(VirtioFeature.VERSION_1
                        | VirtioFeature.ANY_LAYOUT
                        | VirtioFeature.RING_INDIRECT_DESC
                        | VirtioFeature.RING_EVENT_IDX
                        | VirtioFeature.RING_PACKED
                        | VirtioFeature.IN_ORDER
                        | VirtioFeature.NOTIFICATION_DATA
                        | VirtioFeature.RING_RESET
                        | VirtioFeature.LOG_ALL
                        | VirtioFeature.PROTOCOL_FEATURES
                        | BlkLayout.SEG_MAX
                        | BlkLayout.BLK_SIZE
                        | BlkLayout.TOPOLOGY
                        | BlkLayout.MQ
                        | BlkLayout.FLUSH
                        | BlkLayout.DISCARD
                        | BlkLayout.WRITE_ZEROES
                        | BlkLayout.SECURE_ERASE);
        assertThat(front.getProtocolFeatures())
                .isEqualTo(ProtocolFeature.MQ
                        | ProtocolFeature.REPLY_ACK
                        | ProtocolFeature.BACKEND_REQ
                        | ProtocolFeature.CONFIG
                        | ProtocolFeature.LOG_SHMFD
                        | ProtocolFeature.INFLIGHT_SHMFD
                        | ProtocolFeature.CONFIGURE_MEM_SLOTS
                        | ProtocolFeature.RESET_DEVICE
                        | ProtocolFeature.STATUS
                        | ProtocolFeature.GET_VRING_BASE_INFLIGHT
                        | ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN);
    }

    @Test
    void acceptsEachSubsetOfTheFeaturesAndRefusesWhatIsNotOffered() throws IOException {
        withProtocolFeatures();
        long offered = front.getFeatures();
        for (int bit = 0; bit < 64; bit++) {
            long one = 1L << bit;
            if ((offered & one) != 0) {
                front.setFeatures(one);
                front.setFeatures(offered & ~one);
            } else {
                assertThatThrownBy(() -> front.setFeatures(offered | one)).isInstanceOf(RefusedException.class);
            }
        }
    }

    @Test
    void refusesProtocolFeaturesThatAreNotOffered() throws IOException {
        withProtocolFeatures();
        long offered = front.getProtocolFeatures();
        for (int bit = 0; bit < 64; bit++) {
            long one = 1L << bit;
            if ((offered & one) == 0) {
                assertThatThrownBy(() -> front.setProtocolFeatures(offered | one))
                        .isInstanceOf(RefusedException.class);
            }
        }
    }

    @Test
    void tellsItsQueuesAndSlots() throws IOException {
        withProtocolFeatures();
        assertThat(front.getQueueNum()).isBetween(1L, 256L);
        assertThat(front.getMaxMemSlots()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void takesTheMessagesThatOnlySayWhoIsThere() throws IOException {
        withProtocolFeatures();
        front.setOwner();
        front.resetOwner();
        front.setOwner();
    }

    @Test
    void readsTheConfigSpaceAtAnyOffsetAndSize() throws IOException {
        withProtocolFeatures();
        byte[] whole = front.getConfig(0, CONFIG_LIMIT).orElseThrow();
        ByteBuffer config = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(config.getLong(0)).as("capacity").isEqualTo((long) DISK_MIB << 11);
        assertThat(config.getInt(12)).as("seg_max").isPositive();
        assertThat(config.getInt(20)).as("blk_size").isEqualTo(512);
        for (int offset = 0; offset <= CONFIG_LIMIT; offset += offset < 64 ? 1 : 17) {
            for (int size = 0; size <= CONFIG_LIMIT - offset; size += size < 20 ? 1 : 59) {
                assertThat(front.getConfig(offset, size).orElseThrow())
                        .as("%d bytes at %d", size, offset)
                        .isEqualTo(Arrays.copyOfRange(whole, offset, offset + size));
            }
        }
        assertThat(rig.log().warnings()).isEmpty();
    }

    @Test
    void answersNothingForConfigOutsideTheSpace() throws IOException {
        withProtocolFeatures();
        assertThat(front.getConfig(CONFIG_LIMIT, 1)).isEmpty();
        assertThat(front.getConfig(CONFIG_LIMIT - 1, 2)).isEmpty();
        assertThat(front.getConfig(1, CONFIG_LIMIT)).isEmpty();
        assertThat(front.getConfig(-1, 4)).isEmpty();
        assertThat(front.getConfig(Integer.MIN_VALUE, CONFIG_LIMIT)).isEmpty();
        assertThat(front.getConfig(0, 8)).isPresent();
    }

    @Test
    void bearsAConfigPayloadThatIsLongerThanWhatIsAsked() throws IOException {
        withProtocolFeatures();
        // SPDK's initiator sends, and expects back, room for 256 bytes whatever it asks.
        byte[] asked = VhostUserFrontend.config(20, 4, 0, new byte[CONFIG_LIMIT]);
        Reply reply = front.ask(FrontendRequest.GET_CONFIG, asked);
        assertThat(reply.payload().limit()).isEqualTo(asked.length);
        assertThat(reply.payload().getInt(0)).isEqualTo(20);
        assertThat(reply.payload().getInt(4)).isEqualTo(4);
        assertThat(reply.payload().getInt(12)).isEqualTo(512);
        byte[] tooMuch = VhostUserFrontend.config(0, 9, 0, new byte[8]);
        assertThat(front.ask(FrontendRequest.GET_CONFIG, tooMuch).payload().limit())
                .as("a size beyond the payload is an error")
                .isZero();
    }

    @Test
    void repliesInOnePieceWithTheFlagsOfAReply() throws IOException {
        withProtocolFeatures();
        for (int i = 0; i < 200; i++) {
            Reply reply = front.ask(FrontendRequest.GET_CONFIG, VhostUserFrontend.config(0, 60, 0, new byte[60]));
            assertThat(reply.flags()).isEqualTo(0x5);
            assertThat(reply.pieces()).isEqualTo(1);
        }
    }

    @Test
    void refusesToChangeTheConfigSpace() throws IOException {
        withProtocolFeatures();
        assertThatThrownBy(() -> front.setConfig(32, 0, new byte[] {1})).isInstanceOf(RefusedException.class);
        assertThat(front.getConfig(32, 1).orElseThrow()).containsExactly(0);
    }

    @Test
    void refusesWhatItDidNotNegotiate() throws IOException {
        front.setProtocolFeatures(ProtocolFeature.REPLY_ACK | ProtocolFeature.MQ);
        front.acknowledge(true);
        assertThatThrownBy(() -> front.resetDevice()).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> front.setStatus(4)).isInstanceOf(RefusedException.class);
        assertThat(front.getQueueNum()).isPositive();
    }

    @Test
    void closesOnWhatItDidNotNegotiateWhenNobodyWaitsForAnAnswer() throws Exception {
        front.resetDevice();
        front.socket().awaitClosed();
        assertThat(rig.counter("disk", "protocol_errors")).isEqualTo(1);
        assertThat(rig.log().warnings()).hasSize(1);
    }

    @Test
    void replacesAddsAndRemovesMemory() throws IOException {
        withProtocolFeatures();
        try (GuestRam other = GuestRam.withHoles(3, 2, 1L << 33)) {
            front.setMemTable(ram);
            for (var region : other.regions()) {
                front.addMemRegion(MemoryRegion.of(region));
            }
            assertThatThrownBy(() -> front.addMemRegion(MemoryRegion.of(other.region(1))))
                    .as("a region twice")
                    .isInstanceOf(RefusedException.class);
            front.removeMemRegion(MemoryRegion.of(other.region(1)));
            assertThatThrownBy(() -> front.removeMemRegion(MemoryRegion.of(other.region(1))))
                    .as("a region that is gone")
                    .isInstanceOf(RefusedException.class);
            front.addMemRegion(MemoryRegion.of(other.region(1)));
            front.setMemTable(other);
            front.setMemTable(List.of());
        }
    }

    @Test
    void takesRegionsOneByOneForARunningRing() throws Exception {
        front.close();
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64));
                GuestRam more = GuestRam.withHoles(1, 2, 1L << 36)) {
            VhostUserFrontend messages = blk.messages();
            messages.addMemRegion(MemoryRegion.of(more.region(0)));
            long target = more.allocate(4096, 4096);
            assertThat(blk.queue(0).write(8, filled(4096, 7)).status()).isZero();
            more.fill(target, 4096, 0);
            var driver = blk.queue(0).driver();
            long header = blk.queue(0).scratchAddress();
            ram.putInt(header, BlkLayout.T_IN);
            ram.putLong(header + 8, 8);
            driver.readable(header, 16);
            driver.writable(target, 4096);
            driver.writable(header + 16, 1);
            driver.add();
            blk.queue(0).kick();
            blk.queue(0).await();
            driver.poll();
            assertThat(more.read(target, 4096)).isEqualTo(filled(4096, 7));
            messages.removeMemRegion(MemoryRegion.of(more.region(0)));
            assertThat(blk.queue(0).read(8, 4096).data()).isEqualTo(filled(4096, 7));
        }
    }

    @Test
    void enablesARingBeforeItsAddressesAreKnown() throws Exception {
        withProtocolFeatures();
        front.setVringEnable(0, true);
        front.setVringEnable(0, false);
        front.setVringEnable(3, true);
        assertThatThrownBy(() -> front.setVringEnable(1000, true)).isInstanceOf(RefusedException.class);
    }

    @Test
    void answersTheBaseOfARingThatNeverRan() throws IOException {
        withProtocolFeatures();
        assertThat(front.getVringBase(0)).isZero();
        front.setVringBase(0, 1234);
        assertThat(front.getVringBase(0)).isEqualTo(1234);
    }

    @Test
    void takesEventFdsAndTheirAbsence() throws IOException {
        withProtocolFeatures();
        try (EventFd event = EventFd.create()) {
            for (int i = 0; i < 3; i++) {
                front.setVringCall(0, Optional.of(event));
                front.setVringCall(0, Optional.empty());
                front.setVringErr(0, Optional.of(event));
                front.setVringErr(0, Optional.empty());
                front.setVringKick(0, Optional.empty());
                front.setVringKick(0, Optional.of(event));
            }
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
