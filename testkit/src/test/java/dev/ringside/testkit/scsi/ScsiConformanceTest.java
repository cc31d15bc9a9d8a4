package dev.ringside.testkit.scsi;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.testkit.bdev.BdevConformance;
import dev.ringside.testkit.bdev.BdevSubject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** SCSI disks pass the suite, on simulated hosts of several kinds. */
class ScsiConformanceTest extends BdevConformance {
    private static final long BYTES = 32 << 20;
    private static final SimHostSettings SSD = SimHostSettings.of(SimDiskSettings.ssd("A", 512, BYTES));

    @Override
    protected List<BdevSubject> subjects() {
        return List.of(
                new OnSim("SSD", SSD, Range.WHOLE),
                new OnSim(
                        "turning disk of 4096 without FUA",
                        SimHostSettings.of(SimDiskSettings.hdd("B", 4096, BYTES)),
                        Range.WHOLE),
                new OnSim("a part of a disk", SSD, new Range(4 << 20, 20 << 20)),
                new OnSim(
                        "two queues, words, boundaries",
                        SSD.withCapabilities(new HostCapabilities(2, 200, 256 << 10, 17, 4, 64 << 10, 16)),
                        Range.WHOLE),
                new OnSim(
                        "CDBs of 12 bytes",
                        SSD.withCapabilities(new HostCapabilities(1, 128, 1 << 20, 64, 1, 0, 12)),
                        Range.WHOLE),
                new OnSim(
                        "few places, and fewer in the disk",
                        SimHostSettings.of(SimDiskSettings.ssd("C", 512, BYTES).withQueueDepth(3))
                                .withCapabilities(new HostCapabilities(1, 6, 64 << 10, 4, 1, 0, 16)),
                        Range.WHOLE));
    }

    private static final class OnSim implements BdevSubject {
        private final String name;
        private final SimHostSettings settings;
        private final Range range;
        private @Nullable HostDisk disk;

        OnSim(String name, SimHostSettings settings, Range range) {
            this.name = name;
            this.settings = settings;
            this.range = range;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Bdev create() throws Exception {
            disk = new HostDisk(settings, ScsiOptions.DEFAULT, range);
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
            return range.equals(Range.WHOLE) ? Optional.of(OnSim::resize) : Optional.empty();
        }

        @Override
        public Optional<Fault> fault() {
            return Optional.of(new Fault(this::create, this::spoilLast, IoStatus.IO_ERROR));
        }

        private void spoilLast(BdevInfo info) {
            long first = range.offset() / info.blockSize();
            Objects.requireNonNull(disk).sim().spoil(0, first + info.numBlocks() - 1);
        }

        private static void resize(Bdev bdev, BdevRegistry registry, long numBlocks) throws Exception {
            HostDisk disk = (HostDisk) bdev;
            disk.sim().resize(0, numBlocks);
            for (String event = disk.nextEvent(); !event.startsWith("resized"); event = disk.nextEvent()) {
                // It was added before.
            }
            ScsiBdev range = disk.bdev;
            if (range.adapt()) {
                registry.resized(bdev);
            }
        }
    }
}
