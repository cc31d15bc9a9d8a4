package dev.ringside.testkit.frontend;

import java.util.Arrays;

/**
 * How a block request ended.
 *
 * @param status the status byte
 * @param used bytes that the device says it wrote
 * @param data what stands in the memory that the device was given to write, without the status
 */
// Two results are compared by their bytes, below.
@SuppressWarnings("ArrayRecordComponent")
public record BlkResult(int status, int used, byte[] data) {
    /** What the status byte is before the device writes it. */
    public static final int NO_STATUS = 0xee;

    @Override
    public boolean equals(Object other) {
        return other instanceof BlkResult that
                && status == that.status
                && used == that.used
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * status + used) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "status " + status + ", used " + used + ", " + data.length + " bytes";
    }
}
