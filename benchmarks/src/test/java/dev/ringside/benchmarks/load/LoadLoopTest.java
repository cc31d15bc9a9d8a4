package dev.ringside.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SplitSlotRing;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The measured loop, against an echo on the same thread. */
class LoadLoopTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long PHASE_NS = 300_000_000L;

    private static Workload workload(Pattern pattern, int depth, double rate, boolean verify) {
        return new Workload(
                pattern, pattern.readPercent(), 4096, 1, depth, 16 << 20, rate, PHASE_NS, PHASE_NS, verify, false);
    }

    @ParameterizedTest
    @CsvSource({
        "RANDREAD, 1, 0, SPLIT, false, true",
        "RANDREAD, 32, 0, SPLIT, true, true",
        "RANDWRITE, 128, 0, SPLIT, false, false",
        "RANDRW, 32, 0, SPLIT, false, true",
        "TRIM, 8, 0, SPLIT, false, true",
        "RANDRW, 8, 100000, SPLIT, false, true",
        "RANDREAD, 1, 0, PACKED, false, true",
        "RANDRW, 100, 0, PACKED, false, false",
        "RANDRW, 32, 0, PACKED, true, true"
    })
    void allocatesNothing(Pattern pattern, int depth, double rate, RingFormat format, boolean indirect, boolean kicks)
            throws Exception {
        Workload workload = workload(pattern, depth, rate, false);
        try (GuestRam ram = LoadSetup.memory(workload);
                LoadSetup setup = LoadSetup.echo(workload, ram, format, indirect, kicks)) {
            LoadLoop loop = setup.loops().get(0);
            LoadLoop[] loops = {loop};
            long allocated = allocatedWhenCompiled(loops);
            loop.drain();

            assertThat(loop.done()).isPositive();
            assertThat(loop.latency().getTotalCount()).isEqualTo(loop.done());
            assertThat(loop.queue().findings().ioErrors()).isZero();
            assertThat(allocated).as("bytes for %d requests", loop.done()).isZero();
        }
    }

    /** Bytes in a phase after the compiler is done, which takes its time on a busy machine. */
    private static long allocatedWhenCompiled(LoadLoop[] loops) {
        long allocated = 1;
        for (int phase = 0; phase < 40 && allocated > 0; phase++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            LoadLoop.run(loops, PHASE_NS);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        return allocated;
    }

    @Test
    void verifiesWithoutAllocating() throws Exception {
        Workload workload = workload(Pattern.WRITE, 4, 0, true);
        try (GuestRam ram = LoadSetup.memory(workload);
                LoadSetup setup = LoadSetup.echo(workload, ram, RingFormat.SPLIT, false, true)) {
            LoadLoop loop = setup.loops().get(0);
            LoadLoop[] loops = {loop};
            assertThat(allocatedWhenCompiled(loops)).isZero();
            loop.drain();

            // The echo keeps nothing.
            loop.readBack();
            assertThat(loop.queue().findings().verifyErrors()).isPositive();
        }
    }

    @Test
    void trustsNoDeviceThatGivesBackWhatItHasNot() throws Exception {
        Workload workload = workload(Pattern.READ, 2, 0, false);
        try (GuestRam ram = LoadSetup.memory(workload)) {
            SplitSlotRing ring = new SplitSlotRing(ChainShape.BLK, ram, 2, false, false);
            VirtqueuePath path =
                    new VirtqueuePath(ring, new BlkRequests(ram, ring, workload), null, new IdleWait.Spin(0));
            LoadQueue queue = new ChosenRequests(path, workload, 0, 16 << 20);
            // The middle of a chain.
            ram.putInt(ring.deviceArea() + 4, 1);
            ring.ring().usedIndex(1);

            LoadLoop loop = new LoadLoop(queue, workload);
            assertThatThrownBy(() -> LoadLoop.run(new LoadLoop[] {loop}, PHASE_NS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the device gave back the chain of descriptor 1, which it did not have");
        }
    }
}
