package dev.ringside.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.NvmeListener;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.testkit.nvme.NvmeModel;
import dev.ringside.testkit.nvme.NvmeModelSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that were built beforehand, on a model of an NVMe controller. */
class HardwareLoadTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long PHASE_NS = 200_000_000L;

    private static Workload workload(Pattern pattern, int queues, int depth) {
        return new Workload(
                pattern, pattern.readPercent(), 8192, queues, depth, 8 << 20, 0, PHASE_NS, PHASE_NS, false, true);
    }

    @ParameterizedTest
    @CsvSource({"RANDREAD, 1, 1, 9", "RANDRW, 2, 32, 9", "WRITE, 1, 8, 12", "READ, 2, 1, 12"})
    void postsWhatWasBuiltOnQueuesOfItsOwn(Pattern pattern, int queues, int depth, int blockShift) throws Exception {
        Workload workload = workload(pattern, queues, depth);
        try (Drive drive = new Drive(NvmeModelSettings.plain(blockShift, 16 << 20))) {
            LoadResult layered = run(workload, drive.disk.load(workload));
            long before = drive.model.commands();
            LoadResult bare = run(workload.withoutFill(), drive.disk.loadHardware(workload.withoutFill()));

            assertThat(layered.clean()).as(layered.firstError().toString()).isTrue();
            assertThat(bare.clean()).as(bare.firstError().toString()).isTrue();
            assertThat(bare.requests()).isPositive();
            assertThat(bare.latency().getTotalCount()).isEqualTo(bare.requests());
            assertThat(drive.model.commands() - before).isGreaterThanOrEqualTo(bare.requests());
            assertThat(drive.model.violations()).isEmpty();
            assertThat(drive.controller.info().stats().copied()).isZero();
        }
    }

    @Test
    void givesItsQueuesBack() throws Exception {
        Workload workload = workload(Pattern.READ, 2, 1);
        for (int time = 0; time < 3; time++) {
            try (Drive drive = new Drive(NvmeModelSettings.plain(9, 16 << 20).withQueues(64, 2, 0))) {
                assertThat(run(workload, drive.disk.loadHardware(workload)).clean())
                        .isTrue();
                assertThat(drive.model.violations()).isEmpty();
            }
        }
    }

    @Test
    void tellsOfFailedRequests() throws Exception {
        Workload workload = workload(Pattern.READ, 1, 4);
        try (Drive drive = new Drive(NvmeModelSettings.plain(9, 16 << 20))) {
            drive.model.spoil(1, 16);
            LoadResult bare = run(workload, drive.disk.loadHardware(workload));

            assertThat(bare.ioErrors()).isPositive();
            assertThat(bare.firstError().orElseThrow()).startsWith("a request of 8192 bytes: NVMe status ");
        }
    }

    @Test
    void refusesMoreThanAQueueTakes() throws Exception {
        try (Drive drive = new Drive(NvmeModelSettings.plain(9, 16 << 20).withQueues(16, 4, 0))) {
            assertThatThrownBy(() -> drive.disk.loadHardware(workload(Pattern.READ, 1, 16)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a queue of the drive takes 15 requests");
        }
    }

    @Test
    void allocatesNothing() throws Exception {
        Workload workload = workload(Pattern.RANDRW, 1, 8);
        try (Drive drive = new Drive(NvmeModelSettings.plain(9, 16 << 20))) {
            LoadLoop[] loops = drive.disk.loadHardware(workload).toArray(LoadLoop[]::new);
            long allocated = 1;
            for (int phase = 0; phase < 40 && allocated > 0; phase++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                LoadLoop.run(loops, PHASE_NS);
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            loops[0].drain();

            assertThat(loops[0].done()).isPositive();
            assertThat(allocated).isZero();
        }
    }

    private static LoadResult run(Workload workload, List<LoadLoop> loops) throws IOException, LoadException {
        int[] cores = new int[workload.queues()];
        for (int i = 0; i < cores.length; i++) {
            int[] online = CpuSet.online().cores();
            cores[i] = online[i % online.length];
        }
        return new LoadRun(workload, loops, cores, new Silence(), Optional.empty()).run();
    }

    /** Shows nothing. */
    private record Silence() implements LoadRun.Progress {
        @Override
        public void phase(String name) {}

        @Override
        public void second(int second, double iops) {}
    }

    /** A model with its driver, and its namespace as a disk. */
    private static final class Drive implements NvmeListener, AutoCloseable {
        final NvmeModel model;
        final NvmeController controller;
        final BdevDisk disk;
        private final BdevRegistry registry = new BdevRegistry();

        Drive(NvmeModelSettings settings) throws Exception {
            DmaSpace dma = new DmaSpace();
            model = new NvmeModel(settings, dma);
            controller = NvmeController.attach("Model", model, NvmeOptions.DEFAULT, this);
            registry.register(controller.namespaces().getFirst());
            disk = new BdevDisk(registry, "Modeln1", dma, () -> {});
        }

        @Override
        public void namespaceAdded(NvmeBdev bdev) {}

        @Override
        public void namespaceRemoved(NvmeBdev bdev) {}

        @Override
        public void namespaceResized(NvmeBdev bdev) {}

        @Override
        public void controllerRemoved(NvmeController removed) {}

        @Override
        public void close() throws IOException, BdevException {
            disk.close();
            registry.unregister("Modeln1").join();
            controller.close();
        }
    }
}
