package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.DiskDescription;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.HostDisk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What disks behind the model say that they are, as it comes out of the driver and the mid-layer. */
class Mpt3sasUnitsTest {
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
}
