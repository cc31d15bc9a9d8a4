package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The data plane allocates nothing: bytes that the reactor's thread, and the driver's, allocate over 100,000 requests. */
class AllocationTest {
    private static final int REQUESTS = 100_000;
    private static final int DEPTH = 32;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @CsvSource({
        "malloc, POLL, false, SPLIT, true",
        "malloc, ADAPTIVE, true, SPLIT, true",
        "malloc, INTERRUPT, false, PACKED, true",
        "null, POLL, false, PACKED, false",
        "null, ADAPTIVE, false, SPLIT, false",
        "null, INTERRUPT, true, PACKED, false"
    })
    void allocatesNothing(String kind, IdleMode mode, boolean table, RingFormat format, boolean tracked)
            throws Exception {
        try (TargetRig rig = new TargetRig(mode, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            Path socket = kind.equals("malloc") ? rig.mallocDisk("disk", 8) : rig.nullDisk("disk", 512, 16_384);
            assertThat(socket).exists();
            BlkOptions options = BlkOptions.of(1, 128).with(format).withSlots(DEPTH, 4096);
            try (BlkFrontend blk = rig.start("disk", ram, tracked ? options.withTracking() : options)) {
                BlkDriverQueue queue = blk.queue(0);
                load(queue, 20_000, table);
                long reactorBefore = allocatedByReactor(rig);
                long driverBefore = THREADS.getCurrentThreadAllocatedBytes();
                load(queue, REQUESTS, table);
                long driver = THREADS.getCurrentThreadAllocatedBytes() - driverBefore;
                long reactor = allocatedByReactor(rig) - reactorBefore;
                long asking = -allocatedByReactor(rig) + allocatedByReactor(rig);
                assertThat(reactor).as("bytes on the reactor").isLessThanOrEqualTo(asking);
                assertThat(driver).as("bytes on the driver").isLessThan(4096);
            }
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static long allocatedByReactor(TargetRig rig) {
        return rig.reactor(0).call(THREADS::getCurrentThreadAllocatedBytes).join();
    }

    private static void load(BlkDriverQueue queue, int requests, boolean table) {
        int started = 0;
        int ended = 0;
        while (started < DEPTH) {
            start(queue, started, started, table);
            started++;
        }
        queue.kick();
        while (ended < requests) {
            int slot = queue.reap();
            if (slot < 0) {
                Thread.onSpinWait();
                continue;
            }
            ended++;
            if (queue.status(slot) != 0) {
                throw new AssertionError("status " + queue.status(slot));
            }
            if (started < requests) {
                start(queue, slot, started++, table);
                queue.kick();
            }
        }
    }

    private static void start(BlkDriverQueue queue, int slot, int n, boolean table) {
        int type = n % 3 == 0 ? BlkLayout.T_OUT : BlkLayout.T_IN;
        if (!queue.submit(slot, type, (n * 31L) % 2000 * 8, 4096, table)) {
            throw new AssertionError("the ring is full");
        }
    }
}
