package dev.ringside.testkit.mptsas;

/**
 * Something that goes wrong: it hits SCSI I/O requests, or resets, from one of them on, so many times.
 *
 * @param skip how many are spared first
 * @param count how many are hit then
 * @param argument what the kind says
 */
public record MptFault(Kind kind, int skip, int count, int argument) {
    /** Sense data is in the descriptor format (SPC-5, 4.4.2); else in the fixed one. */
    public static final int DESCRIPTORS = 1 << 24;

    /** What hangs can be aborted. */
    public static final int ABORT = 0;
    /** What hangs ends by a reset of its logical unit. */
    public static final int UNIT_RESET = 1;
    /** What hangs ends by a reset of its target. */
    public static final int TARGET_RESET = 2;
    /** What hangs is forgotten in a reset of the adapter, and else stays. */
    public static final int ADAPTER_RESET = 3;

    /** What goes wrong. */
    public enum Kind {
        /** The request ends with an IOCStatus, the argument, and does nothing. */
        IOC_STATUS,
        /** The request ends with a SCSI status, the argument, and does nothing. */
        SCSI_STATUS,
        /**
         * The request ends with sense data, and does nothing unless that says NO SENSE, RECOVERED ERROR or COMPLETED: the argument
         * is sense key, ASC and ASCQ, a byte each, and {@link MptFault#DESCRIPTORS} for the other format.
         */
        SENSE,
        /** The request is carried out, and its reply is lost. */
        LOST_REPLY,
        /** The request never ends by itself: the argument is the weakest thing that ends it, {@link MptFault#ABORT} to {@link MptFault#ADAPTER_RESET}. */
        HANG,
        /** The request ends twice. */
        TWICE,
        /** Contexts and reply frames come that do not exist, before the request is carried out. */
        WRONG_REPLIES,
        /** The IOC goes to the state FAULT, with the argument as its code, when the request comes. */
        FAULT_STATE,
        /** The adapter is pulled out when the request comes. */
        VANISH,
        /** So many events as the argument says, which ask to be acknowledged, come before the request is carried out. */
        EVENTS,
        /**
         * The request's disk does not respond for so many ms as the argument says, which the IOC waits for (device missing delay);
         * a reset of the adapter ends that, too. MPI 2.5 and 2.6 only.
         */
        MISSING,
        /** It takes so many ms as the argument says until the IOC is ready after a reset. */
        SLOW_READY,
        /** A message unit reset does nothing. */
        NO_MESSAGE_UNIT_RESET,
        /** No reset does anything. */
        NO_RESET
    }

    /** A fault of SCSI I/O requests. */
    public static MptFault of(Kind kind, int skip, int count, int argument) {
        return new MptFault(kind, skip, count, argument);
    }

    boolean atReset() {
        return switch (kind) {
            case SLOW_READY, NO_MESSAGE_UNIT_RESET, NO_RESET -> true;
            case IOC_STATUS,
                    SCSI_STATUS,
                    SENSE,
                    LOST_REPLY,
                    HANG,
                    TWICE,
                    WRONG_REPLIES,
                    FAULT_STATE,
                    VANISH,
                    EVENTS,
                    MISSING -> false;
        };
    }
}
