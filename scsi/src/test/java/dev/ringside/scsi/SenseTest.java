package dev.ringside.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Sense data against bytes laid out by hand after SPC-5, 4.4. */
class SenseTest {
    private static final Sense POINTED = Sense.invalidCdb(FieldPointer.inCdb(2, 5));
    private static final Sense LOCATED = new Sense(
            SenseKey.MISCOMPARE,
            AdditionalSense.MISCOMPARE_DURING_VERIFY_OPERATION.asc(),
            AdditionalSense.MISCOMPARE_DURING_VERIFY_OPERATION.ascq(),
            OptionalLong.of(0x1234),
            0,
            false);

    @Test
    void fixedFormat() {
        assertThat(POINTED.bytes(false)).isEqualTo(Hex.bytes("70 00 05 00000000 0a 00000000 24 00 00 cd 0002"));
        assertThat(LOCATED.bytes(false)).isEqualTo(Hex.bytes("f0 00 0e 00001234 0a 00000000 1d 00 00 000000"));
        assertThat(Sense.none().bytes(false)).isEqualTo(Hex.bytes("70 00 00 00000000 0a 00000000 00 00 00 000000"));
    }

    @Test
    void descriptorFormat() {
        assertThat(POINTED.bytes(true)).isEqualTo(Hex.bytes("72 05 24 00 000000 08 02 06 0000 cd 0002 00"));
        assertThat(LOCATED.bytes(true)).isEqualTo(Hex.bytes("72 0e 1d 00 000000 0c 00 0a 80 00 0000000000001234"));
    }

    @Test
    void informationThatDoesNotFitIsNotValidInTheFixedFormat() {
        Sense far = new Sense(SenseKey.MEDIUM_ERROR, 0x11, 0, OptionalLong.of(1L << 32), 0, false);
        assertThat(far.bytes(false)).startsWith(Hex.bytes("70 00 03 00000000"));
        assertThat(Sense.parse(far.bytes(true), 20).orElseThrow()).isEqualTo(far);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Sense wrongLength = new Sense(SenseKey.ILLEGAL_REQUEST, 0x24, 0, OptionalLong.of(7), 0, true);
        for (Sense sense : new Sense[] {POINTED, LOCATED, Sense.none(), wrongLength}) {
            for (boolean descriptor : new boolean[] {false, true}) {
                byte[] bytes = sense.bytes(descriptor);
                assertThat(Sense.parse(bytes, bytes.length)).contains(sense);
            }
        }
    }

    @Test
    void whatIsCutShortIsReadAsFarAsItGoes() {
        byte[] bytes = LOCATED.bytes(true);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(Sense.parse(bytes, length).isPresent()).isEqualTo(length >= 4);
        }
        assertThat(Sense.parse(Hex.bytes("00 00 00 00 00 00 00 00"), 8)).isEmpty();
        assertThat(Sense.parse(Hex.bytes("72 05 24 00 000000 ff 02 ff"), 10)).isPresent();
    }

    @Test
    void deferredSenseDataIsNotAboutTheCommandThatBringsIt() {
        for (boolean descriptor : new boolean[] {false, true}) {
            byte[] bytes = LOCATED.bytes(descriptor);
            assertThat(Sense.isCurrent(bytes, bytes.length)).isTrue();
            assertThat(Sense.isDeferred(bytes, bytes.length)).isFalse();
            assertThat(Sense.isCurrent(bytes, 3)).as("cut short").isFalse();
            bytes[0]++;
            assertThat(Sense.isCurrent(bytes, bytes.length)).isFalse();
            assertThat(Sense.isDeferred(bytes, bytes.length)).isTrue();
            assertThat(Sense.isDeferred(bytes, 3)).as("cut short").isFalse();
            assertThat(Sense.parse(bytes, bytes.length)).contains(LOCATED);
        }
        byte[] vendor = Hex.bytes("7f 00 05 00 000000 00");
        assertThat(Sense.isCurrent(vendor, 8) || Sense.isDeferred(vendor, 8)).isFalse();
    }

    @Test
    void codesHaveTheirNames() {
        assertThat(AdditionalSense.of(0x2a, 0x09)).contains(AdditionalSense.CAPACITY_DATA_HAS_CHANGED);
        assertThat(AdditionalSense.CAPACITY_DATA_HAS_CHANGED.title()).isEqualTo("CAPACITY DATA HAS CHANGED");
        assertThat(SenseKey.of(0xf6)).isEqualTo(SenseKey.UNIT_ATTENTION);
    }
}
