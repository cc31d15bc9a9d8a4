package dev.ringside.scsi.cdb;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;
import java.util.Set;

/** The data of REPORT SUPPORTED OPERATION CODES (SPC-5, 6.35) and of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (6.36). */
public final class SupportedOperations {
    private static final int DESCRIPTOR = 8;
    private static final int TIMEOUTS = 12;
    private static final int SERVACTV = 0x01;
    private static final int CTDP = 0x02;
    private static final int NOT_SUPPORTED = 1;
    private static final int STANDARD = 3;

    private SupportedOperations() {}

    /**
     * All commands.
     *
     * @param supported those that there are
     * @param timeouts whether a command timeouts descriptor goes with each (RCTD); ours say that none is set
     */
    public static byte[] all(Set<Operation> supported, boolean timeouts) {
        int each = DESCRIPTOR + (timeouts ? TIMEOUTS : 0);
        byte[] data = new byte[4 + supported.size() * each];
        BigEndian.put32(data, 0, data.length - 4);
        int at = 4;
        for (Operation operation : Operation.values()) {
            if (supported.contains(operation)) {
                data[at] = (byte) operation.code();
                boolean action = operation.action() != Operation.NO_ACTION;
                BigEndian.put16(data, at + 2, action ? operation.action() : 0);
                data[at + 5] = (byte) ((action ? SERVACTV : 0) | (timeouts ? CTDP : 0));
                BigEndian.put16(data, at + 6, operation.length());
                if (timeouts) {
                    putTimeouts(data, at + DESCRIPTOR);
                }
                at += each;
            }
        }
        return data;
    }

    /**
     * One command that is supported.
     *
     * @param supported those that there are
     */
    public static byte[] one(Operation operation, Set<Operation> supported, boolean timeouts) {
        byte[] usage = operation.usage(supported);
        byte[] data = new byte[4 + usage.length + (timeouts ? TIMEOUTS : 0)];
        data[1] = (byte) (STANDARD | (timeouts ? 0x80 : 0));
        BigEndian.put16(data, 2, usage.length);
        System.arraycopy(usage, 0, data, 4, usage.length);
        if (timeouts) {
            putTimeouts(data, 4 + usage.length);
        }
        return data;
    }

    /** One command that is not supported. */
    public static byte[] none() {
        byte[] data = new byte[4];
        data[1] = NOT_SUPPORTED;
        return data;
    }

    /**
     * Task management functions.
     *
     * @param bits byte 0 in the low eight bits, byte 1 in the next
     * @param extended whether the long form is wanted (REPD), with timeouts, of which none is set
     */
    public static byte[] taskManagement(int bits, boolean extended) {
        byte[] data = new byte[extended ? 16 : 4];
        data[0] = (byte) bits;
        data[1] = (byte) (bits >>> 8);
        if (extended) {
            data[3] = 12;
        }
        return data;
    }

    private static void putTimeouts(byte[] data, int at) {
        Arrays.fill(data, at, at + TIMEOUTS, (byte) 0);
        BigEndian.put16(data, at, TIMEOUTS - 2);
    }
}
