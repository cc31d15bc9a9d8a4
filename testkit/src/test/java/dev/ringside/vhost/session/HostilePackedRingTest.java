package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.queue.PackedDriver;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What only a driver of a packed ring can do wrong. */
class HostilePackedRingTest extends HostileDriver {

    HostilePackedRingTest() {
        super(RingFormat.PACKED);
    }

    /** The device gives back the id that the last descriptor has, whatever it is. */
    @Test
    void anIdOutOfRangeIsTheDriversOwnAffair() {
        for (int id : new int[] {SIZE, 0x7fff, 0xffff}) {
            PackedDriver driver = blk.queue(0).packed();
            long header = blk.queue(0).scratchAddress();
            ram.putInt(header, BlkLayout.T_FLUSH);
            int slot = driver.nextAvailable();
            PackedRing ring = driver.ring();
            ring.descriptor(slot + 1, header + 16, 1, id, WRITE | driver.availableFlags());
            ring.descriptor(slot, header, 16, 1, NEXT | driver.availableFlags());
            blk.queue(0).kickFd().signal();
            Await.until("answered", driver::hasUsed);
            assertThat(ring.id(slot)).isEqualTo(id);
            assertThat(ram.byteAt(header + 16)).isZero();
            restart();
        }
    }

    @Test
    void noiseInTheWholeRing() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            PackedDriver driver = blk.queue(0).packed();
            for (int i = 0; i < 50; i++) {
                int slot = random.nextInt(SIZE);
                long address = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt((int) RAM_BYTES);
                driver.ring()
                        .descriptor(
                                slot, address, random.nextInt(random.nextBoolean() ? 64 : 1 << 30), random.nextInt());
                driver.ring()
                        .flags(
                                slot,
                                random.nextInt(8)
                                        | (random.nextBoolean() ? PackedLayout.F_AVAIL : PackedLayout.F_USED));
                driver.ring().driverEvent(random.nextInt(), random.nextInt());
                blk.queue(0).kickFd().signal();
            }
            restart();
            assertThat(blk.queue(0).read(0, 512).status()).isZero();
        }
        assertThat(rig.counter("bad", "broken_queues")).isPositive();
    }

    private void restart() {
        try {
            blk.stop();
            blk.start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
