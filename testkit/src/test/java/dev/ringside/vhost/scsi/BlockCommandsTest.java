package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCKS;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_FIELD;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_PARAMETER;
import static dev.ringside.vhost.scsi.ScsiRig.LENGTH_ERROR;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.OUT_OF_RANGE;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.block.LbaStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands that read, write or name blocks (SBC-4, 5), over a RAM disk. */
class BlockCommandsTest {
    private static final int MISCOMPARE = 0xe1d00;
    private static final List<Operation> READS =
            List.of(Operation.READ_6, Operation.READ_10, Operation.READ_12, Operation.READ_16);
    private static final List<Operation> WRITES =
            List.of(Operation.WRITE_6, Operation.WRITE_10, Operation.WRITE_12, Operation.WRITE_16);

    private ScsiRig rig;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        rig.controller("c");
        rig.add("c", 0, 0, "ram");
        guest = rig.guest("c");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void everyFormReadsWhatEveryFormWrote(RingFormat format) throws Exception {
        Guest other = rig.guest("c", format);
        for (Operation write : WRITES) {
            byte[] data = filled(write.code(), 4);
            good(other.out(Cdb.range(write, 100, 4, 0), data));
            for (Operation read : READS) {
                ScsiResult result = good(other.in(Cdb.range(read, 100, 4, 0), data.length));
                assertThat(result.data()).isEqualTo(data);
                assertThat(result.residual()).isZero();
                assertThat(result.used()).isEqualTo(108 + data.length);
            }
        }
        for (int piece : new int[] {1, 7, 61, 512}) {
            byte[] data = filled(piece, 1);
            int enough = Math.max(piece, 16);
            good(other.queue().execute(LUN, Cdb.range(Operation.WRITE_10, 7, 1, 0), data, 0, enough));
            assertThat(good(other.queue()
                                    .execute(LUN, Cdb.range(Operation.READ_10, 7, 1, 0), new byte[0], BLOCK, enough))
                            .data())
                    .isEqualTo(data);
        }
    }

    @Test
    void sixByteFormsMeanTwoHundredFiftySixByZero() {
        byte[] data = new byte[256 * BLOCK];
        Arrays.fill(data, (byte) 9);
        good(guest.out(Cdb.range(Operation.WRITE_6, 0, 256, 0), data));
        assertThat(good(guest.in(Cdb.range(Operation.READ_6, 0, 256, 0), data.length))
                        .data())
                .isEqualTo(data);
    }

