package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.HostDriverSuite;
import dev.ringside.testkit.scsi.HostSubject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The driver passes the suite of all drivers, with one queue and with several. */
class Mpt3sasConformanceTest {
    private static final Mpt3Settings PLAIN = Mpt3Settings.plain()
            .withShelves(List.of(
                    new Shelf(0, List.of()),
                    new Shelf(0, List.of(new Disk(1, 512, 32_768, false))),
                    new Shelf(1, List.of())));

    @TestFactory
    Stream<DynamicNode> conformance() {
        return Stream.of(
                        new OnModel("one queue", PLAIN),
                        new OnModel("four queues", PLAIN.atomicQueues(4)),
                        new OnModel("few chains", PLAIN.withChains(4, 3)))
                .map(subject -> DynamicContainer.dynamicContainer(subject.name(), HostDriverSuite.tests(subject)));
    }

    private record OnModel(String name, Mpt3Settings settings) implements HostSubject {
        @Override
        public ScsiHostDriver create(DmaSpace dma) throws LinuxException {
            return new Mpt3sasDriver(new Mpt3Model(settings, dma), MptPatience.DEFAULT);
        }
    }
}
