package dev.ringside.testkit.frontend;

import dev.ringside.scsi.sense.Sense;
import java.util.Arrays;
import java.util.Optional;

/**
 * How a SCSI request ended.
 *
 * @param response what the device says of it
 * @param status what the logical unit says, if the response is OK
 * @param residual bytes of the buffers that were not used
 * @param sense sense data
 * @param used bytes that the device says it wrote
 * @param data what stands in the buffer for data
 */
// Is made and read; nobody compares two.
@SuppressWarnings("ArrayRecordComponent")
public record ScsiResult(int response, int status, long residual, byte[] sense, int used, byte[] data) {

    /** The sense data, if there is some. */
    public Optional<Sense> parsedSense() {
        return Sense.parse(sense, sense.length);
    }

    /** Key, code and qualifier of the sense data in one number, 0 if there is none: 0x52400 is ILLEGAL REQUEST, 24/00. */
    public int code() {
        return parsedSense()
                .map(each -> each.key().code() << 16 | each.asc() << 8 | each.ascq())
                .orElse(0);
    }

    /** The data that was transferred: without the residual. */
    public byte[] transferred() {
        return Arrays.copyOf(data, (int) Math.max(0, data.length - residual));
    }

    @Override
    public String toString() {
        return String.format(
                "response %d, status %02xh, residual %d, sense %05x, used %d, %d bytes of room",
                response, status, residual, code(), used, data.length);
    }
}
