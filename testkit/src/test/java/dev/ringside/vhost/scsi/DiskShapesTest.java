package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_FIELD;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_OPCODE;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.OUT_OF_RANGE;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoType;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.BlockLimits;
import dev.ringside.scsi.inquiry.Provisioning;
import dev.ringside.scsi.inquiry.Vpd;
import dev.ringside.scsi.mode.ModeData;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.testkit.bdev.RecordingDisk;
import dev.ringside.testkit.bdev.RecordingDisk.Shape;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a guest sees of disks that cannot be written or unmapped, or have other blocks, and of a device without INOUT. */
class DiskShapesTest {
    private static final int HARDWARE_PROTECTED = 0x72701;
    private static final Shape PLAIN = RecordingDisk.cached("disk");
    private static final int LARGE = 4096;

    private ScsiRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void aDiskThatCannotBeWrittenSaysSo() throws Exception {
        RecordingDisk disk = new RecordingDisk(PLAIN.asReadOnly());
        Guest guest = rig.guestWith(disk);
        for (Operation each : List.of(Operation.MODE_SENSE_6, Operation.MODE_SENSE_10)) {
            byte[] cdb = Cdb.parameters(each, 255);
            cdb[2] = ModeParameters.ALL_PAGES;
            byte[] data = good(guest.in(cdb, 255)).transferred();
            int specific = ModeData.deviceSpecific(data, data.length, each == Operation.MODE_SENSE_10);
            assertThat(specific & ModeData.WP).as(each.title()).isNotZero();
        }
        List<Operation> writes = List.of(
                Operation.WRITE_6,
                Operation.WRITE_10,
                Operation.WRITE_12,
                Operation.WRITE_16,
                Operation.WRITE_AND_VERIFY_10,
                Operation.WRITE_AND_VERIFY_12,
                Operation.WRITE_AND_VERIFY_16,
                Operation.WRITE_SAME_10,
                Operation.WRITE_SAME_16,
                Operation.COMPARE_AND_WRITE);
        for (Operation each : writes) {
            failed(guest.out(Cdb.range(each, 0, 1, 0), new byte[2 * BLOCK]), HARDWARE_PROTECTED);
        }
        assertThat(disk.take()).isEmpty();
        good(guest.in(Cdb.range(Operation.READ_10, 0, 1, 0), BLOCK));
        cannotUnmap(guest);
    }

    @Test
    void aDiskThatCannotUnmapHasNothingOfIt() throws Exception {
        RecordingDisk disk = new RecordingDisk(PLAIN.without(IoType.UNMAP));
        Guest guest = rig.guestWith(disk);
        cannotUnmap(guest);
        good(guest.out(Cdb.range(Operation.WRITE_SAME_16, 3, 1, 0), new byte[BLOCK]));
        assertThat(disk.take()).containsExactly("WRITE_ZEROES 3+1");
    }

    private static void cannotUnmap(Guest guest) {
        assertThat(capacity(guest)).isEqualTo(new Capacity(8192, BLOCK, 0, false, false));
        assertThat(provisioning(guest)).isEqualTo(new Provisioning(false, false, false, false, false, 0));
        assertThat(limits(guest).unmapBlocks()).isZero();
        assertThat(limits(guest).unmapDescriptors()).isZero();
        assertThat(usage(guest, Operation.UNMAP)).as("not supported").hasSize(4);
        assertThat(usage(guest, Operation.GET_LBA_STATUS)).as("not supported").hasSize(4);
        assertThat(usage(guest, Operation.WRITE_SAME_10)[5]).isZero();
        assertThat(usage(guest, Operation.WRITE_SAME_16)[5]).isEqualTo((byte) 0x01);
        byte[] list = BlockRange.list(List.of(new BlockRange(0, 1)));
        failed(guest.out(Cdb.parameters(Operation.UNMAP, list.length), list), INVALID_OPCODE);
        failed(guest.read(Operation.GET_LBA_STATUS, 24), INVALID_FIELD);
        for (Operation each : List.of(Operation.WRITE_SAME_10, Operation.WRITE_SAME_16)) {
            ScsiResult refused = failed(guest.out(Cdb.range(each, 0, 1, Cdb.UNMAP), new byte[BLOCK]), INVALID_FIELD);
            assertThat(refused.parsedSense().orElseThrow().fieldPointer()).isEqualTo(FieldPointer.inCdb(1, 3));
        }
    }

