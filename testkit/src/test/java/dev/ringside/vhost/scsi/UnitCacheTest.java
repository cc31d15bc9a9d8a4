package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.testkit.bdev.RecordingDisk;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a disk with a write cache is asked, so that data is on the medium when it has to be (SBC-4, 5). */
class UnitCacheTest {
    private static final byte[] ONE = ScsiRig.filled(1, 1);

    private final RecordingDisk disk = new RecordingDisk(RecordingDisk.cached("disk"));
    private ScsiRig rig;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        guest = rig.guestWith(disk);
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void aWriteIsForcedIfItSaysSo() {
        for (Operation each : List.of(Operation.WRITE_10, Operation.WRITE_12, Operation.WRITE_16)) {
            good(guest.out(Cdb.range(each, 7, 1, 0), ONE));
            good(guest.out(Cdb.range(each, 7, 1, Cdb.FUA), ONE));
            assertThat(disk.take()).as(each.title()).containsExactly("WRITE 7+1", "WRITE 7+1 FUA");
        }
        good(guest.out(Cdb.range(Operation.COMPARE_AND_WRITE, 0, 1, Cdb.FUA), new byte[2 * BLOCK]));
        assertThat(disk.take()).containsExactly("READ 0+1", "WRITE 0+1 FUA");
        good(guest.out(Cdb.range(Operation.WRITE_AND_VERIFY_10, 7, 1, 0), ONE));
        assertThat(disk.take()).containsExactly("WRITE 7+1 FUA", "READ 7+1");
    }

    @Test
    void whatIsReadOrVerifiedFromTheMediumIsFlushedFirst() {
        for (Operation each : List.of(Operation.READ_10, Operation.READ_12, Operation.READ_16)) {
            good(guest.in(Cdb.range(each, 7, 1, 0), BLOCK));
            assertThat(disk.take()).as(each.title()).containsExactly("READ 7+1");
            good(guest.in(Cdb.range(each, 7, 1, Cdb.FUA), BLOCK));
            assertThat(disk.take()).as(each.title()).containsExactly("FLUSH", "READ 7+1");
        }
        for (Operation each : List.of(Operation.VERIFY_10, Operation.VERIFY_12, Operation.VERIFY_16)) {
            good(guest.run(Cdb.range(each, 7, 2, 0)));
            good(guest.out(Cdb.range(each, 7, 2, 0x02), new byte[2 * BLOCK]));
            good(guest.out(Cdb.range(each, 7, 2, 0x06), new byte[BLOCK]));
            assertThat(disk.take())
                    .as(each.title())
                    .containsExactly("FLUSH", "READ 7+2", "FLUSH", "READ 7+2", "FLUSH", "READ 7+2");
            good(guest.run(Cdb.range(each, 7, 0, 0)));
            assertThat(disk.take()).isEmpty();
        }
    }

    @Test
    void aDiskWithoutACacheIsNotFlushedForThat() throws Exception {
        RecordingDisk uncached =
                new RecordingDisk(RecordingDisk.cached("uncached").withoutCache());
        rig.register(uncached);
        rig.controller("d");
        rig.add("d", 0, 0, "uncached");
        Guest other = rig.guest("d");
        good(other.in(Cdb.range(Operation.READ_10, 7, 1, Cdb.FUA), BLOCK));
        good(other.run(Cdb.range(Operation.VERIFY_10, 7, 1, 0)));
        assertThat(uncached.take()).containsExactly("READ 7+1", "READ 7+1");
    }

    @Test
    void everyWriteIsForcedWhileTheCacheIsOff() {
        modify("");
        writeCache(false);
        assertThat(disk.take()).containsExactly("FLUSH");
        modify(" FUA");
        writeCache(true);
        assertThat(disk.take()).isEmpty();
        modify("");
    }

    /** Does what modifies in each of its forms, and looks at what the disk was asked. */
    private void modify(String flag) {
        for (Operation each : List.of(Operation.WRITE_6, Operation.WRITE_10, Operation.WRITE_12, Operation.WRITE_16)) {
            good(guest.out(Cdb.range(each, 7, 1, 0), ONE));
            assertThat(disk.take()).as(each.title()).containsExactly("WRITE 7+1" + flag);
        }
        good(guest.out(Cdb.range(Operation.COMPARE_AND_WRITE, 0, 1, 0), new byte[2 * BLOCK]));
        assertThat(disk.take()).containsExactly("READ 0+1", "WRITE 0+1" + flag);
        for (Operation each : List.of(Operation.WRITE_SAME_10, Operation.WRITE_SAME_16)) {
            good(guest.out(Cdb.range(each, 8, 4, 0), ONE));
            good(guest.out(Cdb.range(each, 8, 4, 0), new byte[BLOCK]));
            good(guest.out(Cdb.range(each, 8, 4, Cdb.UNMAP), new byte[BLOCK]));
            assertThat(disk.take())
                    .as(each.title())
                    .containsExactly(
                            "WRITE 8+4" + flag, "WRITE_ZEROES 8+4" + flag, "WRITE_ZEROES 8+4" + flag + " MAY_UNMAP");
        }
        byte[] list = BlockRange.list(List.of(new BlockRange(40, 2), new BlockRange(45, 3)));
        good(guest.out(Cdb.parameters(Operation.UNMAP, list.length), list));
        assertThat(disk.take())
                .containsExactly("WRITE_ZEROES 40+2" + flag + " MAY_UNMAP", "WRITE_ZEROES 45+3" + flag + " MAY_UNMAP");
    }

    private void writeCache(boolean on) {
        byte[] list = new byte[24];
        list[4] = ModeParameters.CACHING;
        list[5] = 18;
        list[6] = (byte) (on ? 4 : 0);
        byte[] select = Cdb.parameters(Operation.MODE_SELECT_6, list.length);
        select[1] = 0x10;
        good(guest.out(select, list));
    }

    @Test
    void immediateCommandsEndWhenTheyAreDone() {
        for (Operation each : List.of(Operation.SYNCHRONIZE_CACHE_10, Operation.SYNCHRONIZE_CACHE_16)) {
            good(guest.run(Cdb.range(each, 0, 0, 0x02)));
            assertThat(disk.take()).as(each.title()).containsExactly("FLUSH");
        }
        byte[] stop = Cdb.of(Operation.START_STOP_UNIT);
        stop[1] = 1;
        good(guest.run(stop));
        assertThat(disk.take()).containsExactly("FLUSH");
        ScsiRig.failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x20402);
    }
}
