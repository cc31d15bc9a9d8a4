package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a driver can make a turn last. */
class DrainBudgetTest {
    private static final int REQUESTS = 64;

    @ParameterizedTest
    @CsvSource({"SPLIT, false", "SPLIT, true", "PACKED, false", "PACKED, true"})
    void aTurnEndsAfterManyDescriptors(RingFormat format, boolean tables) throws LinuxException {
        int length = Virtqueue.DESCRIPTORS_PER_TURN / 8;
        int size = tables ? REQUESTS : REQUESTS * length;
        try (GuestRam ram = GuestRam.ofMiB(8)) {
            DriverQueue driver =
                    VirtqueueModelTest.driver(format, ram, size, false, start(format), tables ? length : 0);
            GuestMemory memory = DeviceSide.map(ram);
            Virtqueue device = DeviceSide.queue(format, memory, ram, driver, tables, false);
            for (int i = 0; i < REQUESTS; i++) {
                for (int k = 0; k < length; k++) {
                    driver.readable(0, 1);
                }
                assertThat(tables ? driver.addIndirect() : driver.add()).isNotNegative();
            }
            driver.publish();

            int taken = 0;
            for (int turn = 0; turn < REQUESTS / 8; turn++) {
                int now = device.drain(REQUESTS, chain -> Virtqueue.OK);
                assertThat(now).isBetween(7, 8);
                taken += now;
            }
            while (taken < REQUESTS) {
                taken += device.drain(REQUESTS, chain -> Virtqueue.OK);
            }
            assertThat(device.drain(REQUESTS, chain -> Virtqueue.OK)).isZero();
            assertThat(device.error()).isZero();
        }
    }

    private static int start(RingFormat format) {
        return format == RingFormat.PACKED ? PackedLayout.WRAP : 0;
    }
}
