package dev.ringside.testkit.fuzz;

import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;

/** What is wrong with what a SCSI host device wrote (virtio 1.2, 5.6.6); an empty text if nothing is. */
final class ScsiAnswers {
    private static final int RESIDUAL = 4;
    private static final int STATUS_QUALIFIER = 8;
    private static final int STATUS = 10;
    private static final int RESPONSE = 11;
    private static final int SENSE_HEADER = 8;
    private static final Set<Integer> STATUSES = Set.of(
            ScsiStatus.GOOD,
            ScsiStatus.CHECK_CONDITION,
            ScsiStatus.RESERVATION_CONFLICT,
            ScsiStatus.TASK_SET_FULL,
            ScsiStatus.BUSY);
    private static final Set<Integer> FORMATS = Set.of(0x70, 0x72);
    private static final Set<Integer> FUNCTION_RESPONSES = Set.of(
            ScsiLayout.S_OK,
            ScsiLayout.S_BAD_TARGET,
            ScsiLayout.S_FUNCTION_SUCCEEDED,
            ScsiLayout.S_FUNCTION_REJECTED,
            ScsiLayout.S_INCORRECT_LUN);
    private static final Set<Integer> NOTIFICATION_RESPONSES =
            Set.of(ScsiLayout.S_OK, ScsiLayout.S_BAD_TARGET, ScsiLayout.S_INCORRECT_LUN);
    private static final Set<Integer> EVENTS =
            Set.of(ScsiLayout.NO_EVENT, ScsiLayout.TRANSPORT_RESET, ScsiLayout.PARAM_CHANGE);

    private ScsiAnswers() {}

    /**
     * Looks at the response to a command.
     *
     * @param given bytes of data of the request, both ways
     * @param room those of them that the device may write
     * @param written as the used entry says
     */
    static String flaw(byte[] bytes, long given, long room, long written) {
        ByteBuffer response = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int senseBytes = response.getInt(0);
        long residual = Integer.toUnsignedLong(response.getInt(RESIDUAL));
        int code = bytes[RESPONSE] & 0xff;
        int status = bytes[STATUS] & 0xff;
        if (written < ScsiLayout.RESPONSE_BYTES || written > ScsiLayout.RESPONSE_BYTES + room) {
            return "there was room for " + (ScsiLayout.RESPONSE_BYTES + room);
        }
        if (residual > given) {
            return "a residual of " + residual + " of " + given;
        }
        if (code > ScsiLayout.S_FAILURE) {
            return "response " + code;
        }
        if (!STATUSES.contains(status) || response.getShort(STATUS_QUALIFIER) != 0) {
            return "status " + status + " with qualifier " + response.getShort(STATUS_QUALIFIER);
        }
        boolean check = code == ScsiLayout.S_OK && status == ScsiStatus.CHECK_CONDITION;
        if (!check) {
            boolean clean = senseBytes == 0 && (code == ScsiLayout.S_OK || status == ScsiStatus.GOOD);
            return clean
                    ? ""
                    : "response " + code + ", status " + status + ", and " + senseBytes + " bytes of sense data";
        }
        return senseFlaw(bytes, senseBytes);
    }

    private static String senseFlaw(byte[] response, int senseBytes) {
        if (senseBytes < SENSE_HEADER || senseBytes > ScsiLayout.SENSE_BYTES) {
            return senseBytes + " bytes of sense data";
        }
        byte[] sense = Arrays.copyOfRange(response, ScsiLayout.SENSE, ScsiLayout.SENSE + senseBytes);
        if (!FORMATS.contains(sense[0] & 0x7f) || senseBytes != SENSE_HEADER + (sense[SENSE_HEADER - 1] & 0xff)) {
            return "sense data of no format: " + Arrays.toString(sense);
        }
        if (Sense.keyIn(sense, senseBytes) == SenseKey.HARDWARE_ERROR) {
            return String.format("the target has failed: %04x", Sense.codeIn(sense, senseBytes));
        }
        return "";
    }

    /** Looks at the answer to a task management function. */
    static String functionFlaw(byte[] answer, long written) {
        int response = answer[0] & 0xff;
        return written == 1 && FUNCTION_RESPONSES.contains(response) ? "" : "to a function, response " + response;
    }

    /** Looks at the answer to a question for notifications, of which there are none. */
    static String notificationFlaw(byte[] answer, long written) {
        int events = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getInt();
        int response = answer[Integer.BYTES] & 0xff;
        boolean right = written == ScsiLayout.AN_RESPONSE_BYTES && events == 0;
        return right && NOTIFICATION_RESPONSES.contains(response)
                ? ""
                : "notifications " + events + ", response " + response;
    }

    /** Looks at an event. */
    static String eventFlaw(byte[] event, long written) {
        int code = ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN).getInt() & ~ScsiLayout.EVENTS_MISSED;
        boolean addressed = event[Integer.BYTES] == 1;
        boolean right = written == ScsiLayout.EVENT_BYTES && EVENTS.contains(code);
        return right && addressed == (code != ScsiLayout.NO_EVENT) ? "" : "event " + Arrays.toString(event);
    }
}
