package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.queue.BareQueue;
import dev.ringside.testkit.scsi.SimFault.Cure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A queue past the block layer, on a simulated host. */
class BareQueueTest {
    private static final int BLOCK = 512;
    private static final int SLOTS = 8;
    private static final long FIRST = 1 << 20;
    private static final SimHostSettings HOST = SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, 8 << 20));

    @Test
    void whatWasBuiltIsCarriedOutEachTimeThatItIsPosted() throws Exception {
        HostDisk disk = new HostDisk(HOST, ScsiOptions.DEFAULT, new Range(FIRST, FIRST));
        try (Arena arena = Arena.ofShared()) {
            BareQueue queue = disk.bdev.openBare(SLOTS, 2 * SLOTS);
            MemorySegment memory = disk.allocate(arena, SLOTS * BLOCK);
            for (int slot = 0; slot < SLOTS; slot++) {
                queue.describe(slot, memory.asSlice((long) slot * BLOCK, BLOCK));
                queue.build(slot, false, slot, 1);
                queue.build(SLOTS + slot, true, slot, 1);
            }
            for (int round = 1; round < 20; round++) {
                byte pattern = (byte) round;
                memory.fill(pattern);
                post(queue, 0);
                memory.fill((byte) 0);
                post(queue, SLOTS);
                assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(pattern);
            }
            assertThat(queue.busy()).isFalse();
            assertThat(queue.reap()).isEqualTo(BareQueue.NONE);
            disk.bdev.closeBare(queue);
            assertThat(disk.host.info().resets()).isZero();
        } finally {
            disk.destroy();
        }
    }

    /** Posts a request of each slot, and reaps each once. */
    private static void post(BareQueue queue, int first) {
        for (int slot = 0; slot < SLOTS; slot++) {
            queue.post(first + slot, slot);
        }
        queue.ring();
        boolean[] seen = new boolean[SLOTS];
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        for (int left = SLOTS; left > 0; ) {
            int slot = queue.reap();
            assertThat(System.nanoTime() - deadline).isNegative();
            if (slot != BareQueue.NONE) {
                assertThat(seen[slot]).isFalse();
                assertThat(queue.succeeded()).as(queue.failure()).isTrue();
                seen[slot] = true;
                left--;
            }
        }
    }

    @Test
    void aFailureIsTold() throws Exception {
        HostDisk disk = new HostDisk(HOST, ScsiOptions.DEFAULT, Range.WHOLE);
        try (Arena arena = Arena.ofShared()) {
            BareQueue queue = disk.bdev.openBare(1, 1);
            queue.describe(0, disk.allocate(arena, BLOCK));
            queue.build(0, true, disk.info().numBlocks(), 1);
            queue.post(0, 0);
            queue.ring();
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (queue.reap() == BareQueue.NONE) {
                assertThat(System.nanoTime() - deadline).isNegative();
            }
            assertThat(queue.succeeded()).isFalse();
            assertThat(queue.failure()).isEqualTo("host status 0, SCSI status 02h");
        } finally {
            disk.destroy();
        }
    }

    @Test
    void memoryIsFreeWhenItIsClosedWhateverIsInFlight() throws Exception {
        SimHostSettings hangs = HOST.withFaults(List.of(SimFault.ofIo(new SimFault.Lost(Cure.CONTROLLER_RESET), 0, 1)));
        HostDisk disk = new HostDisk(hangs, ScsiOptions.DEFAULT, Range.WHOLE);
        try (Arena arena = Arena.ofShared()) {
            BareQueue queue = disk.bdev.openBare(1, 1);
            queue.describe(0, disk.allocate(arena, BLOCK));
            queue.build(0, true, 0, 1);
            queue.post(0, 0);
            queue.ring();
            assertThat(queue.busy()).isTrue();
            disk.bdev.closeBare(queue);
            assertThat(disk.host.info().resets()).isEqualTo(1);
        } finally {
            disk.destroy();
        }
    }
}
