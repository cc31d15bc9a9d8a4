package dev.ringside.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.scsi.mode.ModeData;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.mode.ModeParameters.Control;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ModePagesTest {
    private static final ModeData SHORT = new ModeData(false, 0x1000, 512);
    private static final ModeData LONG = new ModeData(true, 0x1000, 512);
    private static final ModeParameters FIRST = ModeParameters.initial(true);

    @Test
    void allPagesWithHeaderAndBlockDescriptor() throws CheckCondition {
        String pages = "01 0a c0 00 00 00 00 00 00 00 00 00"
                + "08 12 04 00 00000000 00000000 00000000 00000000"
                + "0a 0a 02 10 00 00 0000 ffff 0000"
                + "1c 0a 08 00 00000000 00000000";
        assertThat(SHORT.sense(FIRST, false, true, false, Control.CURRENT, 0x3f, 0))
                .isEqualTo(Hex.bytes("43 00 10 08 00001000 00 000200" + pages));
        assertThat(LONG.sense(FIRST, true, true, true, Control.CURRENT, 0x3f, 0xff))
                .isEqualTo(Hex.bytes("004e 00 90 01 00 0010 0000000000001000 00000000 00000200" + pages));
        assertThat(LONG.sense(FIRST, false, false, true, Control.CURRENT, 0x1c, 0))
                .isEqualTo(Hex.bytes("0012 00 10 00 00 0000 1c 0a 08 00 00000000 00000000"));
        assertThat(new ModeData(false, 1L << 32, 4096).sense(FIRST, false, true, false, Control.CURRENT, 1, 0))
                .startsWith(Hex.bytes("17 00 10 08 ffffffff 00 001000"));
    }

    @Test
    void allSubpagesOfAPageAreThePage() throws CheckCondition {
        for (int page : ModeParameters.PAGES) {
            assertThat(SHORT.sense(FIRST, false, true, false, Control.CURRENT, page, 0xff))
                    .isEqualTo(SHORT.sense(FIRST, false, true, false, Control.CURRENT, page, 0));
        }
    }

    @Test
    void changeableBits() throws CheckCondition {
        assertThat(SHORT.sense(FIRST, false, false, false, Control.CHANGEABLE, 0x0a, 0))
                .isEqualTo(Hex.bytes("0f 00 10 00 0a 0a 04 00 08 00 0000 0000 0000"));
        assertThat(ModeParameters.initial(false).page(ModeParameters.CACHING, Control.CHANGEABLE)[2])
                .isZero();
    }

    @Test
    void pagesThatThereAreNotAndSavedOnesAreRefused() {
        refused(
                () -> SHORT.sense(FIRST, false, false, false, Control.CURRENT, 0x02, 0),
                Sense.invalidCdb(FieldPointer.inCdb(2, 5)));
        refused(
                () -> SHORT.sense(FIRST, false, false, false, Control.CURRENT, 0x0a, 1),
                Sense.invalidCdb(FieldPointer.inCdb(3)));
        refused(
                () -> SHORT.sense(FIRST, false, false, false, Control.SAVED, 0x0a, 0),
                Sense.illegal(AdditionalSense.SAVING_PARAMETERS_NOT_SUPPORTED));
    }

    @Test
    void whatCanBeChangedIsChanged() throws CheckCondition {
        ModeParameters now = SHORT.select(FIRST, Hex.bytes("00 00 00 00 0a 0a 06 10 08 00 0000 ffff 0000"));
        assertThat(now).isEqualTo(new ModeParameters(true, true, true, true));
        ModeParameters through = LONG.select(
                now,
                Hex.bytes("0000 00 00 00 00 0008 00001000 00 000200"
                        + "08 12 00 00 00000000 00000000 00000000 00000000"));
        assertThat(through).isEqualTo(new ModeParameters(true, false, true, true));
        assertThat(through.page(ModeParameters.CACHING, Control.DEFAULT)[2]).isEqualTo((byte) 4);
        assertThat(SHORT.select(now, new byte[0])).isEqualTo(now);
        assertThat(SHORT.select(now, new byte[4])).isEqualTo(now);
    }

    @Test
    void whatCannotIsRefusedAndPointedAt() {
        String head = "00 00 00 00";
        refused(() -> SHORT.select(FIRST, new byte[3]), Sense.parameterListLength());
        refused(() -> SHORT.select(FIRST, Hex.bytes("00 00 00 08 0000")), Sense.parameterListLength());
        refused(
                () -> SHORT.select(FIRST, Hex.bytes("00 00 00 08 00001000 00 000400")),
                Sense.invalidParameter(FieldPointer.inData(9)));
        refused(
                () -> SHORT.select(FIRST, Hex.bytes("00 00 00 08 00001001 00 000200")),
                Sense.invalidParameter(FieldPointer.inData(4)));
        refused(() -> SHORT.select(FIRST, Hex.bytes(head + "02 0a")), Sense.invalidParameter(FieldPointer.inData(4)));
        refused(() -> SHORT.select(FIRST, Hex.bytes(head + "8a 0a")), Sense.invalidParameter(FieldPointer.inData(4)));
        refused(() -> SHORT.select(FIRST, Hex.bytes(head + "0a 0b")), Sense.invalidParameter(FieldPointer.inData(5)));
        refused(() -> SHORT.select(FIRST, Hex.bytes(head + "0a")), Sense.parameterListLength());
        refused(() -> SHORT.select(FIRST, Hex.bytes(head + "0a 0a 06")), Sense.parameterListLength());
        refused(
                () -> SHORT.select(FIRST, Hex.bytes(head + "0a 0a 02 30 00 00 0000 ffff 0000")),
                Sense.invalidParameter(FieldPointer.inData(7, 5)));
    }

    @Test
    void aPageIsFoundInWhatADeviceSends() throws CheckCondition {
        byte[] data = LONG.sense(FIRST, false, true, true, Control.CURRENT, 0x3f, 0);
        assertThat(ModeData.findPage(data, data.length, true, ModeParameters.CACHING))
                .contains(FIRST.page(ModeParameters.CACHING, Control.CURRENT));
        assertThat(ModeData.findPage(data, 40, true, ModeParameters.EXCEPTIONS)).isEmpty();
        assertThat(ModeData.findPage(data, data.length, true, 0x02)).isEmpty();
    }

    private static void refused(ThrowingCallable call, Sense expected) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckCondition.class, e -> assertThat(e.sense()).isEqualTo(expected));
    }
}
