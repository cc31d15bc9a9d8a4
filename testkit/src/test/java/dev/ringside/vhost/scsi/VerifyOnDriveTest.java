package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevStats;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.nvme.ModelDisk;
import dev.ringside.testkit.nvme.NvmeModelSettings;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** VERIFY of a drive that has Compare and Verify of its own (NVM 1.0, 3.2.1 and 3.2.7): nothing is read for it. */
class VerifyOnDriveTest {
    private static final String NAME = "Modeln1";
    private static final int MISCOMPARE = 0xe1d00;
    private static final int UNRECOVERED_READ_ERROR = 0x31100;
    private static final long LAST = ScsiRig.BLOCKS - 1;

    private ScsiRig rig;
    private ModelDisk disk;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        disk = new ModelDisk(NvmeModelSettings.plain(9, ScsiRig.BLOCKS * ScsiRig.BLOCK), NvmeOptions.DEFAULT);
        rig = new ScsiRig();
        rig.register(disk);
        rig.controller("c");
        rig.add("c", 0, 0, NAME);
        guest = rig.guest("c");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
        disk.destroy();
    }

    @Test
    void theDriveVerifiesAndCompares() throws Exception {
        guest.write(10, filled(1, 4));
        for (Operation each : List.of(Operation.VERIFY_10, Operation.VERIFY_12, Operation.VERIFY_16)) {
            good(guest.run(Cdb.range(each, 10, 4, 0)));
            good(guest.out(Cdb.range(each, 10, 4, 0x02), filled(1, 4)));
            failed(guest.out(Cdb.range(each, 10, 4, 0x02), filled(2, 4)), MISCOMPARE);
        }
        good(guest.out(Cdb.range(Operation.WRITE_AND_VERIFY_16, 20, 3, 0x02), filled(7, 3)));
        // In pieces.
        good(guest.out(Cdb.range(Operation.WRITE_AND_VERIFY_16, 30, 1500, 0x02), filled(9, 1500)));
        byte[] almost = filled(9, 1500);
        almost[almost.length - 1] ^= 1;
        failed(guest.out(Cdb.range(Operation.VERIFY_16, 30, 1500, 0x02), almost), MISCOMPARE);
        good(guest.run(Cdb.range(Operation.VERIFY_16, 0, ScsiRig.BLOCKS, 0)));

        BdevStats stats = rig.rig.registry().stats(NAME).get(20, TimeUnit.SECONDS);
        assertThat(stats.of(IoType.READ).operations()).isZero();
        assertThat(stats.of(IoType.COMPARE).errors()).isEqualTo(4);
        assertThat(stats.of(IoType.COMPARE).operations()).isGreaterThan(4);
        assertThat(stats.of(IoType.VERIFY).operations()).isGreaterThan(3);
    }

    @Test
    void oneBlockForAllIsComparedHere() {
        guest.write(10, filled(1, 1));
        good(guest.out(Cdb.range(Operation.VERIFY_16, 10, 1, 0x06), filled(1, 1)));
        failed(guest.out(Cdb.range(Operation.VERIFY_16, 10, 2, 0x06), filled(1, 1)), MISCOMPARE);
    }

    @Test
    void whatCannotBeReadIsToldSo() {
        disk.model.spoil(1, LAST);
        failed(guest.run(Cdb.range(Operation.VERIFY_16, LAST, 1, 0)), UNRECOVERED_READ_ERROR);
        failed(guest.out(Cdb.range(Operation.VERIFY_16, LAST, 1, 0x02), filled(0, 1)), UNRECOVERED_READ_ERROR);
        good(guest.run(Cdb.range(Operation.VERIFY_16, LAST - 1, 1, 0)));
    }
}
