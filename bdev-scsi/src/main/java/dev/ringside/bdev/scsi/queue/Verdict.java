package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;

/** What becomes of a command that has ended, by what its adapter and its device say. Decides only; allocates nothing. */
public final class Verdict {
    /** It is done. */
    public static final int DONE = 0;
    /** It failed for a passing reason: try it again, a few times. */
    public static final int AGAIN = 1;
    /** It was not carried out, because the device had to tell something first: try it again at once. */
    public static final int ATTENTION = 2;
    /** It was not carried out, and can be after a while: try it again as long as patience lasts. */
    public static final int LATER = 3;
    /** It was not carried out, because the device has too many: give it fewer, and try again. */
    public static final int FULL = 4;
    /** It failed, and would again. */
    public static final int FAILED = 5;

    private static final int NOT_READY_ASC = 0x04;
    private static final int BECOMING_READY = AdditionalSense.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY.code();
    private static final int INITIALIZING_COMMAND =
            AdditionalSense.LOGICAL_UNIT_NOT_READY_INITIALIZING_COMMAND_REQUIRED.code();
    private static final int INTERVENTION = AdditionalSense.LOGICAL_UNIT_NOT_READY_MANUAL_INTERVENTION_REQUIRED.code();
    private static final int OUT_OF_RANGE = AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE.code();
    private static final int NO_UNIT = AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED.code();
    private static final int NO_OPERATION = AdditionalSense.INVALID_COMMAND_OPERATION_CODE.code();
    private static final int NO_MEDIUM = AdditionalSense.MEDIUM_NOT_PRESENT.code();
    private static final int NO_SPACE = AdditionalSense.SPACE_ALLOCATION_FAILED_WRITE_PROTECT.code();

    private Verdict() {}

    /**
     * What becomes of it.
     *
     * @param whole whether less data than asked for is a failure
     * @return {@link #DONE} to {@link #FAILED}
     */
    public static int of(ScsiCommand command, boolean whole) {
        return switch (command.hostStatus()) {
            case HostStatus.DELIVERED -> delivered(command, whole);
            case HostStatus.BUSY -> LATER;
            case HostStatus.TRANSPORT_ERROR, HostStatus.ABORTED -> AGAIN;
            default -> FAILED;
        };
    }

    /** The status that a request ends with whose command failed for good, or too often: a negative errno. */
    public static int status(ScsiCommand command) {
        if (command.hostStatus() == HostStatus.NO_DEVICE) {
            return IoStatus.NO_DEVICE;
        }
        boolean sense =
                command.hostStatus() == HostStatus.DELIVERED && command.scsiStatus() == ScsiStatus.CHECK_CONDITION;
        if (!sense || !Sense.isCurrent(command.sense(), command.senseLength())) {
            return IoStatus.IO_ERROR;
        }
        int code = Sense.codeIn(command.sense(), command.senseLength());
        return switch (Sense.keyIn(command.sense(), command.senseLength())) {
            case ILLEGAL_REQUEST -> illegal(code);
            case DATA_PROTECT -> code == NO_SPACE ? IoStatus.NO_SPACE : IoStatus.READ_ONLY;
            default -> IoStatus.IO_ERROR;
        };
    }

    private static int illegal(int code) {
        if (code == OUT_OF_RANGE) {
            return IoStatus.INVALID;
        }
        if (code == NO_UNIT) {
            return IoStatus.NO_DEVICE;
        }
        return code == NO_OPERATION ? IoStatus.NOT_SUPPORTED : IoStatus.IO_ERROR;
    }

    private static int delivered(ScsiCommand command, boolean whole) {
        return switch (command.scsiStatus()) {
            case ScsiStatus.GOOD, ScsiStatus.CONDITION_MET -> moved(command, whole);
            case ScsiStatus.CHECK_CONDITION -> checked(command, whole);
            case ScsiStatus.BUSY, ScsiStatus.ACA_ACTIVE -> LATER;
            case ScsiStatus.TASK_SET_FULL -> FULL;
            case ScsiStatus.TASK_ABORTED -> AGAIN;
            default -> FAILED;
        };
    }

    private static int checked(ScsiCommand command, boolean whole) {
        byte[] sense = command.sense();
        int length = command.senseLength();
        if (!Sense.isCurrent(sense, length)) {
            // The sense data got lost on the way, or is about an earlier command, and this one was not carried out.
            return AGAIN;
        }
        SenseKey key = Sense.keyIn(sense, length);
        return switch (key) {
            case NO_SENSE, RECOVERED_ERROR, COMPLETED -> moved(command, whole);
            case NOT_READY -> notReady(Sense.codeIn(sense, length));
            case UNIT_ATTENTION -> ATTENTION;
            case ABORTED_COMMAND, HARDWARE_ERROR -> AGAIN;
            default -> FAILED;
        };
    }

    private static int moved(ScsiCommand command, boolean whole) {
        return whole && command.residual() != 0 ? AGAIN : DONE;
    }

    /** A device that spins up, that waits for leave to, or that is told to start, becomes ready by and by. */
    private static int notReady(int code) {
        if (code == BECOMING_READY || code == INITIALIZING_COMMAND) {
            return LATER;
        }
        if (code == INTERVENTION || code == NO_MEDIUM) {
            return FAILED;
        }
        return code >>> 8 == NOT_READY_ASC ? LATER : AGAIN;
    }
}
