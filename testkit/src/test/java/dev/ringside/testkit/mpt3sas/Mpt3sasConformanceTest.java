package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.bdev.BdevConformance;
import dev.ringside.testkit.bdev.BdevSubject;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.DiskOnModel;
import dev.ringside.testkit.scsi.HostDriverSuite;
import dev.ringside.testkit.scsi.HostSubject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The driver passes the suite of all drivers, with one queue and with several, and disks behind it that of bdevs. */
class Mpt3sasConformanceTest extends BdevConformance {
    private static final int BYTES = 32 << 20;
    private static final Mpt3Settings PLAIN = settings(disk(512));

    private static Disk disk(int blockSize) {
        return new Disk(1, blockSize, BYTES / blockSize, false);
    }

    private static Mpt3Settings settings(Disk disk) {
        return Mpt3Settings.plain()
                .withShelves(List.of(new Shelf(0, List.of()), new Shelf(0, List.of(disk)), new Shelf(1, List.of())));
    }

    @TestFactory
    Stream<DynamicNode> driver() {
        return Stream.of(
                        new OnModel("one queue", PLAIN),
                        new OnModel("four queues", PLAIN.atomicQueues(4)),
                        new OnModel("few chains", PLAIN.withChains(4, 3)))
                .map(subject -> DynamicContainer.dynamicContainer(subject.name(), HostDriverSuite.tests(subject)));
    }

    @Override
    protected List<BdevSubject> subjects() {
        return List.of(
                subject("mpt3sas, one queue", PLAIN, false, 0),
                subject("mpt3sas, one queue, SSD", settings(disk(512).asSsd()), false, 0),
                subject(
                        "mpt3sas, four queues, blocks of 4096",
                        settings(disk(4096)).atomicQueues(4),
                        false,
                        0),
                subject(
                        "mpt3sas, four queues, SSD with blocks of 4096, second logical unit",
                        settings(disk(4096).asSsd().times(2)).atomicQueues(4),
                        false,
                        1),
                subject("mpt3sas, few chains", PLAIN.withChains(4, 3), false, 0),
                subject("mpt3sas, four queues, interrupts", PLAIN.atomicQueues(4), true, 0));
    }

    private static BdevSubject subject(String name, Mpt3Settings settings, boolean interrupts, int index) {
        return new DiskOnModel(
                name,
                dma -> new Mpt3sasDriver(new Mpt3Model(settings, dma), MptPatience.DEFAULT),
                ScsiOptions.DEFAULT.withInterrupts(interrupts),
                index);
    }

    private record OnModel(String name, Mpt3Settings settings) implements HostSubject {
        @Override
        public ScsiHostDriver create(DmaSpace dma) throws LinuxException {
            return new Mpt3sasDriver(new Mpt3Model(settings, dma), MptPatience.DEFAULT);
        }
    }
}
