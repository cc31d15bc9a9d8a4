package dev.ringside.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.scsi.block.BlockRange;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.block.LbaStatus;
import dev.ringside.scsi.log.LogPages;
import dev.ringside.scsi.reservation.PortGroups;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveInData;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.scsi.reservation.TransportId;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ParameterDataTest {
    private static final byte[] NAME = Hex.bytes("3000000000000007");

    @Test
    void capacity() {
        Capacity small = new Capacity(0x800, 512, 3, true, true);
        assertThat(small.shortBytes()).isEqualTo(Hex.bytes("000007ff 00000200"));
        assertThat(small.longBytes())
                .isEqualTo(Hex.bytes("00000000000007ff 00000200 00 03 c000 00000000000000000000000000000000"));
        assertThat(Capacity.parseLong(small.longBytes(), 32)).contains(small);
        Capacity large = new Capacity(1L << 33, 4096, 0, false, false);
        assertThat(large.shortBytes()).isEqualTo(Hex.bytes("ffffffff 00001000"));
        assertThat(Capacity.parseShort(large.shortBytes(), 8)).isEmpty();
        assertThat(Capacity.parseShort(small.shortBytes(), 8)).contains(new Capacity(0x800, 512, 0, false, false));
    }

    @Test
    void unmapLists() throws CheckCondition {
        List<BlockRange> two = List.of(new BlockRange(1, 2), new BlockRange(-1, 0xffff_ffffL));
        byte[] list = BlockRange.list(two);
        assertThat(list)
                .isEqualTo(Hex.bytes("0026 0020 00000000 0000000000000001 00000002 00000000"
                        + "ffffffffffffffff ffffffff 00000000"));
        assertThat(BlockRange.parse(list, 2)).isEqualTo(two);
        assertThat(BlockRange.parse(new byte[0], 2)).isEmpty();
        assertThat(BlockRange.parse(new byte[8], 2)).isEmpty();
        refused(() -> BlockRange.parse(list, 1), Sense.invalidParameter(FieldPointer.inData(2)));
        refused(() -> BlockRange.parse(new byte[7], 2), Sense.parameterListLength());
        assertThat(BlockRange.parse(Arrays.copyOf(list, list.length - 1), 2)).isEqualTo(two.subList(0, 1));
    }

    @Test
    void lbaStatus() {
        List<LbaStatus> ranges =
                List.of(new LbaStatus(5, 8, LbaStatus.MAPPED), new LbaStatus(13, 1, LbaStatus.DEALLOCATED));
        byte[] data = LbaStatus.list(ranges);
        assertThat(data)
                .isEqualTo(Hex.bytes("00000024 00000000 0000000000000005 00000008 00 000000"
                        + "000000000000000d 00000001 01 000000"));
        assertThat(LbaStatus.parse(data, data.length)).isEqualTo(ranges);
        assertThat(LbaStatus.parse(data, 24)).hasSize(1);
    }

    @Test
    void lunLists() {
        byte[] data = LunAddress.list(List.of(0L, 0x4100_0000_0000_0000L));
        assertThat(data).isEqualTo(Hex.bytes("00000010 00000000 0000000000000000 4100000000000000"));
        assertThat(LunAddress.parse(data, data.length)).containsExactly(0L, 0x4100_0000_0000_0000L);
        assertThat(LunAddress.single(255)).isEqualTo(0x00ff);
        assertThat(LunAddress.single(256)).isEqualTo(0x4100);
        assertThat(LunAddress.lun(0x4100)).hasValue(256);
        assertThat(LunAddress.lun(0x4003)).hasValue(3);
        assertThat(LunAddress.lun(0x0103)).isEmpty();
        assertThat(LunAddress.lun(LunAddress.REPORT_LUNS)).isEmpty();
    }

    @Test
    void logPages() throws CheckCondition {
        LogPages pages = new LogPages(
                new LogPages.Counters(0x1000, 2), new LogPages.Counters(0, 0), new LogPages.Counters(0, 0));
        assertThat(pages.sense(1, 0, 0, 0)).isEqualTo(Hex.bytes("00 00 0006 00 02 03 05 0d 2f"));
        assertThat(pages.sense(1, 0, 0xff, 0)).isEqualTo(Hex.bytes("40 ff 000e 0000 00ff 0200 0300 0500 0d00 2f00"));
        assertThat(pages.sense(1, 2, 0, 5))
                .isEqualTo(Hex.bytes("02 00 0018 0005 00 08 0000000000001000 0006 00 08 0000000000000002"));
        assertThat(pages.sense(1, 3, 0, 0)).hasSize(4 + 7 * 12);
        assertThat(pages.sense(0, 0x0d, 0, 0)).isEqualTo(Hex.bytes("0d 00 000c 0000 03 02 00ff 0001 03 02 00ff"));
        assertThat(pages.sense(1, 0x2f, 0, 0)).isEqualTo(Hex.bytes("2f 00 0008 0000 03 04 0000ff00"));
        refused(() -> pages.sense(1, 4, 0, 0), Sense.invalidCdb(FieldPointer.inCdb(2, 5)));
        refused(() -> pages.sense(1, 2, 1, 0), Sense.invalidCdb(FieldPointer.inCdb(3)));
        refused(() -> pages.sense(1, 2, 0, 7), Sense.invalidCdb(FieldPointer.inCdb(5)));
        refused(() -> pages.sense(0, 2, 0, 0), Sense.invalidCdb(FieldPointer.inCdb(2, 7)));
    }

    @Test
    void reserveIn() {
        assertThat(ReserveInData.keys(3, List.of(1L, 2L)))
                .isEqualTo(Hex.bytes("00000003 00000010 0000000000000001 0000000000000002"));
        assertThat(ReserveInData.parseKeys(ReserveInData.keys(3, List.of(1L, 2L))))
                .containsExactly(1L, 2L);
        assertThat(ReserveInData.reservation(3, Optional.empty(), 0)).isEqualTo(Hex.bytes("00000003 00000000"));
        assertThat(ReserveInData.reservation(3, Optional.of(ReservationType.WRITE_EXCLUSIVE_REGISTRANTS_ONLY), 9))
                .isEqualTo(Hex.bytes("00000003 00000010 0000000000000009 00000000 00 05 0000"));
        assertThat(ReserveInData.capabilities(true, false)).isEqualTo(Hex.bytes("0008 0d 90 ea01 0000"));
        assertThat(ReserveInData.capabilities(true, true)).isEqualTo(Hex.bytes("0008 0d 91 ea01 0000"));
        assertThat(ReserveInData.fullStatus(
                        4,
                        List.of(new ReserveInData.Status(
                                9, true, Optional.of(ReservationType.EXCLUSIVE_ACCESS), 2, TransportId.sas(NAME)))))
                .isEqualTo(Hex.bytes("00000004 00000030 0000000000000009 00000000 01 03 00000000 0002 00000018"
                        + "06 000000 3000000000000007 000000000000000000000000"));
    }

    @Test
    void reserveOut() throws CheckCondition {
        byte[] list = ReserveOutList.bytes(1, 2, true, true);
        assertThat(list).isEqualTo(Hex.bytes("0000000000000001 0000000000000002 00000000 05 00 0000"));
        ReserveOutList read = ReserveOutList.parse(list, true);
        assertThat(read).isEqualTo(new ReserveOutList(1, 2, true, true, List.of()));
        refused(() -> ReserveOutList.parse(new byte[23], true), Sense.parameterListLength());
        refused(() -> ReserveOutList.parse(new byte[25], true), Sense.parameterListLength());
        byte[] named = Arrays.copyOf(list, 52);
        named[20] = 0x08;
        named[27] = 24;
        System.arraycopy(TransportId.sas(NAME), 0, named, 28, 24);
        assertThat(ReserveOutList.parse(named, true).initiators()).containsExactly(NAME);
        refused(() -> ReserveOutList.parse(named, false), Sense.invalidParameter(FieldPointer.inData(20, 3)));
        named[28] = 0;
        refused(() -> ReserveOutList.parse(named, true), Sense.invalidParameter(FieldPointer.inData(28)));
        named[27] = 23;
        refused(() -> ReserveOutList.parse(named, true), Sense.parameterListLength());
    }

    @Test
    void moving() throws CheckCondition {
        byte[] list = new ReserveOutList.Move(1, 2, true, true, 7, NAME).bytes();
        assertThat(list)
                .isEqualTo(Hex.bytes("0000000000000001 0000000000000002 00 03 0007 00000018"
                        + "06 000000 3000000000000007 000000000000000000000000"));
        ReserveOutList.Move move = ReserveOutList.Move.parse(list);
        assertThat(move.relativePort()).isEqualTo(7);
        assertThat(move.initiator()).isEqualTo(NAME);
        refused(() -> ReserveOutList.Move.parse(Arrays.copyOf(list, 47)), Sense.parameterListLength());
        list[24] = 5;
        refused(() -> ReserveOutList.Move.parse(list), Sense.invalidParameter(FieldPointer.inData(24)));
    }

    @Test
    void portGroups() {
        assertThat(PortGroups.bytes(new TreeMap<>(Map.of(1, List.of(1, 2))), false))
                .isEqualTo(Hex.bytes("00000010 00 01 0001 00 00 00 02 00000001 00000002"));
        assertThat(PortGroups.bytes(new TreeMap<>(Map.of(2, List.of(256), 1, List.of(1))), false))
                .isEqualTo(Hex.bytes("00000018 00 01 0001 00 00 00 01 00000001 00 01 0002 00 00 00 01 00000100"));
        assertThat(PortGroups.bytes(new TreeMap<>(Map.of(1, List.of(1))), true))
                .isEqualTo(Hex.bytes("00000010 10 00 0000 00 01 0001 00 00 00 01 00000001"));
    }

    private static void refused(ThrowingCallable call, Sense expected) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckCondition.class, e -> assertThat(e.sense()).isEqualTo(expected));
    }
}
