package dev.ringside.benchmarks.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.SplitLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver leaves in memory for the device, and what it makes of the answers. */
class SplitSlotRingTest {

    @Test
    void hasRoomForAllSlots() {
        assertThat(SlotRing.entriesFor(1, false)).isEqualTo(256);
        assertThat(SlotRing.entriesFor(85, false)).isEqualTo(256);
        assertThat(SlotRing.entriesFor(86, false)).isEqualTo(512);
        assertThat(SlotRing.entriesFor(1024, false)).isEqualTo(4096);
        assertThat(SlotRing.entriesFor(1024, true)).isEqualTo(1024);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void showsAChainOfThree(boolean indirect) throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            SplitSlotRing ring = new SplitSlotRing(ChainShape.BLK, ram, 4, false, indirect);
            for (int slot = 0; slot < 4; slot++) {
                ring.describe(slot, 0x1000 + slot * 64L, 0x8000 + slot * 512L, 512, 0x1010 + slot * 64L);
            }
            ring.add(2, true);
            assertThat(ring.publish()).isTrue();
            assertThat(ring.publish()).isFalse();

            int head = ring.ring().availableEntry(0);
            assertThat(ring.ring().availableIndex()).isEqualTo(1);
            long at = ring.descriptorArea() + (long) head * Descriptor.BYTES;
            if (indirect) {
                assertThat(flags(ram, at)).isEqualTo(Descriptor.F_INDIRECT);
                at = address(ram, at);
            }
            assertThat(address(ram, at)).isEqualTo(0x1080);
            assertThat(flags(ram, at)).isEqualTo(Descriptor.F_NEXT);
            assertThat(address(ram, at + 16)).isEqualTo(0x8400);
            assertThat(flags(ram, at + 16)).isEqualTo(Descriptor.F_NEXT | Descriptor.F_WRITE);
            assertThat(address(ram, at + 32)).isEqualTo(0x1090);
            assertThat(flags(ram, at + 32)).isEqualTo(Descriptor.F_WRITE);

            answer(ram, ring, 0, head);
            assertThat(ring.poll()).isEqualTo(2);
            assertThat(ring.poll()).isEqualTo(SlotRing.NONE);

            ring.add(2, false);
            assertThat(flags(ram, at + 16)).isEqualTo(Descriptor.F_NEXT);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void putsTheResponseOfAScsiRequestBeforeTheDataThatItReads(boolean indirect) throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            SplitSlotRing ring = new SplitSlotRing(ChainShape.SCSI, ram, 2, false, indirect);
            ring.describe(1, 0x1000, 0x8000, 512, 0x1040);
            for (boolean in : new boolean[] {false, true, false}) {
                ring.add(1, in);
                long at = ring.descriptorArea() + (indirect ? 1L : 3L) * Descriptor.BYTES;
                at = indirect ? address(ram, at) : at;
                assertThat(address(ram, at)).isEqualTo(0x1000);
                assertThat(length(ram, at)).isEqualTo(51);
                long response = at + (in ? 16 : 32);
                long data = at + (in ? 32 : 16);
                assertThat(address(ram, response)).isEqualTo(0x1040);
                assertThat(length(ram, response)).isEqualTo(108);
                assertThat(flags(ram, response))
                        .isEqualTo(in ? Descriptor.F_NEXT | Descriptor.F_WRITE : Descriptor.F_WRITE);
                assertThat(address(ram, data)).isEqualTo(0x8000);
                assertThat(length(ram, data)).isEqualTo(512);
                assertThat(flags(ram, data)).isEqualTo(in ? Descriptor.F_WRITE : Descriptor.F_NEXT);
            }
        }
    }

    @Test
    void goesRoundTheRingAndTheIndexInAnyOrder() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            SplitSlotRing ring = new SplitSlotRing(ChainShape.BLK, ram, 3, false, false);
            for (int slot = 0; slot < 3; slot++) {
                ring.describe(slot, 0x1000, 0x8000, 512, 0x1010);
            }
            int used = 0;
            for (int round = 0; round < 30_000; round++) {
                for (int i = 0; i < 3; i++) {
                    ring.add((round + i) % 3, true);
                }
                ring.publishQuietly();
                for (int i = 2; i >= 0; i--) {
                    answer(ram, ring, used++, ring.ring().availableEntry(round * 3 + i));
                }
                for (int i = 2; i >= 0; i--) {
                    assertThat(ring.poll()).isEqualTo((round + i) % 3);
                }
                assertThat(ring.hasUsed()).isFalse();
            }
        }
    }

    @Test
    void asksForCallsAndKicksAsTheDeviceWants() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            SplitSlotRing ring = new SplitSlotRing(ChainShape.BLK, ram, 4, true, false);
            for (int slot = 0; slot < 4; slot++) {
                ring.describe(slot, 0x1000, 0x8000, 512, 0x1010);
            }
            long availEvent = ring.deviceArea() + SplitLayout.availEvent(ring.size());
            ring.add(0, true);
            assertThat(ring.publish()).as("the entry that is awaited").isTrue();
            ring.add(1, true);
            assertThat(ring.publish()).as("nothing is awaited any more").isFalse();
            ram.putByte(availEvent, 3);
            ring.add(2, true);
            assertThat(ring.publish()).as("one before what is awaited").isFalse();
            ring.add(3, true);
            assertThat(ring.publish()).as("what is awaited").isTrue();

            ring.disableCalls();
            assertThat(ring.enableCalls()).isFalse();
            assertThat(ring.ring().usedEvent()).isZero();
            answer(ram, ring, 0, 0);
            assertThat(ring.enableCalls()).isTrue();
        }
    }

    private static void answer(GuestRam ram, SplitSlotRing slots, int position, int head) {
        SplitRing ring = slots.ring();
        long entry = SplitLayout.RING + (long) (position % ring.size()) * SplitLayout.USED_ENTRY;
        ram.putInt(ring.deviceArea() + entry, head);
        ram.putInt(ring.deviceArea() + entry + SplitLayout.USED_LENGTH, 1);
        ring.usedIndex(position + 1);
    }

    private static long address(GuestRam ram, long descriptor) {
        long address = 0;
        for (int i = 7; i >= 0; i--) {
            address = address << 8 | ram.byteAt(descriptor + i);
        }
        return address;
    }

    private static int length(GuestRam ram, long descriptor) {
        return ram.byteAt(descriptor + Descriptor.LENGTH) | ram.byteAt(descriptor + Descriptor.LENGTH + 1) << 8;
    }

    private static int flags(GuestRam ram, long descriptor) {
        return ram.byteAt(descriptor + Descriptor.FLAGS) | ram.byteAt(descriptor + Descriptor.FLAGS + 1) << 8;
    }
}
