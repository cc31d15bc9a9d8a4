package dev.ringside.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The fuzzer sees what is wrong with an answer. */
class ScsiAnswersTest {
    private static final int GIVEN = 512;

    @Test
    void answersAreRight() {
        assertThat(flaw(response(0, 0, ScsiStatus.GOOD, ScsiLayout.S_OK))).isEmpty();
        assertThat(flaw(response(0, GIVEN, 0, ScsiLayout.S_OVERRUN))).isEmpty();
        for (boolean descriptors : new boolean[] {false, true}) {
            assertThat(flaw(check(Sense.invalidCdb(0), descriptors))).isEmpty();
        }
    }

    @Test
    void answersAreWrong() {
        assertThat(flaw(response(0, GIVEN + 1, 0, ScsiLayout.S_OK))).contains("residual");
        assertThat(flaw(response(0, 0, 0, ScsiLayout.S_INCORRECT_LUN))).contains("response 12");
        assertThat(flaw(response(0, 0, 0x7f, ScsiLayout.S_OK))).contains("status");
        assertThat(flaw(response(18, 0, ScsiStatus.GOOD, ScsiLayout.S_OK))).contains("18 bytes of sense data");
        assertThat(flaw(response(97, 0, ScsiStatus.CHECK_CONDITION, ScsiLayout.S_OK)))
                .contains("97 bytes");
        assertThat(flaw(response(0, 0, ScsiStatus.CHECK_CONDITION, ScsiLayout.S_OK)))
                .contains("0 bytes");
        assertThat(flaw(response(18, 0, ScsiStatus.CHECK_CONDITION, ScsiLayout.S_OK)))
                .contains("no format");
        Sense failed = Sense.of(SenseKey.HARDWARE_ERROR, AdditionalSense.INTERNAL_TARGET_FAILURE);
        assertThat(flaw(check(failed, false))).contains("the target has failed: 4400");
        byte[] good = response(0, 0, 0, ScsiLayout.S_OK);
        assertThat(ScsiAnswers.flaw(good, GIVEN, 8, ScsiLayout.RESPONSE_BYTES + 9))
                .contains("room");
        assertThat(ScsiAnswers.flaw(good, GIVEN, 8, 0)).contains("room");
    }

    @Test
    void otherQueues() {
        assertThat(ScsiAnswers.functionFlaw(new byte[] {ScsiLayout.S_OK}, 1)).isEmpty();
        assertThat(ScsiAnswers.functionFlaw(new byte[] {ScsiLayout.S_FAILURE}, 1))
                .isNotEmpty();
        assertThat(ScsiAnswers.notificationFlaw(new byte[5], 5)).isEmpty();
        assertThat(ScsiAnswers.notificationFlaw(new byte[] {1, 0, 0, 0, 0}, 5)).isNotEmpty();
        byte[] event = new byte[ScsiLayout.EVENT_BYTES];
        assertThat(ScsiAnswers.eventFlaw(event, event.length)).isEmpty();
        event[0] = ScsiLayout.TRANSPORT_RESET;
        assertThat(ScsiAnswers.eventFlaw(event, event.length)).isNotEmpty();
        event[4] = 1;
        assertThat(ScsiAnswers.eventFlaw(event, event.length)).isEmpty();
    }

    private static String flaw(byte[] response) {
        return ScsiAnswers.flaw(response, GIVEN, 0, ScsiLayout.RESPONSE_BYTES);
    }

    private static byte[] response(int senseBytes, int residual, int status, int code) {
        return ByteBuffer.allocate(ScsiLayout.RESPONSE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(senseBytes)
                .putInt(residual)
                .putShort((short) 0)
                .put((byte) status)
                .put((byte) code)
                .array();
    }

    private static byte[] check(Sense sense, boolean descriptors) {
        byte[] bytes = sense.bytes(descriptors);
        byte[] response = response(bytes.length, 0, ScsiStatus.CHECK_CONDITION, ScsiLayout.S_OK);
        System.arraycopy(bytes, 0, response, ScsiLayout.SENSE, bytes.length);
        return response;
    }
}