    @Test
    void aPhysicalBlockOfSeveralIsTold() throws Exception {
        Guest guest = rig.guestWith(new RecordingDisk(PLAIN.withBlocks(BLOCK, LARGE)));
        assertThat(capacity(guest)).isEqualTo(new Capacity(8192, BLOCK, 3, true, true));
        assertThat(limits(guest).granularity()).isEqualTo(8);
        assertThat(limits(guest).unmapGranularity()).isEqualTo(8);
        assertThat(provisioning(guest)).isEqualTo(new Provisioning(true, true, true, true, false, Provisioning.THIN));
    }

    @Test
    void blocksMayBeLarger() throws Exception {
        RecordingDisk disk = new RecordingDisk(PLAIN.withBlocks(LARGE, LARGE));
        Guest guest = rig.guestWith(disk);
        assertThat(capacity(guest)).isEqualTo(new Capacity(1024, LARGE, 0, true, true));
        byte[] small = good(guest.in(Cdb.of(Operation.READ_CAPACITY_10), 8)).data();
        assertThat(Capacity.parseShort(small, 8)).contains(new Capacity(1024, LARGE, 0, false, false));
        assertThat(limits(guest).compareAndWrite()).isEqualTo(16);
        assertThat(limits(guest).granularity()).isEqualTo(1);
        byte[] two = new byte[2 * LARGE];
        Arrays.fill(two, (byte) 5);
        good(guest.out(Cdb.range(Operation.WRITE_10, 1022, 2, 0), two));
        ScsiResult read = good(guest.in(Cdb.range(Operation.READ_16, 1022, 2, 0), 3 * LARGE));
        assertThat(read.transferred()).isEqualTo(two);
        assertThat(disk.take()).containsExactly("WRITE 1022+2", "READ 1022+2");
        failed(guest.in(Cdb.range(Operation.READ_10, 1023, 2, 0), 2 * LARGE), OUT_OF_RANGE);
        assertThat(guest.in(Cdb.range(Operation.READ_10, 0, 1, 0), LARGE - BLOCK)
                        .response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
        good(guest.out(Cdb.range(Operation.VERIFY_10, 1022, 2, 0x02), two));
        good(guest.out(Cdb.range(Operation.COMPARE_AND_WRITE, 0, 16, 0), new byte[32 * LARGE]));
        failed(guest.out(Cdb.range(Operation.COMPARE_AND_WRITE, 0, 17, 0), new byte[34 * LARGE]), INVALID_FIELD);
        byte[] one = Arrays.copyOf(two, LARGE);
        good(guest.out(Cdb.range(Operation.WRITE_SAME_16, 100, 3, 0), one));
        good(guest.out(Cdb.range(Operation.VERIFY_16, 100, 3, 0x06), one));
        byte[] sense = Cdb.parameters(Operation.MODE_SENSE_6, 255);
        sense[2] = ModeParameters.ALL_PAGES;
        assertThat(BigEndian.u24(good(guest.in(sense, 255)).data(), 9))
                .as("of the block descriptor")
                .isEqualTo(LARGE);
    }

    @Test
    void dataBothWaysIsRefusedIfItWasNotNegotiated() throws Exception {
        rig.guestWith(new RecordingDisk(PLAIN));
        Guest guest = rig.guestWithout("c", ScsiLayout.INOUT);
        byte[] ready = Cdb.of(Operation.TEST_UNIT_READY);
        assertThat(guest.queue().execute(LUN, ready, new byte[16], 32).response())
                .isEqualTo(ScsiLayout.S_FAILURE);
        good(guest.queue().execute(LUN, ready, new byte[16], 0));
        good(guest.queue().execute(LUN, ready, new byte[0], 32));
    }

    private static Capacity capacity(Guest guest) {
        byte[] data = good(guest.read(Operation.READ_CAPACITY_16, Capacity.LONG_BYTES))
                .data();
        return Capacity.parseLong(data, data.length).orElseThrow();
    }

    private static BlockLimits limits(Guest guest) {
        byte[] page =
                good(guest.in(Cdb.inquiryPage(Vpd.BLOCK_LIMITS, 255), 255)).transferred();
        return BlockLimits.parse(page, page.length);
    }

    private static Provisioning provisioning(Guest guest) {
        byte[] page =
                good(guest.in(Cdb.inquiryPage(Vpd.PROVISIONING, 255), 255)).transferred();
        return Provisioning.parse(page, page.length);
    }

    /** What REPORT SUPPORTED OPERATION CODES says of an operation: four bytes, and the usage map if it is supported. */
    private static byte[] usage(Guest guest, Operation operation) {
        byte[] cdb = Cdb.parameters(Operation.REPORT_SUPPORTED_OPERATION_CODES, 64);
        cdb[2] = 3;
        cdb[3] = (byte) operation.code();
        BigEndian.put16(cdb, 4, Math.max(0, operation.action()));
        return good(guest.in(cdb, 64)).transferred();
    }
}
