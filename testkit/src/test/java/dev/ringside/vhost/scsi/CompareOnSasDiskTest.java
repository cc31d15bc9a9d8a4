package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.testkit.mpt3sas.Mpt3Model;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.testkit.scsi.HostDisk;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** COMPARE AND WRITE of a guest whose disk is one behind the model of a SAS adapter. */
class CompareOnSasDiskTest {
    private static final int MISCOMPARE = 0xe1d00;

    private ScsiRig rig;
    private HostDisk disk;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        disk = new HostDisk(
                dma -> new Mpt3sasDriver(new Mpt3Model(Mpt3Settings.plain(), dma), MptPatience.DEFAULT),
                ScsiOptions.DEFAULT);
        rig = new ScsiRig();
        rig.register(disk);
        rig.controller("c");
        rig.add("c", 0, 0, disk.info().name());
        guest = rig.guest("c");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        disk.destroy();
    }

    @Test
    void comparesAndWrites() {
        guest.write(10, filled(1, 4));
        good(guest.out(cdb(10, 4), both(filled(1, 4), filled(9, 4))));
        assertThat(guest.blocks(10, 4)).isEqualTo(filled(9, 4));
        byte[] almost = both(filled(9, 4), filled(5, 4));
        almost[700] ^= 1;
        ScsiResult differs = failed(guest.out(cdb(10, 4), almost), MISCOMPARE);
        assertThat(differs.parsedSense().orElseThrow().information()).hasValue(700);
        assertThat(guest.blocks(10, 4)).as("nothing was written").isEqualTo(filled(9, 4));
    }

    private static byte[] cdb(int lba, int blocks) {
        byte[] cdb = Cdb.range(Operation.COMPARE_AND_WRITE, lba, 0, 0);
        cdb[13] = (byte) blocks;
        return cdb;
    }

    private static byte[] both(byte[] compare, byte[] write) {
        return ByteBuffer.allocate(compare.length + write.length)
                .put(compare)
                .put(write)
                .array();
    }
}
