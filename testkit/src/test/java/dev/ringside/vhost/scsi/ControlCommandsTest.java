package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCKS;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_FIELD;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_OPCODE;
import static dev.ringside.vhost.scsi.ScsiRig.LENGTH_ERROR;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.UNIT_ATTENTION;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.LunAddress;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.scsi.mode.ModeData;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import dev.ringside.vhost.scsi.unit.LogicalUnit;
import dev.ringside.vhost.scsi.unit.UnitPages;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands that move no blocks (SPC-5, 6). */
class ControlCommandsTest {
    private static final int NOT_READY = 0x20402;
    private static final int PROTECTED = 0x72702;
    private static final int NO_UNIT = 0x52500;

    private ScsiRig rig;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        rig.ram("other");
        rig.controller("c");
        rig.add("c", 0, 0, "ram");
        guest = rig.guest("c");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void aDiskThatHasBeenTurnedOnSaysSoOnce() throws Exception {
        Guest fresh = rig.freshGuest("c", RingFormat.SPLIT);
        good(fresh.read(Operation.INQUIRY, 96));
        good(fresh.read(Operation.REPORT_LUNS, 64));
        failed(fresh.in(Cdb.range(Operation.READ_10, 0, 1, 0), BLOCK), UNIT_ATTENTION);
        good(fresh.in(Cdb.range(Operation.READ_10, 0, 1, 0), BLOCK));
        Guest another = rig.freshGuest("c", RingFormat.PACKED);
        ScsiResult sense = good(another.read(Operation.REQUEST_SENSE, 18));
        assertThat(Sense.parse(sense.data(), 18).orElseThrow().key()).isEqualTo(SenseKey.UNIT_ATTENTION);
        good(another.run(Cdb.of(Operation.TEST_UNIT_READY)));
        assertThat(good(another.read(Operation.REQUEST_SENSE, 18)).data())
                .isEqualTo(Sense.none().bytes(false));
    }

