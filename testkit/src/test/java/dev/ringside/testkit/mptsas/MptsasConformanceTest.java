package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mptsas.MptsasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.testkit.bdev.BdevConformance;
import dev.ringside.testkit.bdev.BdevSubject;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.DiskOnModel;
import dev.ringside.testkit.scsi.HostDriverSuite;
import dev.ringside.testkit.scsi.HostSubject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The driver of MPI 1.5 adapters passes the suite of drivers, and disks behind it that of bdevs, on its model. */
class MptsasConformanceTest extends BdevConformance {
    private static final int BYTES = 32 << 20;

    @TestFactory
    Stream<DynamicTest> driver() {
        return HostDriverSuite.tests(new OnModel(disk(512)));
    }

    @Override
    protected List<BdevSubject> subjects() {
        return List.of(
                subject("mptsas, blocks of 512", disk(512)),
                subject("mptsas, blocks of 4096", disk(4096)),
                subject("mptsas, SSD", disk(512).asSsd()));
    }

    private static Disk disk(int blockSize) {
        return new Disk(1, blockSize, BYTES / blockSize, false);
    }

    private static BdevSubject subject(String name, Disk disk) {
        return new DiskOnModel(
                name, dma -> new MptsasDriver(model(dma, disk), MptPatience.DEFAULT), ScsiOptions.DEFAULT);
    }

    private static MptModel model(DmaSpace dma, Disk disk) throws Exception {
        MptSettings plain = MptSettings.plain();
        return new MptModel(
                new MptSettings(
                        plain.credits(),
                        plain.replyDepth(),
                        plain.maxChainDepth(),
                        false,
                        false,
                        List.of(disk),
                        List.of()),
                dma);
    }

    private record OnModel(Disk disk) implements HostSubject {
        @Override
        public String name() {
            return "mptsas on its model";
        }

        @Override
        public ScsiHostDriver create(DmaSpace dma) throws Exception {
            return new MptsasDriver(model(dma, disk), MptPatience.DEFAULT);
        }
    }
}
