package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The simulated host passes the suite of drivers, so that the suite can be trusted with others. */
class HostDriverSuiteTest {
    private static final SimDiskSettings SSD = SimDiskSettings.ssd("A", 512, 16 << 20);
    private static final SimDiskSettings HDD = SimDiskSettings.hdd("B", 4096, 16 << 20);

    @TestFactory
    Stream<DynamicNode> conformance() {
        return Stream.of(
                        new OnSim("SSD", SimHostSettings.of(SSD)),
                        new OnSim(
                                "alignment and boundary",
                                SimHostSettings.of(SSD)
                                        .withCapabilities(new HostCapabilities(1, 64, 64 << 10, 16, 16, 64 << 10, 16))),
                        new OnSim(
                                "short queue, few segments",
                                SimHostSettings.of(HDD, SSD)
                                        .withCapabilities(new HostCapabilities(2, 4, 64 << 10, 3, 4, 0, 12))))
                .map(subject -> DynamicContainer.dynamicContainer(subject.name(), HostDriverSuite.tests(subject)));
    }

    private record OnSim(String name, SimHostSettings settings) implements HostSubject {
        @Override
        public ScsiHostDriver create(DmaSpace dma) throws LinuxException {
            return new SimHost(settings, dma);
        }
    }
}
