package dev.ringside.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.cdb.SupportedOperations;
import dev.ringside.scsi.sense.FieldPointer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperationTest {
    @Test
    void theLengthIsThatOfTheCodesGroup() {
        for (Operation each : Operation.values()) {
            int expected = switch (each.code() >> 5) {
                case 0 -> 6;
                case 1, 2 -> 10;
                case 4 -> 16;
                default -> 12;
            };
            assertThat(each.length()).as(each.title()).isEqualTo(expected);
            assertThat(each.usage()[0] & 0xff).as(each.title()).isEqualTo(each.code());
            assertThat(Operation.of(Arrays.copyOf(Cdb.of(each), 16))).isEqualTo(each);
        }
    }

    @Test
    void everyBitOutsideTheMapIsFound() {
        for (Operation each : Operation.values()) {
            byte[] clean = Arrays.copyOf(Cdb.of(each), 16);
            assertThat(each.reservedBit(clean)).as(each.title()).isZero();
            for (int bit = 8; bit < 8 * each.length(); bit++) {
                byte[] cdb = clean.clone();
                cdb[bit / 8] ^= (byte) (1 << (bit % 8));
                boolean action = each.action() != Operation.NO_ACTION && bit / 8 == 1 && bit % 8 < 5;
                boolean used = action || (each.usage()[bit / 8] & (1 << (bit % 8))) != 0 || isGroupNumber(each, bit);
                assertThat(each.reservedBit(cdb))
                        .as("%s byte %d bit %d", each.title(), bit / 8, bit % 8)
                        .isEqualTo(used ? FieldPointer.NONE : FieldPointer.inCdb(bit / 8, bit % 8));
            }
        }
    }

    /** Whether a bit belongs to a GROUP NUMBER (SBC-4, 5): in the byte before the length, or before the control byte. */
    private static boolean isGroupNumber(Operation operation, int bit) {
        if (!operation.section().startsWith("SBC") || operation.action() != Operation.NO_ACTION || bit % 8 > 4) {
            return false;
        }
        return operation != Operation.READ_CAPACITY_10
                && operation.length() > 6
                && bit / 8 == (operation.length() == 10 ? 6 : operation.length() - 2);
    }

    @Test
    void rangesAreReadAsTheyAreMade() {
        assertThat(Cdb.range(Operation.READ_6, 0x1f_ffff, 256, 0)).isEqualTo(Hex.bytes("08 1fffff 00 00"));
        assertThat(Cdb.blocks(Hex.bytes("08 000000 00 00"))).isEqualTo(256);
        assertThat(Cdb.range(Operation.WRITE_10, 0x8000_0001L, 0xffff, Cdb.FUA))
                .isEqualTo(Hex.bytes("2a 08 80000001 00 ffff 00"));
        assertThat(Cdb.range(Operation.READ_12, 5, 0x8000_0000L, 0))
                .isEqualTo(Hex.bytes("a8 00 00000005 80000000 00 00"));
        byte[] long16 = Cdb.range(Operation.READ_16, -1, 3, Cdb.DPO);
        assertThat(long16).isEqualTo(Hex.bytes("88 10 ffffffffffffffff 00000003 00 00"));
        assertThat(Cdb.lba(long16)).isEqualTo(-1);
        assertThat(Cdb.blocks(long16)).isEqualTo(3);
        assertThatThrownBy(() -> Cdb.range(Operation.READ_10, 1L << 32, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cdb.range(Operation.READ_6, 0, 257, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void lengthsStandWhereTheStandardHasThem() {
        assertThat(Cdb.parameters(Operation.INQUIRY, 0x1234)).isEqualTo(Hex.bytes("12 00 00 1234 00"));
        assertThat(Cdb.parameters(Operation.MODE_SENSE_6, 255)).isEqualTo(Hex.bytes("1a 00 00 00 ff 00"));
        assertThat(Cdb.parameters(Operation.MODE_SENSE_10, 255)).isEqualTo(Hex.bytes("5a 00 00 00 00 00 00 00ff 00"));
        assertThat(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 24))
                .isEqualTo(Hex.bytes("5f 04 00 00 00 00000018 00"));
        assertThat(Cdb.parameters(Operation.READ_CAPACITY_16, 32))
                .isEqualTo(Hex.bytes("9e 10 0000000000000000 00000020 00 00"));
        assertThat(Cdb.parameters(Operation.REPORT_LUNS, 16)).isEqualTo(Hex.bytes("a0 00 00 000000 00000010 00 00"));
        assertThatThrownBy(() -> Cdb.parameters(Operation.MODE_SENSE_6, 256))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void supportedOperationsListEachWithItsDescriptor() {
        Set<Operation> two = EnumSet.of(Operation.INQUIRY, Operation.READ_CAPACITY_16);
        assertThat(SupportedOperations.all(two, false))
                .isEqualTo(Hex.bytes("00000010  12 00 0000 00 00 0006  9e 00 0010 00 01 0010"));
        assertThat(SupportedOperations.all(Set.of(Operation.INQUIRY), true))
                .isEqualTo(Hex.bytes("00000014  12 00 0000 00 02 0006  000a 00 00 00000000 00000000"));
        assertThat(SupportedOperations.one(Operation.INQUIRY, two, false))
                .isEqualTo(Hex.bytes("00 03 0006 12 01 ff ff ff 00"));
        assertThat(SupportedOperations.one(Operation.READ_CAPACITY_16, two, false))
                .isEqualTo(Hex.bytes("00 03 0010 9e 10 0000000000000000 ffffffff 00 00"));
        Set<Operation> thin = EnumSet.of(Operation.WRITE_SAME_10, Operation.WRITE_SAME_16, Operation.UNMAP);
        assertThat(SupportedOperations.one(Operation.WRITE_SAME_10, thin, false))
                .isEqualTo(Hex.bytes("00 03 000a 41 08 ffffffff 00 ffff 00"));
        Set<Operation> thick = EnumSet.complementOf(EnumSet.of(Operation.UNMAP));
        assertThat(SupportedOperations.one(Operation.WRITE_SAME_10, thick, false))
                .isEqualTo(Hex.bytes("00 03 000a 41 00 ffffffff 00 ffff 00"));
        assertThat(SupportedOperations.one(Operation.WRITE_SAME_16, thick, false))
                .isEqualTo(Hex.bytes("00 03 0010 93 01 ffffffffffffffff ffffffff 00 00"));
        assertThat(SupportedOperations.none()).isEqualTo(Hex.bytes("00 01 0000"));
        assertThat(SupportedOperations.taskManagement(0x0196, false)).isEqualTo(Hex.bytes("96 01 00 00"));
        assertThat(SupportedOperations.taskManagement(0x96, true))
                .isEqualTo(Hex.bytes("96 00 00 0c 00000000 00000000 00000000"));
    }
}
