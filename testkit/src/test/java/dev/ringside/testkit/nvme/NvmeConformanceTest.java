package dev.ringside.testkit.nvme;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.testkit.bdev.BdevConformance;
import dev.ringside.testkit.bdev.BdevSubject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** NVMe disks pass the suite, on models of controllers of several kinds. */
class NvmeConformanceTest extends BdevConformance {
    private static final long BYTES = 32 << 20;
    private static final NvmeModelSettings PLAIN = NvmeModelSettings.plain(9, BYTES);

    @Override
    protected List<BdevSubject> subjects() {
        NvmeOptions options = NvmeOptions.DEFAULT;
        return List.of(
                new OnModel("plain model", PLAIN, options),
                new OnModel(
                        "blocks of 4096, doorbells apart, no limit of transfers",
                        NvmeModelSettings.plain(12, BYTES)
                                .withQueues(1024, 2, 3)
                                .withMdts(0),
                        options),
                new OnModel("SGLs", PLAIN.withSgls(1), options),
                new OnModel("SGLs of words, short transfers", PLAIN.withSgls(2).withMdts(3), options),
                new OnModel("odd queues of 5 entries", PLAIN.withQueues(5, 2, 0), options),
                new OnModel("shadow doorbells", PLAIN.withShadows(), options),
                new OnModel(
                        "shadow doorbells apart, odd queues of 5 entries",
                        PLAIN.withQueues(5, 2, 2).withShadows(),
                        options),
                new OnModel("interrupts", PLAIN.withVectors(8), options.withInterrupts(true)));
    }

    private static final class OnModel implements BdevSubject {
        private final String name;
        private final NvmeModelSettings settings;
        private final NvmeOptions options;
        private @Nullable ModelDisk disk;

        OnModel(String name, NvmeModelSettings settings, NvmeOptions options) {
            this.name = name;
            this.settings = settings;
            this.options = options;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Bdev create() throws Exception {
            disk = new ModelDisk(settings, options);
            return disk;
        }

        @Override
        public MemorySegment allocate(Arena arena, long bytes) {
            return Objects.requireNonNull(disk).allocate(arena, bytes);
        }

        @Override
        public int steadyRequests() {
            return 20_000;
        }

        @Override
        public Optional<Resize> resize() {
            return Optional.of(OnModel::resize);
        }

        @Override
        public Optional<Fault> fault() {
            return Optional.of(new Fault(
                    this::create,
                    info -> Objects.requireNonNull(disk).model.spoil(1, info.numBlocks() - 1),
                    IoStatus.IO_ERROR));
        }

        private static void resize(Bdev bdev, BdevRegistry registry, long numBlocks) throws Exception {
            ModelDisk disk = (ModelDisk) bdev;
            disk.model.resize(1, numBlocks);
            disk.nextEvent();
            registry.resized(bdev);
        }
    }
}
