package dev.ringside.benchmarks.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver leaves in memory for the device, and what it makes of the answers. */
class PackedSlotRingTest {
    private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

    private static PackedSlotRing ring(GuestRam ram, int slots, boolean eventIdx, boolean indirect) {
        PackedSlotRing ring = new PackedSlotRing(ChainShape.BLK, ram, slots, eventIdx, indirect);
        for (int slot = 0; slot < slots; slot++) {
            ring.describe(slot, 0x1000 + slot * 64L, 0x8000 + slot * 512L, 512, 0x1010 + slot * 64L);
        }
        return ring;
    }

    @Test
    void showsAChainOfThree() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            PackedSlotRing ring = ring(ram, 4, false, false);
            ring.add(2, true);
            assertThat(ring.ring().flags(0))
                    .as("held back until it is published")
                    .isZero();
            assertThat(ring.publish()).isTrue();
            assertThat(ring.publish()).isFalse();

            assertDescriptor(ram, ring, 0, 0x1080, 16, Descriptor.F_NEXT | PackedLayout.F_AVAIL);
            assertDescriptor(ram, ring, 1, 0x8400, 512, Descriptor.F_NEXT | Descriptor.F_WRITE | PackedLayout.F_AVAIL);
            assertDescriptor(ram, ring, 2, 0x1090, 1, Descriptor.F_WRITE | PackedLayout.F_AVAIL);

