package dev.ringside.scsi.sense;

/** What kind of event sense data tells of (SPC-5, 4.4.8). The code of a key is its ordinal. */
public enum SenseKey {
    /** Nothing. */
    NO_SENSE,
    /** It worked, with some recovery. */
    RECOVERED_ERROR,
    /** The logical unit cannot be accessed. */
    NOT_READY,
    /** A flaw of the medium. */
    MEDIUM_ERROR,
    /** A failure of the device. */
    HARDWARE_ERROR,
    /** The command or its parameters are wrong. */
    ILLEGAL_REQUEST,
    /** Something has happened that the initiator has to know. */
    UNIT_ATTENTION,
    /** The medium is protected. */
    DATA_PROTECT,
    /** A blank or written medium was not expected. */
    BLANK_CHECK,
    /** Defined by the vendor. */
    VENDOR_SPECIFIC,
    /** A third-party copy was aborted. */
    COPY_ABORTED,
    /** The device aborted the command; trying again may help. */
    ABORTED_COMMAND,
    /** Reserved. */
    RESERVED,
    /** The medium is full. */
    VOLUME_OVERFLOW,
    /** What was compared differs. */
    MISCOMPARE,
    /** A command is completed. */
    COMPLETED;

    private static final SenseKey[] ALL = values();

    /** The key of a code, of which only the low four bits count. */
    public static SenseKey of(int code) {
        return ALL[code & 0xf];
    }

    /** The code. */
    public int code() {
        return ordinal();
    }
}
