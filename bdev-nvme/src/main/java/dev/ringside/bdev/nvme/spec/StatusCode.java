package dev.ringside.bdev.nvme.spec;

import dev.ringside.bdev.IoStatus;

/**
 * How a command ended (base 2.0, 3.3.3.2.1): the 15 bits above the phase.
 *
 * <pre>
 *    14    13     12:11   10:8              7:0
 *   +-----+------+-------+-----------------+-------------+
 *   | DNR | more | CRD   | status code type| status code |
 *   +-----+------+-------+-----------------+-------------+
 * </pre>
 */
public final class StatusCode {
    /** Type and code, without the flags. */
    public static final int CODE_MASK = 0x7ff;
    /** Do not retry. */
    public static final int DNR = 1 << 14;

    public static final int SUCCESS = 0x000;
    public static final int INVALID_OPCODE = 0x001;
    public static final int INVALID_FIELD = 0x002;
    public static final int DATA_TRANSFER_ERROR = 0x004;
    public static final int INTERNAL_ERROR = 0x006;
    public static final int ABORT_REQUESTED = 0x007;
    public static final int ABORTED_SQ_DELETION = 0x008;
    public static final int INVALID_NAMESPACE = 0x00b;
    public static final int NAMESPACE_WRITE_PROTECTED = 0x020;
    public static final int COMMAND_INTERRUPTED = 0x021;
    public static final int TRANSIENT_TRANSPORT_ERROR = 0x022;
    public static final int LBA_OUT_OF_RANGE = 0x080;
    public static final int CAPACITY_EXCEEDED = 0x081;
    public static final int NAMESPACE_NOT_READY = 0x082;
    public static final int INVALID_QUEUE_ID = 0x101;
    public static final int INVALID_LOG_PAGE = 0x109;
    public static final int ATTEMPTED_WRITE_TO_READ_ONLY = 0x182;
    public static final int WRITE_FAULT = 0x280;
    public static final int UNRECOVERED_READ_ERROR = 0x281;
    public static final int COMPARE_FAILURE = 0x285;

    private StatusCode() {}

    /** Whether a command that ended so may end well if it is tried again. */
    public static boolean retryable(int status) {
        if ((status & DNR) != 0) {
            return false;
        }
        return switch (status & CODE_MASK) {
            case DATA_TRANSFER_ERROR,
                    INTERNAL_ERROR,
                    ABORT_REQUESTED,
                    ABORTED_SQ_DELETION,
                    COMMAND_INTERRUPTED,
                    TRANSIENT_TRANSPORT_ERROR,
                    NAMESPACE_NOT_READY -> true;
            default -> false;
        };
    }

    /** CRD: which of the controller's times to wait before it is tried again, 1 to 3; 0: none. */
    public static int retryDelay(int status) {
        return status >>> 11 & 3;
    }

    /** What the block layer calls it: {@link IoStatus}. The one place where this is decided. */
    public static int toIoStatus(int status) {
        return switch (status & CODE_MASK) {
            case SUCCESS -> IoStatus.OK;
            case INVALID_OPCODE -> IoStatus.NOT_SUPPORTED;
            case INVALID_FIELD, LBA_OUT_OF_RANGE -> IoStatus.INVALID;
            case INVALID_NAMESPACE -> IoStatus.NO_DEVICE;
            case NAMESPACE_WRITE_PROTECTED, ATTEMPTED_WRITE_TO_READ_ONLY -> IoStatus.READ_ONLY;
            case COMPARE_FAILURE -> IoStatus.MISCOMPARE;
            case CAPACITY_EXCEEDED -> IoStatus.NO_SPACE;
            case ABORT_REQUESTED, ABORTED_SQ_DELETION -> IoStatus.ABORTED;
            default -> IoStatus.IO_ERROR;
        };
    }

    /** For people: type and code as the specifications number them. */
    public static String describe(int status) {
        return String.format(
                "status code type 0x%x, status code 0x%02x%s",
                status >>> 8 & 7, status & 0xff, (status & DNR) != 0 ? ", do not retry" : "");
    }
}