    @Test
    void theAllocationLengthTruncatesAndTheRoomDoesNot() {
        byte[] whole = good(guest.read(Operation.INQUIRY, 255)).transferred();
        assertThat(whole).hasSize(InquiryData.BYTES);
        for (int length = 0; length <= 100; length++) {
            ScsiResult cut = good(guest.in(Cdb.parameters(Operation.INQUIRY, length), 128));
            int expected = Math.min(length, whole.length);
            assertThat(cut.residual()).isEqualTo(128 - expected);
            assertThat(Arrays.copyOf(cut.data(), expected)).isEqualTo(Arrays.copyOf(whole, expected));
        }
        assertThat(guest.in(Cdb.parameters(Operation.INQUIRY, 96), 95).response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
        good(guest.in(Cdb.parameters(Operation.INQUIRY, 65_535), 96));
    }

    @Test
    void everyPageThatIsListedIsThere() throws Exception {
        byte[] list = good(vpd(Vpd.SUPPORTED, 255)).transferred();
        assertThat(list).hasSize(4 + Vpd.DISK_PAGES.size());
        for (int page : Vpd.DISK_PAGES) {
            byte[] data = good(vpd(page, 255)).transferred();
            assertThat(BigEndian.u8(data, 1)).isEqualTo(page);
            assertThat(BigEndian.u16(data, 2)).isEqualTo(data.length - 4);
        }
        failed(vpd(0x81, 255), INVALID_FIELD);
        byte[] standard = Cdb.parameters(Operation.INQUIRY, 96);
        standard[2] = 1;
        failed(guest.in(standard, 96), INVALID_FIELD);
        byte[] names = good(vpd(Vpd.IDENTIFICATION, 255)).transferred();
        assertThat(Vpd.parseIdentification(names, names.length).get(0).value())
                .isEqualTo(NaaName.of(rig.rig.registry().find("ram").info().uuid()));
    }

    @Test
    void capacityIsTold() {
        assertThat(Capacity.parseShort(
                        good(guest.in(Cdb.of(Operation.READ_CAPACITY_10), 8)).data(), 8))
                .contains(new Capacity(BLOCKS, BLOCK, 0, false, false));
        byte[] data = good(guest.read(Operation.READ_CAPACITY_16, 32)).data();
        assertThat(Capacity.parseLong(data, 32)).contains(new Capacity(BLOCKS, BLOCK, 0, true, true));
        for (int length = 0; length <= 32; length++) {
            assertThat(good(guest.in(Cdb.parameters(Operation.READ_CAPACITY_16, length), 32))
                            .residual())
                    .isEqualTo(32 - length);
        }
    }

    @Test
    void whatThereIsNotIsRefused() {
        for (int code = 0; code < 256; code++) {
            int opcode = code;
            boolean known = Arrays.stream(Operation.values()).anyMatch(each -> each.code() == opcode);
            if (!known) {
                byte[] cdb = new byte[16];
                cdb[0] = (byte) code;
                failed(guest.run(cdb), INVALID_OPCODE);
            }
        }
        failed(guest.run(new byte[] {(byte) 0x9e, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), INVALID_FIELD);
    }

    @Test
    void supportedOperationsAreThoseThatThereAre() throws Exception {
        byte[] all = good(guest.read(Operation.REPORT_SUPPORTED_OPERATION_CODES, 8192))
                .transferred();
        int count = UnitPages.operations(rig.rig.registry().find("ram").info()).size();
        assertThat(BigEndian.u32(all, 0)).isEqualTo(8L * count);
        assertThat(all).hasSize(4 + 8 * count);
        byte[] one = Cdb.parameters(Operation.REPORT_SUPPORTED_OPERATION_CODES, 64);
        one[2] = 1;
        one[3] = 0x28;
        assertThat(good(guest.in(one, 64)).transferred())
                .isEqualTo(HexFormat.of().parseHex("0003000a2818ffffffff00ffff00"));
        one[3] = (byte) 0x9e;
        failed(guest.in(one, 64), INVALID_FIELD);
        one[2] = 2;
        one[5] = 0x10;
        assertThat(good(guest.in(one, 64)).transferred()).hasSize(20);
        one[3] = 0x28;
        failed(guest.in(one, 64), INVALID_FIELD);
        one[2] = 3;
        one[5] = 0;
        assertThat(good(guest.in(one, 64)).transferred()).hasSize(14);
        one[5] = 1;
        assertThat(good(guest.in(one, 64)).transferred()).isEqualTo(new byte[] {0, 1, 0, 0});
        // An operation that has service actions, none of which is there.
        one[2] = 2;
        one[3] = (byte) 0x83;
        assertThat(good(guest.in(one, 64)).transferred()).isEqualTo(new byte[] {0, 1, 0, 0});
        one[2] = 1;
        failed(guest.in(one, 64), INVALID_FIELD);
        one[2] = 3;
        one[3] = (byte) 0xc1;
        assertThat(good(guest.in(one, 64)).transferred()).isEqualTo(new byte[] {0, 1, 0, 0});
        one[2] = 4;
        failed(guest.in(one, 64), INVALID_FIELD);
        assertThat(good(guest.read(Operation.REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS, 16))
                        .transferred())
                .isEqualTo(new byte[] {(byte) 0xdc, 3, 0, 0});
    }

    @Test
    void softwareCanProtectTheDiskAndTheOthersAreTold() throws Exception {
        Guest other = rig.guest("c");
        byte[] select = HexFormat.of().parseHex("000000000a0a021008000000ffff0000");
        good(guest.out(modeSelect(select.length), select));
        failed(guest.out(Cdb.range(Operation.WRITE_10, 0, 1, 0), filled(1, 1)), PROTECTED);
        failed(guest.out(Cdb.range(Operation.WRITE_SAME_10, 0, 1, 0), filled(1, 1)), PROTECTED);
        byte[] all = Cdb.parameters(Operation.MODE_SENSE_6, 255);
        all[2] = ModeParameters.ALL_PAGES;
        assertThat(good(guest.in(all, 255)).data()[2]).isEqualTo((byte) 0x90);
        failed(other.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62a01);
        failed(other.out(Cdb.range(Operation.WRITE_10, 0, 1, 0), filled(1, 1)), PROTECTED);
        select[8] = 0;
        good(other.out(modeSelect(select.length), select));
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62a01);
        good(guest.out(Cdb.range(Operation.WRITE_10, 0, 1, 0), filled(1, 1)));
    }

    @Test
    void senseDataHasTheFormatThatIsWanted() {
        byte[] select = HexFormat.of().parseHex("000000000a0a061000000000ffff0000");
        good(guest.out(modeSelect(select.length), select));
        ScsiResult result = failed(guest.in(Cdb.range(Operation.READ_10, BLOCKS, 1, 0), BLOCK), 0x52100);
        assertThat(result.sense()[0]).isEqualTo((byte) 0x72);
        assertThat(guest.in(Cdb.parameters(Operation.REQUEST_SENSE, 18), 18).data()[0])
                .isEqualTo((byte) 0x70);
    }

    @Test
    void modeSelectTakesWholeListsOnly() {
        byte[] select = HexFormat.of().parseHex("000000000a0a021000000000ffff0000");
        good(guest.run(modeSelect(0)));
        for (int length = 1; length < select.length; length++) {
            if (length != 4) {
                failed(guest.out(modeSelect(length), select), LENGTH_ERROR);
            }
        }
        assertThat(guest.out(modeSelect(17), select).response()).isEqualTo(ScsiLayout.S_OVERRUN);
        byte[] saved = modeSelect(select.length);
        saved[1] |= 1;
        failed(guest.out(saved, select), INVALID_FIELD);
    }

    @Test
    void pagesThatModeSenseKnowsAreFound() {
        byte[] cdb = Cdb.parameters(Operation.MODE_SENSE_10, 255);
        cdb[2] = ModeParameters.ALL_PAGES;
        byte[] data = good(guest.in(cdb, 255)).transferred();
        for (int page : ModeParameters.PAGES) {
            assertThat(ModeData.findPage(data, data.length, true, page)).isPresent();
        }
        cdb[2] = (byte) 0xc8;
        failed(guest.in(cdb, 255), 0x53900);
    }

    @Test
    void logPagesCount() {
        guest.write(0, filled(1, 8));
        byte[] cdb = Cdb.parameters(Operation.LOG_SENSE, 255);
        cdb[2] = 0x42;
        cdb[6] = 5;
        byte[] data = good(guest.in(cdb, 255)).transferred();
        assertThat(BigEndian.u64(data, 8)).isEqualTo(8L * BLOCK);
        cdb[2] = 0x4d;
        failed(guest.in(cdb, 255), INVALID_FIELD);
    }

    @Test
    void aStoppedUnitIsNotReady() {
        good(guest.run(Cdb.of(Operation.START_STOP_UNIT)));
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), NOT_READY);
        failed(guest.in(Cdb.range(Operation.READ_10, 0, 1, 0), BLOCK), NOT_READY);
        good(guest.read(Operation.INQUIRY, 96));
        byte[] startUnit = Cdb.of(Operation.START_STOP_UNIT);
        startUnit[4] = 1;
        good(guest.run(startUnit));
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    @Test
    void aStopWritesToTheMediumWhatIsCached() throws Exception {
        HeldDisk disk = new HeldDisk("cached", Arena.ofAuto().allocate(64L * BLOCK), 0, 1);
        rig.register(disk);
        rig.add("c", 1, 0, "cached");
        long unit = VirtioLun.of(1, 0);
        failed(guest.queue().execute(unit, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), UNIT_ATTENTION);
        byte[] cdb = Cdb.of(Operation.START_STOP_UNIT);
        // NO_FLUSH, and START.
        for (int bits : List.of(4, 1)) {
            cdb[4] = (byte) bits;
            good(guest.queue().execute(unit, cdb, new byte[0], 0));
            assertThat(disk.seen()).isEmpty();
        }
        good(guest.queue().execute(unit, Cdb.of(Operation.START_STOP_UNIT), new byte[0], 0));
        assertThat(disk.seen()).hasSize(1);
        failed(guest.queue().execute(unit, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), NOT_READY);
    }