            assertThat(ring.poll()).isEqualTo(SlotRing.NONE);
            answer(ring, 0, 2, true);
            assertThat(ring.hasUsed()).isTrue();
            assertThat(ring.poll()).isEqualTo(2);
            assertThat(ring.poll()).isEqualTo(SlotRing.NONE);
            assertThat(ring.base()).isEqualTo(0x8003_8003);
        }
    }

    @Test
    void putsTheResponseOfAScsiRequestBeforeTheDataThatItReads() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            PackedSlotRing ring = new PackedSlotRing(ChainShape.SCSI, ram, 3, false, false);
            ring.describe(2, 0x1000, 0x8000, 512, 0x1040);
            ring.add(2, true);
            ring.publishQuietly();
            int available = PackedLayout.F_AVAIL;
            assertDescriptor(ram, ring, 0, 0x1000, 51, Descriptor.F_NEXT | available);
            assertDescriptor(ram, ring, 1, 0x1040, 108, Descriptor.F_NEXT | Descriptor.F_WRITE | available);
            assertDescriptor(ram, ring, 2, 0x8000, 512, Descriptor.F_WRITE | available);

            answer(ring, 0, 2, true);
            assertThat(ring.poll()).isEqualTo(2);
            ring.add(2, false);
            ring.publishQuietly();
            assertDescriptor(ram, ring, 3, 0x1000, 51, Descriptor.F_NEXT | available);
            assertDescriptor(ram, ring, 4, 0x8000, 512, Descriptor.F_NEXT | available);
            assertDescriptor(ram, ring, 5, 0x1040, 108, Descriptor.F_WRITE | available);
        }
    }

    private static void assertDescriptor(
            GuestRam ram, PackedSlotRing ring, int position, long address, int length, int flags) {
        assertThat(address(ram, ring.descriptorArea() + (long) position * Descriptor.BYTES))
                .isEqualTo(address);
        assertThat(ring.ring().length(position)).isEqualTo(length);
        assertThat(ring.ring().id(position)).isEqualTo(2);
        assertThat(ring.ring().flags(position)).isEqualTo(flags);
    }

    @Test
    void putsAChainIntoATable() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            PackedSlotRing ring = ring(ram, 4, false, true);
            ring.add(3, true);
            ring.publishQuietly();

            assertThat(ring.ring().flags(0)).isEqualTo(Descriptor.F_INDIRECT | PackedLayout.F_AVAIL);
            assertThat(ring.ring().length(0)).isEqualTo(48);
            assertThat(ring.ring().id(0)).isEqualTo(3);
            long table = address(ram, ring.descriptorArea());
            assertThat(address(ram, table)).isEqualTo(0x10c0);
            assertThat(flags(ram, table)).isZero();
            assertThat(address(ram, table + 16)).isEqualTo(0x8600);
            assertThat(flags(ram, table + 16)).isEqualTo(Descriptor.F_WRITE);
            assertThat(address(ram, table + 32)).isEqualTo(0x10d0);
            assertThat(flags(ram, table + 32)).isEqualTo(Descriptor.F_WRITE);

            answer(ring, 0, 3, true);
            assertThat(ring.poll()).isEqualTo(3);
            ring.add(3, false);
            assertThat(flags(ram, table + 16)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void goesRoundTheRingInAnyOrder(boolean indirect) throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            PackedSlotRing ring = ring(ram, 3, false, indirect);
            int step = indirect ? 1 : 3;
            int position = 0;
            boolean wrap = true;
            for (int round = 0; round < 1_000; round++) {
                for (int slot = 0; slot < 3; slot++) {
                    ring.add(slot, true);
                }
                ring.publishQuietly();
                for (int slot = 2; slot >= 0; slot--) {
                    answer(ring, position, slot, wrap);
                    position += step;
                    if (position >= ring.size()) {
                        position -= ring.size();
                        wrap = !wrap;
                    }
                }
                for (int slot = 2; slot >= 0; slot--) {
                    assertThat(ring.poll()).isEqualTo(slot);
                }
                assertThat(ring.hasUsed()).isFalse();
            }
        }
    }

    @Test
    void asksForCallsAndKicksAsTheDeviceWants() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            PackedSlotRing ring = ring(ram, 8, true, false);
            awaitKick(ram, ring, 0 | PackedLayout.WRAP, PackedLayout.EVENT_DESC);
            ring.add(0, true);
            assertThat(ring.publish()).as("the entry that is awaited").isTrue();
            ring.add(1, true);
            assertThat(ring.publish()).as("nothing is awaited any more").isFalse();
            awaitKick(ram, ring, 9 | PackedLayout.WRAP, PackedLayout.EVENT_DESC);
            ring.add(2, true);
            assertThat(ring.publish()).as("one before what is awaited").isFalse();
            ring.add(3, true);
            assertThat(ring.publish()).as("what is awaited").isTrue();
            awaitKick(ram, ring, 0, PackedLayout.EVENT_DISABLE);
            ring.add(4, true);
            assertThat(ring.publish()).isFalse();
            awaitKick(ram, ring, 0, PackedLayout.EVENT_ENABLE);
            ring.add(5, true);
            assertThat(ring.publish()).isTrue();

            ring.disableCalls();
            assertThat(ram.byteAt(ring.driverArea() + PackedLayout.EVENT_FLAGS)).isEqualTo(PackedLayout.EVENT_DISABLE);
            assertThat(ring.enableCalls()).isFalse();
            assertThat(ram.byteAt(ring.driverArea() + PackedLayout.EVENT_FLAGS)).isEqualTo(PackedLayout.EVENT_DESC);
            answer(ring, 0, 0, true);
            assertThat(ring.enableCalls()).isTrue();
        }
    }

    @Test
    void trustsNoDeviceThatGivesBackWhatItHasNot() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            PackedSlotRing ring = ring(ram, 2, false, false);
            ring.add(0, true);
            ring.publishQuietly();
            answer(ring, 0, 1, true);

            assertThatThrownBy(ring::poll)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the device gave back buffer 1, which it did not have; used entry 0");
        }
    }

    private static void answer(PackedSlotRing slots, int position, int id, boolean wrap) {
        PackedRing ring = slots.ring();
        ring.descriptor(position, 0, 1, id, wrap ? BOTH : 0);
    }

    private static void awaitKick(GuestRam ram, SlotRing ring, int offWrap, int flags) {
        ram.putInt(ring.deviceArea(), offWrap | flags << 16);
    }

    private static long address(GuestRam ram, long descriptor) {
        return ram.at(descriptor, Long.BYTES).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }

    private static int flags(GuestRam ram, long descriptor) {
        return ram.byteAt(descriptor + PackedLayout.FLAGS) | ram.byteAt(descriptor + PackedLayout.FLAGS + 1) << 8;
    }
}
