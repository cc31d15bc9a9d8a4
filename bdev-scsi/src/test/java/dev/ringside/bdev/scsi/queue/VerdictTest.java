package dev.ringside.bdev.scsi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {
    private final ScsiCommand command = new ScsiCommand(0, done -> {});

    VerdictTest() {
        ScatterList data = new ScatterList(1);
        data.add(MemorySegment.ofArray(new byte[512]), 0, 512);
        ScsiTarget target = new ScsiTarget(0, 0, 0, ScsiTarget.Transport.SAS, 0, "", 0);
        command.prepare(new ScsiDevice(target, 0), 10, ScsiCommand.READ, data, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "NO_SENSE, NO_ADDITIONAL_SENSE_INFORMATION, 0",
        "RECOVERED_ERROR, NO_ADDITIONAL_SENSE_INFORMATION, 0",
        "NOT_READY, LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY, 3",
        "NOT_READY, LOGICAL_UNIT_NOT_READY_INITIALIZING_COMMAND_REQUIRED, 3",
        "NOT_READY, LOGICAL_UNIT_NOT_READY_MANUAL_INTERVENTION_REQUIRED, 5",
        "NOT_READY, MEDIUM_NOT_PRESENT, 5",
        "MEDIUM_ERROR, UNRECOVERED_READ_ERROR, 5",
        "HARDWARE_ERROR, INTERNAL_TARGET_FAILURE, 1",
        "ILLEGAL_REQUEST, INVALID_FIELD_IN_CDB, 5",
        "UNIT_ATTENTION, POWER_ON_OCCURRED, 2",
        "DATA_PROTECT, WRITE_PROTECTED, 5",
        "BLANK_CHECK, NO_ADDITIONAL_SENSE_INFORMATION, 5",
        "VENDOR_SPECIFIC, NO_ADDITIONAL_SENSE_INFORMATION, 5",
        "COPY_ABORTED, NO_ADDITIONAL_SENSE_INFORMATION, 5",
        "ABORTED_COMMAND, INTERNAL_TARGET_FAILURE, 1",
        "RESERVED, NO_ADDITIONAL_SENSE_INFORMATION, 5",
        "VOLUME_OVERFLOW, NO_ADDITIONAL_SENSE_INFORMATION, 5",
        "MISCOMPARE, MISCOMPARE_DURING_VERIFY_OPERATION, 5",
        "COMPLETED, NO_ADDITIONAL_SENSE_INFORMATION, 0"
    })
    void senseOfEveryKind(SenseKey key, AdditionalSense additional, int verdict) {
        for (boolean descriptors : new boolean[] {false, true}) {
            check(key, additional, descriptors, 512);
            assertThat(Verdict.of(command, true)).isEqualTo(verdict);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ILLEGAL_REQUEST, LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, -22",
        "ILLEGAL_REQUEST, LOGICAL_UNIT_NOT_SUPPORTED, -19",
        "ILLEGAL_REQUEST, INVALID_COMMAND_OPERATION_CODE, -95",
        "DATA_PROTECT, SPACE_ALLOCATION_FAILED_WRITE_PROTECT, -28",
        "DATA_PROTECT, WRITE_PROTECTED, -30",
        "MEDIUM_ERROR, UNRECOVERED_READ_ERROR, -5"
    })
    void whatARequestEndsWith(SenseKey key, AdditionalSense additional, int status) {
        check(key, additional, false, 0);
        assertThat(Verdict.status(command)).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"8, 3", "40, 4", "48, 3", "64, 1", "24, 5", "4, 0", "0, 0"})
    void statuses(int scsiStatus, int verdict) {
        command.end(HostStatus.DELIVERED, scsiStatus, 512, 0);
        assertThat(Verdict.of(command, true)).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 3", "3, 1", "4, 1", "5, 5", "6, 5"})
    void hostStatuses(int hostStatus, int verdict) {
        command.end(hostStatus, ScsiStatus.GOOD, 0, 0);
        assertThat(Verdict.of(command, true)).isEqualTo(verdict);
    }

    @Test
    void aShortTransferIsTriedAgainWhereAllIsWanted() {
        command.end(HostStatus.DELIVERED, ScsiStatus.GOOD, 500, 0);
        assertThat(Verdict.of(command, true)).isEqualTo(Verdict.AGAIN);
        assertThat(Verdict.of(command, false)).isEqualTo(Verdict.DONE);
        check(SenseKey.RECOVERED_ERROR, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION, false, 500);
        assertThat(Verdict.of(command, true)).isEqualTo(Verdict.AGAIN);
    }

    /** Its command was not carried out, whatever has become of an earlier one. */
    @ParameterizedTest
    @EnumSource
    void aDeferredErrorIsNoneOfTheCommandThatTellsIt(SenseKey key) {
        for (boolean descriptors : new boolean[] {false, true}) {
            check(key, AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, descriptors, 512);
            command.sense()[0]++;
            assertThat(Verdict.of(command, true)).isEqualTo(Verdict.AGAIN);
            assertThat(Verdict.of(command, false)).isEqualTo(Verdict.AGAIN);
            assertThat(Verdict.status(command)).isEqualTo(IoStatus.IO_ERROR);
        }
    }

    @Test
    void senseDataThatNobodyKnowsSaysNothingGood() {
        check(SenseKey.NO_SENSE, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION, false, 512);
        command.sense()[0] = 0x7f;
        assertThat(Verdict.of(command, true)).as("a vendor's").isEqualTo(Verdict.AGAIN);
        command.end(HostStatus.DELIVERED, ScsiStatus.CHECK_CONDITION, 512, 3);
        assertThat(Verdict.of(command, true)).as("cut short").isEqualTo(Verdict.AGAIN);
    }

    @Test
    void senseDataThatGotLostIsAskedForByTryingAgain() {
        command.end(HostStatus.DELIVERED, ScsiStatus.CHECK_CONDITION, 0, 0);
        assertThat(Verdict.of(command, true)).isEqualTo(Verdict.AGAIN);
    }

    @Test
    void aDeviceThatIsNotThereIsGone() {
        command.end(HostStatus.NO_DEVICE, 0, 0, 0);
        assertThat(Verdict.status(command)).isEqualTo(IoStatus.NO_DEVICE);
    }

    private void check(SenseKey key, AdditionalSense additional, boolean descriptors, long moved) {
        byte[] sense = Sense.of(key, additional).bytes(descriptors);
        System.arraycopy(sense, 0, command.sense(), 0, sense.length);
        command.end(HostStatus.DELIVERED, ScsiStatus.CHECK_CONDITION, moved, sense.length);
    }
}