    @Test
    void turningTheCacheOffWritesToTheMediumWhatIsInIt() throws Exception {
        HeldDisk disk = new HeldDisk("cached", Arena.ofAuto().allocate(64L * BLOCK), 0, 1, true);
        rig.register(disk);
        rig.add("c", 1, 0, "cached");
        long unit = VirtioLun.of(1, 0);
        failed(guest.queue().execute(unit, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), UNIT_ATTENTION);
        byte[] caching = new byte[24];
        caching[4] = ModeParameters.CACHING;
        caching[5] = 18;
        byte[] on = caching.clone();
        on[6] = 4;
        good(guest.queue().execute(unit, modeSelect(on.length), on, 0));
        assertThat(disk.seen()).isEmpty();
        good(guest.queue().execute(unit, modeSelect(caching.length), caching, 0));
        assertThat(disk.seen()).hasSize(1);
        good(guest.queue().execute(unit, modeSelect(on.length), on, 0));
        assertThat(disk.seen()).hasSize(1);
    }

    @Test
    void aGuestsRareCommandsHoldUpItselfOnly() throws Exception {
        rig.add("c", 1, 0, "other");
        rig.ram("neighbours");
        rig.controller("d");
        rig.add("d", 0, 0, "neighbours");
        Guest neighbour = rig.guest("d");
        long second = VirtioLun.of(1, 0);
        failed(guest.queue().execute(second, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), UNIT_ATTENTION);
        byte[] sense = Cdb.parameters(Operation.MODE_SENSE_6, 255);
        sense[2] = ModeParameters.ALL_PAGES;
        List<Integer> mine = new ArrayList<>();
        // Whoever has a unit's monitor holds up its commands: the first, and then all others.
        synchronized (unit(1)) {
            int inquiry;
            synchronized (unit(0)) {
                for (long address : List.of(LUN, second, second, second)) {
                    mine.add(guest.queue().submit(address, 1, sense, new byte[0], 255, 255));
                }
                good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
                byte[] cdb = Cdb.parameters(Operation.INQUIRY, 96);
                inquiry = neighbour.queue().submit(LUN, 1, cdb, new byte[0], 96, 96);
                good(neighbour.run(Cdb.of(Operation.TEST_UNIT_READY)));
            }
            good(neighbour.queue().await(inquiry));
        }
        mine.forEach(request -> good(guest.queue().await(request)));
    }

