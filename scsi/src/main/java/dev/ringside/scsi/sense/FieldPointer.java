package dev.ringside.scsi.sense;

/**
 * Which field of a command or of its parameters is wrong (SPC-5, 4.4.2.4.2): the three bytes of sense key specific data, in an
 * int.
 *
 * <pre>
 *  byte 0: SKSV (7) C/D (6) BPV (3) bit pointer (2..0)    bytes 1 and 2: field pointer
 * </pre>
 */
public final class FieldPointer {
    /** No field is named. */
    public static final int NONE = 0;

    private static final int SKSV = 0x80;
    private static final int COMMAND = 0x40;
    private static final int BPV = 0x08;

    private FieldPointer() {}

    /** A byte of the CDB. */
    public static int inCdb(int at) {
        return (SKSV | COMMAND) << 16 | at;
    }

    /** A byte of the CDB, and the highest bit of the field in it. */
    public static int inCdb(int at, int bit) {
        return (SKSV | COMMAND | BPV | bit) << 16 | at;
    }

    /** A byte of the parameter list. */
    public static int inData(int at) {
        return SKSV << 16 | at;
    }

    /** A byte of the parameter list, and the highest bit of the field in it. */
    public static int inData(int at, int bit) {
        return (SKSV | BPV | bit) << 16 | at;
    }
}
