package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ringside.bdev.Timing;
import dev.ringside.bdev.latency.Span;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The data plane allocates nothing: bytes that the reactor's thread allocates over a million requests in a row. Code that is not
 * compiled yet allocates, and how long that takes depends on the machine: the million begins when it does, and has to begin
 * within some millions.
 */
class AllocationTest {
    private static final int REQUESTS = 100_000;
    private static final int LOADS_WITHOUT = 10;
    private static final int MOST_LOADS = 60;
    private static final int DEPTH = 32;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @BeforeAll
    static void compileSignals() throws LinuxException {
        TargetRig.compileSignals();
    }

    @ParameterizedTest
    @CsvSource({
        "malloc, POLL, false, SPLIT, true, false",
        "malloc, ADAPTIVE, true, SPLIT, true, false",
        "malloc, INTERRUPT, false, PACKED, true, false",
        "null, POLL, false, PACKED, false, false",
        "null, ADAPTIVE, false, SPLIT, false, false",
        "null, INTERRUPT, true, PACKED, false, false",
        "malloc, ADAPTIVE, false, SPLIT, true, true",
        "null, POLL, false, PACKED, false, true",
        "file, POLL, false, SPLIT, true, false",
        "file, ADAPTIVE, true, PACKED, false, true"
    })
    void allocatesNothing(String kind, IdleMode mode, boolean table, RingFormat format, boolean tracked, boolean timed)
            throws Exception {
        try (TargetRig rig = new TargetRig(mode, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            assertThat(socket(rig, kind)).exists();
            if (timed) {
                // Each request is slow by this measure.
                rig.registry().time("disk", Optional.of(new Timing(1))).join();
            }
            BlkOptions options = BlkOptions.of(1, 128).with(format).withSlots(DEPTH, 4096);
            try (BlkFrontend blk = rig.start("disk", ram, tracked ? options.withTracking() : options)) {
                BlkDriverQueue queue = blk.queue(0);
                List<Long> reactor = new ArrayList<>();
                int without = 0;
                while (without < LOADS_WITHOUT && reactor.size() < MOST_LOADS) {
                    long before = allocatedByReactor(rig);
                    load(queue, REQUESTS, table);
                    long bytes = allocatedByReactor(rig) - before;
                    long asking = -allocatedByReactor(rig) + allocatedByReactor(rig);
                    reactor.add(bytes - asking);
                    without = bytes <= asking ? without + 1 : 0;
                }
                assertThat(without)
                        .as(
                                "loads of %d requests, the last in a row without an allocation; bytes of each: %s",
                                REQUESTS, reactor)
                        .isEqualTo(LOADS_WITHOUT);
            }
            assertThat(rig.registry().spans("disk").join().of(Span.REQUEST).count() > 0)
                    .isEqualTo(timed);
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static Path socket(TargetRig rig, String kind) throws Exception {
        return switch (kind) {
            case "malloc" -> rig.mallocDisk("disk", 8);
            case "file" -> rig.fileDisk("disk", 8);
            default -> rig.nullDisk("disk", 512, 16_384);
        };
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