    @Test
    void residualsTellWhatWasNotUsed() {
        assertThat(good(guest.in(Cdb.range(Operation.READ_10, 0, 1, 0), 3 * BLOCK))
                        .residual())
                .isEqualTo(2 * BLOCK);
        assertThat(good(guest.out(Cdb.range(Operation.WRITE_10, 0, 1, 0), filled(1, 3)))
                        .residual())
                .isEqualTo(2 * BLOCK);
        assertThat(guest.in(Cdb.range(Operation.READ_10, 0, 3, 0), BLOCK).response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
        assertThat(guest.out(Cdb.range(Operation.WRITE_10, 0, 3, 0), filled(1, 1))
                        .response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
        assertThat(good(guest.in(Cdb.range(Operation.READ_10, 0, 0, 0), BLOCK)).residual())
                .isEqualTo(BLOCK);
    }

    @Test
    void rangesEndWithTheDisk() {
        List<Operation> all = List.of(
                Operation.READ_10,
                Operation.READ_12,
                Operation.READ_16,
                Operation.WRITE_10,
                Operation.WRITE_12,
                Operation.WRITE_16,
                Operation.WRITE_AND_VERIFY_10,
                Operation.WRITE_AND_VERIFY_12,
                Operation.WRITE_AND_VERIFY_16,
                Operation.VERIFY_10,
                Operation.VERIFY_12,
                Operation.VERIFY_16,
                Operation.PRE_FETCH_10,
                Operation.PRE_FETCH_16,
                Operation.SYNCHRONIZE_CACHE_10,
                Operation.SYNCHRONIZE_CACHE_16);
        for (Operation each : all) {
            long top = each.length() == 16 ? -1 : 0xffff_ffffL;
            boolean writes = each.title().startsWith("WRITE");
            byte[] out = writes ? filled(0, 2) : new byte[0];
            int in = each.title().startsWith("READ") ? 2 * BLOCK : 0;
            good(guest.queue().execute(LUN, Cdb.range(each, BLOCKS - 2, 2, 0), out, in));
            good(guest.queue().execute(LUN, Cdb.range(each, BLOCKS, 0, 0), new byte[0], 0));
            for (long lba : new long[] {BLOCKS - 1, BLOCKS, BLOCKS + 1, top, top >>> 1}) {
                failed(guest.queue().execute(LUN, Cdb.range(each, lba, 2, 0), out, in), OUT_OF_RANGE);
            }
            failed(guest.queue().execute(LUN, Cdb.range(each, BLOCKS + 1, 0, 0), new byte[0], 0), OUT_OF_RANGE);
        }
        failed(guest.in(Cdb.range(Operation.READ_16, -2, 2, 0), 2 * BLOCK), OUT_OF_RANGE);
        failed(guest.in(Cdb.range(Operation.READ_6, BLOCKS, 1, 0), BLOCK), OUT_OF_RANGE);
    }

    @Test
    void rangesOfOneBlocksDataEndWithTheDisk() {
        for (Operation each : List.of(Operation.WRITE_SAME_10, Operation.WRITE_SAME_16, Operation.COMPARE_AND_WRITE)) {
            boolean compares = each == Operation.COMPARE_AND_WRITE;
            byte[] out = new byte[compares ? 2 * BLOCK : BLOCK];
            long top = each.length() == 16 ? -1 : 0xffff_ffffL;
            good(guest.out(Cdb.range(each, BLOCKS - 1, 1, 0), out));
            for (long lba : new long[] {BLOCKS, BLOCKS + 1, top, top >>> 1}) {
                failed(guest.out(Cdb.range(each, lba, 1, 0), out), OUT_OF_RANGE);
            }
            if (!compares) {
                failed(guest.out(Cdb.range(each, BLOCKS - 1, 2, 0), out), OUT_OF_RANGE);
            }
        }
        byte[] status = Cdb.parameters(Operation.GET_LBA_STATUS, 24);
        for (long lba : new long[] {BLOCKS, BLOCKS + 1, -1, Long.MAX_VALUE}) {
            BigEndian.put64(status, 2, lba);
            failed(guest.in(status, 24), OUT_OF_RANGE);
        }
    }

    @Test
    void everyReservedBitIsRefusedAndPointedAt() {
        for (Operation each : Operation.values()) {
            for (int bit = 8; bit < 8 * each.length(); bit++) {
                boolean action = each.action() != Operation.NO_ACTION && bit / 8 == 1 && bit % 8 < 5;
                if (!action && (each.reserved(bit / 8) & (1 << (bit % 8))) != 0) {
                    byte[] cdb = Cdb.of(each);
                    cdb[bit / 8] |= (byte) (1 << (bit % 8));
                    ScsiResult result = failed(guest.run(cdb), INVALID_FIELD);
                    assertThat(result.parsedSense().orElseThrow().fieldPointer())
                            .as("%s byte %d bit %d", each.title(), bit / 8, bit % 8)
                            .isEqualTo(FieldPointer.inCdb(bit / 8, bit % 8));
                }
            }
        }
    }

    @Test
    void aGroupNumberIsIgnored() {
        byte[] cdb = Cdb.range(Operation.READ_10, 5, 1, 0);
        cdb[6] = 0x1f;
        good(guest.in(cdb, BLOCK));
        cdb[6] = 0x20;
        failed(guest.in(cdb, BLOCK), INVALID_FIELD);
    }

    @Test
    void forcedUnitAccessAndDisablePageOutAreTaken() {
        byte[] data = filled(3, 1);
        good(guest.out(Cdb.range(Operation.WRITE_16, 5, 1, Cdb.FUA | Cdb.DPO), data));
        assertThat(good(guest.in(Cdb.range(Operation.READ_16, 5, 1, Cdb.FUA | Cdb.DPO), BLOCK))
                        .data())
                .isEqualTo(data);
    }

    @Test
    void verifyLooksAtWhatItIsTold() {
        guest.write(10, filled(1, 4));
        for (Operation each : List.of(Operation.VERIFY_10, Operation.VERIFY_12, Operation.VERIFY_16)) {
            good(guest.run(Cdb.range(each, 10, 4, 0)));
            good(guest.out(Cdb.range(each, 10, 4, 0x02), filled(1, 4)));
            failed(guest.out(Cdb.range(each, 10, 4, 0x02), filled(2, 4)), MISCOMPARE);
            good(guest.out(Cdb.range(each, 10, 1, 0x06), filled(1, 1)));
            failed(guest.out(Cdb.range(each, 10, 2, 0x06), filled(1, 1)), MISCOMPARE);
            failed(guest.out(Cdb.range(each, 10, 1, 0x04), filled(1, 1)), INVALID_FIELD);
            assertThat(guest.out(Cdb.range(each, 10, 4, 0x02), filled(1, 3)).response())
                    .isEqualTo(ScsiLayout.S_OVERRUN);
        }
        byte[] almost = filled(1, 4);
        almost[4 * BLOCK - 1] ^= 1;
        failed(guest.out(Cdb.range(Operation.VERIFY_16, 10, 4, 0x02), almost), MISCOMPARE);
        // More than one piece.
        good(guest.run(Cdb.range(Operation.VERIFY_16, 0, BLOCKS, 0)));
    }

    @Test
    void writeAndVerifyWritesAndVerifies() {
        for (Operation each :
                List.of(Operation.WRITE_AND_VERIFY_10, Operation.WRITE_AND_VERIFY_12, Operation.WRITE_AND_VERIFY_16)) {
            for (int check : new int[] {0, 2}) {
                byte[] data = filled(each.code() + check, 3);
                good(guest.out(Cdb.range(each, 20, 3, check), data));
                assertThat(guest.blocks(20, 3)).isEqualTo(data);
            }
            failed(guest.out(Cdb.range(each, 20, 1, 4), filled(0, 1)), INVALID_FIELD);
        }
    }

    @Test
    void writeSameRepeatsABlock() {
        byte[] one = filled(0x55, 1);
        good(guest.out(Cdb.range(Operation.WRITE_SAME_10, 30, 1000, 0), one));
        good(guest.out(Cdb.range(Operation.WRITE_SAME_16, 1030, 3, 0), one));
        assertThat(guest.blocks(29, 1)).isEqualTo(new byte[BLOCK]);
        for (long lba : new long[] {30, 529, 1029, 1032}) {
            assertThat(guest.blocks(lba, 1)).isEqualTo(one);
        }
        assertThat(guest.blocks(1033, 1)).isEqualTo(new byte[BLOCK]);
        good(guest.out(Cdb.range(Operation.WRITE_SAME_10, 31, 1, 0), new byte[BLOCK]));
        good(guest.out(Cdb.range(Operation.WRITE_SAME_10, 32, 1, 0x08), new byte[BLOCK]));
        good(guest.run(Cdb.range(Operation.WRITE_SAME_16, 33, 1, 0x01)));
        good(guest.run(Cdb.range(Operation.WRITE_SAME_16, 34, 1, 0x09)));
        assertThat(guest.blocks(31, 4)).isEqualTo(new byte[4 * BLOCK]);
        assertThat(guest.blocks(35, 1)).isEqualTo(one);
        good(guest.out(Cdb.range(Operation.WRITE_SAME_16, 31, 1, 0x08), one));
        assertThat(guest.blocks(31, 1)).isEqualTo(one);
    }

    @Test
    void writeSameRefusesWhatItCannot() {
        byte[] one = filled(1, 1);
        failed(guest.out(Cdb.range(Operation.WRITE_SAME_10, 0, 0, 0), one), INVALID_FIELD);
        failed(guest.out(Cdb.range(Operation.WRITE_SAME_16, 0, 0, 0), one), INVALID_FIELD);
        failed(guest.out(Cdb.range(Operation.WRITE_SAME_16, 0, 1, 0x10), one), INVALID_FIELD);
        good(guest.out(Cdb.range(Operation.WRITE_SAME_16, 0, BLOCKS, 0), new byte[BLOCK]));
        failed(guest.out(Cdb.range(Operation.WRITE_SAME_16, BLOCKS - 1, 2, 0), one), OUT_OF_RANGE);
        assertThat(guest.out(Cdb.range(Operation.WRITE_SAME_10, 0, 1, 0), new byte[BLOCK - 1])
                        .response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
    }

    @Test
    void unmapGivesBackRangesAndTheyReadAsZeroes() {
        guest.write(40, filled(1, 10));
        byte[] list = BlockRange.list(List.of(new BlockRange(40, 2), new BlockRange(0, 0), new BlockRange(45, 3)));
        good(guest.out(Cdb.parameters(Operation.UNMAP, list.length), list));
        byte[] expected = filled(1, 10);
        Arrays.fill(expected, 0, 2 * BLOCK, (byte) 0);
        Arrays.fill(expected, 5 * BLOCK, 8 * BLOCK, (byte) 0);
        assertThat(guest.blocks(40, 10)).isEqualTo(expected);
    }

    @Test
    void unmapRefusesWhatItCannot() {
        guest.write(40, filled(1, 2));
        byte[] beyond = BlockRange.list(List.of(new BlockRange(40, 1), new BlockRange(BLOCKS - 1, 2)));
        failed(guest.out(Cdb.parameters(Operation.UNMAP, beyond.length), beyond), OUT_OF_RANGE);
        byte[] wraps = BlockRange.list(List.of(new BlockRange(-1, 2)));
        failed(guest.out(Cdb.parameters(Operation.UNMAP, wraps.length), wraps), OUT_OF_RANGE);
        assertThat(guest.blocks(40, 2)).isEqualTo(filled(1, 2));
        good(guest.run(Cdb.parameters(Operation.UNMAP, 0)));
        good(guest.out(Cdb.parameters(Operation.UNMAP, 8), new byte[8]));
        for (int length = 1; length < 8; length++) {
            failed(guest.out(Cdb.parameters(Operation.UNMAP, length), new byte[8]), LENGTH_ERROR);
        }
        // A descriptor that the list's length cuts short is left out.
        good(guest.out(Cdb.parameters(Operation.UNMAP, 23), wraps));
        good(guest.out(Cdb.parameters(Operation.UNMAP, 39), beyond));
        assertThat(guest.blocks(40, 2)).startsWith(new byte[BLOCK]).endsWith(filled(2, 1));
        byte[] many = BlockRange.list(Collections.nCopies(257, new BlockRange(0, 0)));
        failed(guest.out(Cdb.parameters(Operation.UNMAP, many.length), many), INVALID_PARAMETER);
        assertThat(guest.out(Cdb.parameters(Operation.UNMAP, 24), new byte[8]).response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
    }

    @Test
    void lbaStatusTellsWhatIsDeallocated() {
        guest.write(64, filled(1, 8));
        byte[] list = BlockRange.list(List.of(new BlockRange(66, 2)));
        good(guest.out(Cdb.parameters(Operation.UNMAP, list.length), list));
        byte[] cdb = Cdb.range(Operation.GET_LBA_STATUS, 64, 8 + 16 * 3, 0);
        assertThat(LbaStatus.parse(good(guest.in(cdb, 56)).data(), 56))
                .startsWith(
                        new LbaStatus(64, 2, LbaStatus.MAPPED),
                        new LbaStatus(66, 2, LbaStatus.DEALLOCATED),
                        new LbaStatus(68, 4, LbaStatus.MAPPED));
        failed(guest.in(Cdb.range(Operation.GET_LBA_STATUS, BLOCKS, 24, 0), 24), OUT_OF_RANGE);
        failed(guest.in(Cdb.range(Operation.GET_LBA_STATUS, -1, 24, 0), 24), OUT_OF_RANGE);
        for (int room = 0; room <= 24; room++) {
            ScsiResult cut = good(guest.in(Cdb.range(Operation.GET_LBA_STATUS, 64, room, 0), 24));
            assertThat(cut.residual()).isEqualTo(24 - room);
        }
    }

    @Test
    void lbaStatusTellsSoManyRangesAtOnce() {
        byte[] data = new byte[600 * BLOCK];
        for (int i = 1; i < 600; i += 2) {
            data[i * BLOCK] = 1;
        }
        guest.write(0, data);
        int room = 8 + 16 * 600;
        ScsiResult result = good(guest.in(Cdb.range(Operation.GET_LBA_STATUS, 0, room, 0), room));
        List<LbaStatus> found = LbaStatus.parse(result.data(), room - (int) result.residual());
        assertThat(found).hasSize(256).endsWith(new LbaStatus(255, 1, LbaStatus.MAPPED));
    }

    @Test
    void manyAtOnceOfThoseThatTakeABufferAllEnd() {
        int[] ids = new int[24];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = guest.queue()
                    .submit(LUN, i, Cdb.range(Operation.VERIFY_16, 0, BLOCKS, 0), new byte[0], 0, Integer.MAX_VALUE);
        }
        for (int id : ids) {
            good(guest.queue().await(id));
        }
    }
}
