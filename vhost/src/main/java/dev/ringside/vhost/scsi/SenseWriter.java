package dev.ringside.vhost.scsi;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.ScatterList;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Makes the header of a response. Owned by a queue's reactor; allocates nothing. */
final class SenseWriter {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final byte[] sense = new byte[ScsiLayout.SENSE_BYTES];
    private final byte[] header = new byte[ScsiLayout.RESPONSE_BYTES];
    private final MemorySegment segment = MemorySegment.ofArray(header);
    private int length;
    private int status;

    /** The next response has a status without sense data. */
    void status(int code) {
        status = code;
        length = 0;
    }

    /** The next response is CHECK CONDITION. */
    void check(boolean descriptor, SenseKey key, AdditionalSense additional, int fieldPointer) {
        status = ScsiStatus.CHECK_CONDITION;
        length = Sense.encode(sense, descriptor, key, additional.code(), fieldPointer, false, 0, false);
    }

    /** The next response is CHECK CONDITION, with information. */
    void checkAt(boolean descriptor, SenseKey key, AdditionalSense additional, long information) {
        status = ScsiStatus.CHECK_CONDITION;
        length = Sense.encode(sense, descriptor, key, additional.code(), 0, true, information, false);
    }

    /** The next response is CHECK CONDITION, with sense data that was made elsewhere. */
    void check(byte[] made) {
        status = ScsiStatus.CHECK_CONDITION;
        length = Math.min(made.length, ScsiLayout.SENSE_BYTES);
        System.arraycopy(made, 0, sense, 0, length);
    }

    /** The next response is CHECK CONDITION for what the block layer says. */
    void failed(boolean descriptor, boolean read, int ioStatus) {
        switch (ioStatus) {
            case IoStatus.IO_ERROR ->
                check(
                        descriptor,
                        SenseKey.MEDIUM_ERROR,
                        read ? AdditionalSense.UNRECOVERED_READ_ERROR : AdditionalSense.WRITE_ERROR,
                        0);
            case IoStatus.INVALID ->
                check(descriptor, SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, 0);
            case IoStatus.READ_ONLY ->
                check(descriptor, SenseKey.DATA_PROTECT, AdditionalSense.HARDWARE_WRITE_PROTECTED, 0);
            case IoStatus.NOT_SUPPORTED ->
                check(descriptor, SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_COMMAND_OPERATION_CODE, 0);
            case IoStatus.MISCOMPARE ->
                check(descriptor, SenseKey.MISCOMPARE, AdditionalSense.MISCOMPARE_DURING_VERIFY_OPERATION, 0);
            case IoStatus.NO_SPACE ->
                check(descriptor, SenseKey.DATA_PROTECT, AdditionalSense.SPACE_ALLOCATION_FAILED_WRITE_PROTECT, 0);
            case IoStatus.NO_DEVICE ->
                check(descriptor, SenseKey.ILLEGAL_REQUEST, AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED, 0);
            case IoStatus.ABORTED ->
                check(descriptor, SenseKey.ABORTED_COMMAND, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION, 0);
            default -> check(descriptor, SenseKey.HARDWARE_ERROR, AdditionalSense.INTERNAL_TARGET_FAILURE, 0);
        }
    }

    /** Writes the response to where the driver wants it. */
    void write(ScatterList target, int response, long residual) {
        boolean answered = response == ScsiLayout.S_OK;
        int senseBytes = answered ? length : 0;
        segment.set(U32, 0, senseBytes);
        segment.set(U32, 4, (int) residual);
        header[8] = 0;
        header[9] = 0;
        header[10] = (byte) (answered ? status : 0);
        header[11] = (byte) response;
        System.arraycopy(sense, 0, header, ScsiLayout.SENSE, senseBytes);
        target.copyFrom(segment, 0, ScsiLayout.SENSE + senseBytes);
    }
}