    private LogicalUnit unit(int target) throws Exception {
        return Objects.requireNonNull(rig.rig.target().scsi("c").targets().get(target))
                .get(0)
                .unit();
    }

    @Test
    void unitsOfATargetAreListedAndOthersAreNot() throws Exception {
        rig.add("c", 0, 300, "other");
        assertThat(LunAddress.parse(good(guest.read(Operation.REPORT_LUNS, 64)).transferred(), 24))
                .containsExactly(0L, 0x412c_0000_0000_0000L);
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
        failed(guest.queue().execute(VirtioLun.of(0, 300), new byte[16], new byte[0], 0), UNIT_ATTENTION);
        long absent = VirtioLun.of(0, 7);
        ScsiResult inquiry =
                good(guest.queue().execute(absent, Cdb.parameters(Operation.INQUIRY, 96), new byte[0], 96));
        assertThat(inquiry.data()[0]).isEqualTo((byte) 0x7f);
        failed(guest.queue().execute(absent, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), NO_UNIT);
        good(guest.queue().execute(absent, Cdb.parameters(Operation.REPORT_LUNS, 64), new byte[0], 64));
        for (long nobody : List.of(VirtioLun.of(1, 0), 0L, LUN | 1, 0x0200_0000_0000_0000L)) {
            assertThat(guest.queue()
                            .execute(nobody, new byte[16], new byte[0], 0)
                            .response())
                    .isEqualTo(ScsiLayout.S_BAD_TARGET);
        }
    }

    @Test
    void theWellKnownUnitListsUnits() throws Exception {
        rig.add("c", 3, 0, "other");
        byte[] cdb = Cdb.parameters(Operation.REPORT_LUNS, 64);
        long ofTarget = 0x0100_c101_0000_0000L;
        assertThat(LunAddress.parse(
                        good(guest.queue().execute(ofTarget, cdb, new byte[0], 64))
                                .data(),
                        16))
                .containsExactly(0L);
        ScsiResult whole = good(guest.queue().execute(VirtioLun.REPORT_LUNS, cdb, new byte[0], 64));
        assertThat(LunAddress.parse(whole.transferred(), 24))
                .containsExactly(VirtioLun.reported(0, 0), VirtioLun.reported(3, 0));
        good(guest.queue().execute(VirtioLun.REPORT_LUNS, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0));
        failed(
                guest.queue().execute(VirtioLun.REPORT_LUNS, Cdb.range(Operation.READ_10, 0, 1, 0), new byte[0], 512),
                INVALID_OPCODE);
        ScsiResult inquiry = good(
                guest.queue().execute(VirtioLun.REPORT_LUNS, Cdb.parameters(Operation.INQUIRY, 96), new byte[0], 96));
        assertThat(inquiry.data()[0]).isEqualTo((byte) 0x1e);
        cdb[2] = 2;
        assertThat(good(guest.queue().execute(LUN, cdb, new byte[0], 64)).transferred())
                .hasSize(24);
        cdb[2] = 3;
        failed(guest.queue().execute(LUN, cdb, new byte[0], 64), INVALID_FIELD);
    }

    @Test
    void dataBothWaysIsTakenIfItWasNegotiated() {
        ScsiResult both = good(guest.queue().execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), new byte[16], 32));
        assertThat(both.residual()).isEqualTo(48);
    }

    private ScsiResult vpd(int page, int length) {
        byte[] cdb = Cdb.parameters(Operation.INQUIRY, length);
        cdb[1] = 1;
        cdb[2] = (byte) page;
        return guest.in(cdb, length);
    }

    private static byte[] modeSelect(int length) {
        byte[] cdb = Cdb.parameters(Operation.MODE_SELECT_6, length);
        cdb[1] = 0x10;
        return cdb;
    }
}
