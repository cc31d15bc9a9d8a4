package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.DiskDescription;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IoUnitPage1;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.FaultBench;
import dev.ringside.testkit.scsi.FaultBench.Request;
import dev.ringside.testkit.scsi.HostDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What disks behind the model say that they are, as it comes out of the driver and the mid-layer. */
class Mpt3sasUnitsTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int REQUESTS = 16;

    @Test
    void eachLogicalUnitIsADiskOfItsKind() throws Exception {
        Mpt3Settings settings = Mpt3Settings.plain()
                .withShelves(List.of(new Shelf(
                        0, List.of(new Disk(1, 512, 1_000, false).asSsd().times(2), new Disk(2, 4096, 500, true)))));
        HostDisk host = new HostDisk(
                dma -> new Mpt3sasDriver(new Mpt3Model(settings, dma), MptPatience.DEFAULT), ScsiOptions.DEFAULT);
        List<ScsiDisk> disks = host.host.disks();
        assertThat(host.host.info().refused()).isEmpty();
        assertThat(disks)
                .extracting(disk -> disk.device().address().toString())
                .containsExactly("0:0:0", "0:0:1", "0:1:0");
        List<DiskDescription> descriptions =
                disks.stream().map(ScsiDisk::description).toList();
        assertThat(descriptions).extracting(DiskDescription::stableName).doesNotHaveDuplicates();
        assertThat(descriptions)
                .extracting(DiskDescription::serial)
                .containsExactly("MODEL001-0", "MODEL001-1", "MODEL002-0");
        assertThat(descriptions).extracting(DiskDescription::numBlocks).containsExactly(1_000L, 1_000L, 500L);
        assertThat(descriptions).extracting(DiskDescription::blockSize).containsExactly(512, 512, 4096);
        assertThat(descriptions).extracting(DiskDescription::rotationRate).containsExactly(1, 1, 7200);
        assertThat(descriptions).extracting(each -> each.traits().fua()).containsExactly(true, true, false);
        assertThat(descriptions).extracting(each -> each.traits().writeCache()).containsOnly(true);
        assertThat(descriptions).extracting(each -> each.traits().unmap()).containsExactly(true, true, false);
        assertThat(descriptions).extracting(each -> each.traits().writeSame()).containsExactly(true, true, false);
        assertThat(descriptions).extracting(each -> each.traits().queueDepth()).containsExactly(123, 123, 31);
        host.destroy();
    }

    /** Native command queuing is switched off, and on again, while the disk is in use. */
    @Test
    void aDiskIsGivenAsManyCommandsAsItsAdapterSaysNow() throws Exception {
        Mpt3Settings settings =
                Mpt3Settings.plain().withShelves(List.of(new Shelf(0, List.of(new Disk(1, 512, 16_384, true)))));
        List<Mpt3Model> made = new ArrayList<>();
        try (FaultBench bench = new FaultBench(dma -> {
            made.add(new Mpt3Model(settings, dma));
            return new Mpt3sasDriver(made.getFirst(), MptPatience.DEFAULT);
        })) {
            Mpt3Model model = made.getFirst();
            assertThat(inFlight(bench, model)).isEqualTo(REQUESTS);
            model.ioUnitFlags(IoUnitPage1.FLAGS_NATIVE_COMMAND_Q_DISABLE);
            assertThat(inFlight(bench, model)).isEqualTo(1);
            model.ioUnitFlags(0);
            assertThat(inFlight(bench, model)).isEqualTo(REQUESTS);
        }
    }

    /** How many of many requests a disk gets at a time, once its adapter has been looked at again. */
    private static int inFlight(FaultBench bench, Mpt3Model model) {
        CompletableFuture<Void> rescan = bench.disk.host.rescan();
        bench.reactor.await("a scan", rescan::isDone, LIMIT);
        model.hold();
        List<Request> requests = bench.submitMany(REQUESTS);
        for (int i = 0; i < REQUESTS; i++) {
            bench.reactor.step();
        }
        int held = model.held();
        model.release();
        bench.await(requests);
        return held;
    }
}
