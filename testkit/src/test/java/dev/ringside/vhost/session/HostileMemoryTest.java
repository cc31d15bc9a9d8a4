package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.RingFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rings where no memory is, and memory that vanishes under a ring. */
class HostileMemoryTest {
    private static final long PAGE = 4096;
    private static final int SIZE = 16;

    private TargetRig rig;
    private Neighbour neighbour;
    private long files;

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 1);
        rig.mallocDisk("bad", 4);
        rig.mallocDisk("good", 4);
        neighbour = new Neighbour(rig, "good");
        neighbour.verify();
        files = OpenFiles.count();
    }

    @AfterEach
    void close() throws Exception {
        neighbour.verify();
        Await.until("files are closed", () -> OpenFiles.count() <= files);
        try (GuestRam ram = GuestRam.ofMiB(4);
                BlkFrontend next = rig.start("bad", ram, BlkOptions.of(1, SIZE))) {
            assertThat(next.queue(0).read(0, 512).status()).isZero();
        }
        neighbour.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    @Test
    void ringsThatAreNotInMemory() throws Exception {
        try (GuestRam ram = GuestRam.withHoles(2, 2, 0);
                VhostUserFrontend front = negotiated()) {
            front.setMemTable(ram);
            front.setVringNum(0, SIZE);
            long user = ram.region(0).layout().userAddress();
            long end = user + ram.region(0).bytes();
            long good = user + PAGE;
            int refused = 0;
            for (long address : new long[] {0, 16, PAGE, user - 16, end, end - 16, -16, Long.MIN_VALUE}) {
                refused += refuses(front, address, good, good);
                refused += refuses(front, good, address, good);
                refused += refuses(front, good, good, address);
            }
            for (int off = 1; off < 16; off++) {
                refused += refuses(front, good + off, good, good);
            }
            refused += refuses(front, end - 240, good, good);
            refused += refuses(front, good, end - 36, good);
            refused += refuses(front, good, good, end - 132);
            refused += refuses(front, good, good + 1, good);
            refused += refuses(front, good, good, good + 1) + refuses(front, good, good, good + 2);
            front.setVringAddr(0, good, good + 2, good + 4);
            front.setVringAddr(0, end - 256, end - 38, end - 136);
            assertThat(rig.counter("bad", "protocol_errors")).isEqualTo(refused);
            assertThat(rig.log().warnings("bads0")).hasSize(refused);
        }
        rig.awaitEndOfSessions("bad", 1);
    }

    private VhostUserFrontend negotiated() throws Exception {
        VhostUserFrontend front = rig.connect("bad");
        front.setProtocolFeatures(front.getProtocolFeatures());
        front.acknowledge(true);
        front.setFeatures(VirtioFeature.VERSION_1 | VirtioFeature.PROTOCOL_FEATURES);
        return front;
    }

    private static int refuses(VhostUserFrontend front, long descriptors, long available, long used) {
        assertThatThrownBy(() -> front.setVringAddr(0, descriptors, available, used))
                .as("descriptors 0x%x, available 0x%x, used 0x%x", descriptors, available, used)
                .isInstanceOf(RefusedException.class);
        return 1;
    }

    @Test
    void aRingThatFitsNoMoreWhenItsSizeComesLast() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(2);
                EventFd kick = EventFd.create();
                VhostUserFrontend front = negotiated()) {
            long user = ram.region(0).layout().userAddress();
            front.setMemTable(ram);
            front.setVringAddr(0, user + ram.region(0).bytes() - 64, user, user);
            front.setVringKick(0, Optional.of(kick));
            assertThatThrownBy(() -> front.setVringNum(0, 8)).isInstanceOf(RefusedException.class);
            assertThat(front.getVringBase(0)).isZero();
        }
        rig.awaitEndOfSessions("bad", 1);
    }

    @Test
    void aFileShorterThanItsRegion() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(2);
                EventFd kick = EventFd.create();
                VhostUserFrontend front = rig.connect("bad")) {
            front.setFeatures(VirtioFeature.VERSION_1);
            MemoryRegion whole = MemoryRegion.of(ram.region(0));
            long bytes = ram.region(0).bytes();
            MemoryRegion longer = new MemoryRegion(0, 2 * bytes, whole.userAddress(), 0, whole.fd());
            long gone = whole.userAddress() + bytes + PAGE;
            front.setMemTable(List.of(longer));
            front.setVringNum(0, SIZE);
            front.setVringAddr(0, gone, gone + PAGE, gone + 2 * PAGE);
            front.setVringKick(0, Optional.of(kick));
            front.socket().awaitClosed();
        }
        rig.awaitEndOfSessions("bad", 1);
        assertThat(rig.log().warnings("bads0")).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void memoryThatVanishesUnderARingInUse(RingFormat format) throws Exception {
        for (int i = 0; i < 5; i++) {
            try (GuestRam ram = GuestRam.ofMiB(4);
                    BlkFrontend blk = rig.start(
                            "bad", ram, BlkOptions.of(2, 64).with(format).withScratch(65_536))) {
                assertThat(blk.queue(0).read(0, 512).status()).isZero();
                fill(blk.queue(0));
                ram.region(0).truncate(i * PAGE);
                blk.queue(0).kickFd().signal();
                blk.queue(1).kickFd().signal();
                blk.messages().socket().awaitClosed();
            }
            rig.awaitEndOfSessions("bad", i + 1);
            assertThat(rig.log().warnings("bads" + i)).isNotEmpty();
            neighbour.verify();
        }
        assertThat(rig.counter("bad", "broken_queues")).isGreaterThanOrEqualTo(5);
    }

    private static void fill(BlkDriverQueue queue) {
        for (int slot = 0; slot < 16; slot++) {
            queue.submit(slot, slot % 2 == 0 ? BlkLayout.T_OUT : BlkLayout.T_IN, slot * 8L, 4096);
        }
        queue.ring().publish();
    }

    @Test
    void dataThatVanishesWhileTheRingStays() throws Exception {
        long mib = 1 << 20;
        for (int type : new int[] {BlkLayout.T_IN, BlkLayout.T_OUT, BlkLayout.T_GET_ID, BlkLayout.T_WRITE_ZEROES}) {
            long before = rig.counter("bad", "sessions");
            try (GuestRam ram = GuestRam.of(
                            new GuestRegion.Layout(0, 4 * mib, GuestRam.USER_BASE, 0),
                            new GuestRegion.Layout(8 * mib, 4 * mib, GuestRam.USER_BASE + 64 * mib, 0));
                    BlkFrontend blk =
                            rig.start("bad", ram, BlkOptions.of(1, SIZE).withScratch(65_536))) {
                assertThat(blk.queue(0).read(0, 512).status()).isZero();
                ram.region(1).truncate(0);
                requestAt(blk, ram, type, 8 * mib);
                blk.messages().socket().awaitClosed();
            }
            rig.awaitEndOfSessions("bad", before + 1);
            assertThat(rig.log().warnings("bads" + before)).as("type %d", type).isNotEmpty();
            neighbour.verify();
        }
    }

    private static void requestAt(BlkFrontend blk, GuestRam ram, int type, long data) {
        BlkDriverQueue queue = blk.queue(0);
        SplitRing ring = queue.driver().ring();
        long header = queue.scratchAddress();
        ram.putInt(header, type);
        ram.putLong(header + 8, 0);
        boolean in = type == BlkLayout.T_IN || type == BlkLayout.T_GET_ID;
        ring.descriptor(0, header, 16, Descriptor.F_NEXT, 1);
        ring.descriptor(1, data, 512, Descriptor.F_NEXT | (in ? Descriptor.F_WRITE : 0), 2);
        ring.descriptor(2, header + 16, 1, Descriptor.F_WRITE, 0);
        int index = ring.availableIndex();
        ring.availableEntry(index, 0);
        ring.availableIndex(index + 1);
        queue.kickFd().signal();
    }

    @ParameterizedTest
    @EnumSource
    void memoryThatTheFrontEndTakesAwayFromARunningRing(RingFormat format) throws Exception {
        BlkOptions options = BlkOptions.of(1, SIZE).with(format).withScratch(65_536);
        try (GuestRam ram = GuestRam.ofMiB(4);
                BlkFrontend blk = rig.start("bad", ram, options)) {
            assertThat(blk.queue(0).read(0, 512).status()).isZero();
            blk.messages().setMemTable(List.of());
            assertThat(blk.queue(0).submit(0, BlkLayout.T_IN, 0, 512)).isTrue();
            blk.queue(0).kick();
            neighbour.verify();
            assertThat(blk.queue(0).ring().hasUsed()).as("without a place").isFalse();
            // Never given back.
            blk.stop();
            blk.start();
            assertThat(blk.queue(0).read(0, 512).status()).isZero();
        }
        rig.awaitEndOfSessions("bad", 1);
        assertThat(rig.log().warnings()).isEmpty();
    }

    @Test
    void memoryOfFarMoreThanFourGibibytesOfHoles() throws Exception {
        long mib = 1 << 20;
        long far = 1L << 46;
        try (GuestRam ram = GuestRam.of(
                        new GuestRegion.Layout(0, 4 * mib, GuestRam.USER_BASE, 0),
                        new GuestRegion.Layout(4L << 30, 2 * mib, GuestRam.USER_BASE + 64 * mib, 0),
                        new GuestRegion.Layout((4L << 30) + 2 * mib, 2 * mib, GuestRam.USER_BASE + 32 * mib, 8192),
                        new GuestRegion.Layout(far, 2 * mib, 4096, 0));
                BlkFrontend blk = rig.start("bad", ram, BlkOptions.of(1, SIZE).withScratch(65_536))) {
            byte[] data = new byte[1024];
            Arrays.fill(data, (byte) 3);
            assertThat(blk.queue(0).write(0, data).status()).isZero();
            for (long at : new long[] {(4L << 30) + 8192, (4L << 30) + 2 * mib - 256, far + 2 * mib - 512}) {
                requestAt(blk, ram, BlkLayout.T_IN, at);
                int done = blk.queue(0).driver().ring().availableIndex();
                Await.until("answered", () -> blk.queue(0).driver().ring().usedIndex() == done);
                assertThat(ram.byteAt(blk.queue(0).scratchAddress() + 16)).isZero();
                assertThat(ram.byteAt(at)).isEqualTo(3);
                assertThat(ram.byteAt(at + 511)).isEqualTo(3);
            }
            requestAt(blk, ram, BlkLayout.T_IN, (4L << 30) - 512);
            Await.until("broken", () -> rig.counter("bad", "broken_queues") == 1);
        }
        rig.awaitEndOfSessions("bad", 1);
    }
}
