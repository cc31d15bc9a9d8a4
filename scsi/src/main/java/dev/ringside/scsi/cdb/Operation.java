package dev.ringside.scsi.cdb;

import static dev.ringside.scsi.cdb.Access.ALWAYS;
import static dev.ringside.scsi.cdb.Access.LEGACY_RESERVE;
import static dev.ringside.scsi.cdb.Access.READ;
import static dev.ringside.scsi.cdb.Access.RESERVE_OUT;
import static dev.ringside.scsi.cdb.Access.WRITE;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.sense.FieldPointer;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a disk: operation code and service action, length, and the map of the bits that are looked at, which
 * REPORT SUPPORTED OPERATION CODES hands out (SPC-5, 6.36). A bit outside the map has to be 0, or is ignored. Everything else about what is
 * supported follows from this table.
 *
 * <p>The map's first byte is the operation code; where there is a service action, it stands in the low five bits of the
 * second byte, all of which are looked at. {@code gg} is a GROUP NUMBER: as there are no groups, it is ignored.
 */
public enum Operation {
    TEST_UNIT_READY(0x00, ALWAYS, "SPC-5 6.47", "00 00 00 00 00 00"),
    REQUEST_SENSE(0x03, ALWAYS, "SPC-5 6.39", "03 01 00 00 ff 00"),
    READ_6(0x08, READ, "SBC-4 5.13", "08 1f ff ff ff 00"),
    WRITE_6(0x0a, WRITE, "SBC-4 5.36", "0a 1f ff ff ff 00"),
    INQUIRY(0x12, ALWAYS, "SPC-5 6.7", "12 01 ff ff ff 00"),
    MODE_SELECT_6(0x15, WRITE, "SPC-5 6.11", "15 11 00 00 ff 00"),
    RESERVE_6(0x16, LEGACY_RESERVE, "SPC-2 7.21", "16 00 00 00 00 00"),
    RELEASE_6(0x17, LEGACY_RESERVE, "SPC-2 7.17", "17 00 00 00 00 00"),
    MODE_SENSE_6(0x1a, READ, "SPC-5 6.13", "1a 08 ff ff ff 00"),
    START_STOP_UNIT(0x1b, WRITE, "SBC-4 5.25", "1b 01 00 00 05 00"),
    SEND_DIAGNOSTIC(0x1d, WRITE, "SPC-5 6.42", "1d 04 00 00 00 00"),
    READ_CAPACITY_10(0x25, ALWAYS, "SBC-4 5.20", "25 00 00 00 00 00 00 00 00 00"),
    READ_10(0x28, READ, "SBC-4 5.14", "28 18 ff ff ff ff gg ff ff 00"),
    WRITE_10(0x2a, WRITE, "SBC-4 5.37", "2a 18 ff ff ff ff gg ff ff 00"),
    WRITE_AND_VERIFY_10(0x2e, WRITE, "SBC-4 5.41", "2e 16 ff ff ff ff gg ff ff 00"),
    VERIFY_10(0x2f, READ, "SBC-4 5.32", "2f 16 ff ff ff ff gg ff ff 00"),
    PRE_FETCH_10(0x34, READ, "SBC-4 5.10", "34 02 ff ff ff ff gg ff ff 00"),
    SYNCHRONIZE_CACHE_10(0x35, WRITE, "SBC-4 5.26", "35 02 ff ff ff ff gg ff ff 00"),
    WRITE_SAME_10(0x41, WRITE, "SBC-4 5.49", "41 08 ff ff ff ff gg ff ff 00"),
    UNMAP(0x42, WRITE, "SBC-4 5.31", "42 00 00 00 00 00 gg ff ff 00"),
    LOG_SENSE(0x4d, ALWAYS, "SPC-5 6.9", "4d 00 ff ff 00 ff ff ff ff 00"),
    MODE_SELECT_10(0x55, WRITE, "SPC-5 6.12", "55 11 00 00 00 00 00 ff ff 00"),
    RESERVE_10(0x56, LEGACY_RESERVE, "SPC-2 7.20", "56 00 00 00 00 00 00 00 00 00"),
    RELEASE_10(0x57, LEGACY_RESERVE, "SPC-2 7.16", "57 00 00 00 00 00 00 00 00 00"),
    MODE_SENSE_10(0x5a, READ, "SPC-5 6.14", "5a 18 ff ff 00 00 00 ff ff 00"),
    PERSISTENT_RESERVE_IN_READ_KEYS(0x5e, 0x00, ALWAYS, "SPC-5 6.16.2", "5e 1f 00 00 00 00 00 ff ff 00"),
    PERSISTENT_RESERVE_IN_READ_RESERVATION(0x5e, 0x01, ALWAYS, "SPC-5 6.16.3", "5e 1f 00 00 00 00 00 ff ff 00"),
    PERSISTENT_RESERVE_IN_REPORT_CAPABILITIES(0x5e, 0x02, ALWAYS, "SPC-5 6.16.4", "5e 1f 00 00 00 00 00 ff ff 00"),
    PERSISTENT_RESERVE_IN_READ_FULL_STATUS(0x5e, 0x03, ALWAYS, "SPC-5 6.16.5", "5e 1f 00 00 00 00 00 ff ff 00"),
    PERSISTENT_RESERVE_OUT_REGISTER(0x5f, 0x00, RESERVE_OUT, "SPC-5 5.14.7", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_RESERVE(0x5f, 0x01, RESERVE_OUT, "SPC-5 5.14.9", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_RELEASE(0x5f, 0x02, RESERVE_OUT, "SPC-5 5.14.11.2", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_CLEAR(0x5f, 0x03, RESERVE_OUT, "SPC-5 5.14.11.6", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_PREEMPT(0x5f, 0x04, RESERVE_OUT, "SPC-5 5.14.11.4", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_PREEMPT_AND_ABORT(
            0x5f, 0x05, RESERVE_OUT, "SPC-5 5.14.11.5", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE(
            0x5f, 0x06, RESERVE_OUT, "SPC-5 5.14.7", "5f 1f ff 00 00 ff ff ff ff 00"),
    PERSISTENT_RESERVE_OUT_REGISTER_AND_MOVE(0x5f, 0x07, RESERVE_OUT, "SPC-5 5.14.8", "5f 1f ff 00 00 ff ff ff ff 00"),
    READ_16(0x88, READ, "SBC-4 5.16", "88 18 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    COMPARE_AND_WRITE(0x89, WRITE, "SBC-4 5.3", "89 18 ff ff ff ff ff ff ff ff 00 00 00 ff gg 00"),
    WRITE_16(0x8a, WRITE, "SBC-4 5.39", "8a 18 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    WRITE_AND_VERIFY_16(0x8e, WRITE, "SBC-4 5.43", "8e 16 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    VERIFY_16(0x8f, READ, "SBC-4 5.34", "8f 16 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    PRE_FETCH_16(0x90, READ, "SBC-4 5.11", "90 02 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    SYNCHRONIZE_CACHE_16(0x91, WRITE, "SBC-4 5.27", "91 02 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    WRITE_SAME_16(0x93, WRITE, "SBC-4 5.50", "93 09 ff ff ff ff ff ff ff ff ff ff ff ff gg 00"),
    READ_CAPACITY_16(0x9e, 0x10, ALWAYS, "SBC-4 5.21", "9e 1f 00 00 00 00 00 00 00 00 ff ff ff ff 00 00"),
    GET_LBA_STATUS(0x9e, 0x12, READ, "SBC-4 5.6", "9e 1f ff ff ff ff ff ff ff ff ff ff ff ff 00 00"),
    REPORT_LUNS(0xa0, ALWAYS, "SPC-5 6.33", "a0 00 ff 00 00 00 ff ff ff ff 00 00"),
    REPORT_TARGET_PORT_GROUPS(0xa3, 0x0a, ALWAYS, "SPC-5 6.37", "a3 ff 00 00 00 00 ff ff ff ff 00 00"),
    REPORT_SUPPORTED_OPERATION_CODES(0xa3, 0x0c, READ, "SPC-5 6.35", "a3 1f 87 ff ff ff ff ff ff ff 00 00"),
    REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS(0xa3, 0x0d, READ, "SPC-5 6.36", "a3 1f 80 00 00 00 ff ff ff ff 00 00"),
    READ_12(0xa8, READ, "SBC-4 5.15", "a8 18 ff ff ff ff ff ff ff ff gg 00"),
    WRITE_12(0xaa, WRITE, "SBC-4 5.38", "aa 18 ff ff ff ff ff ff ff ff gg 00"),
    WRITE_AND_VERIFY_12(0xae, WRITE, "SBC-4 5.42", "ae 16 ff ff ff ff ff ff ff ff gg 00"),
    VERIFY_12(0xaf, READ, "SBC-4 5.33", "af 16 ff ff ff ff ff ff ff ff gg 00");

    /** There is no service action. */
    public static final int NO_ACTION = -1;

    /** Bytes of the longest CDB that is defined here. */
    public static final int MAX_CDB_BYTES = 16;

    private static final int ACTIONS = 32;
    private static final @Nullable Operation[] BY_CODE = new @Nullable Operation[256];
    /** By code and service action. */
    private static final @Nullable Operation[] BY_ACTION = new @Nullable Operation[256 * ACTIONS];

    /** Codes that have service actions in the standards, be they supported or not (SPC-5, annex F.3). */
    private static final Set<Integer> TAKE_ACTIONS = Set.of(
            0x48, 0x5e, 0x5f, 0x7e, 0x7f, 0x83, 0x84, 0x8c, 0x94, 0x95, 0x9d, 0x9e, 0x9f, 0xa3, 0xa4, 0xa9, 0xab);

    private static final boolean[] HAS_ACTIONS = new boolean[256];

    static {
        for (Operation each : values()) {
            if (each.action == NO_ACTION) {
                BY_CODE[each.code] = each;
            } else {
                BY_ACTION[each.code * ACTIONS + each.action] = each;
                HAS_ACTIONS[each.code] = true;
            }
        }
    }

    private final int code;
    private final int action;
    private final Access access;
    private final String section;
    // Never written after it was made, and handed out as copies.
    @SuppressWarnings("ImmutableEnumChecker")
    private final byte[] usage;

    /** The bits of the first 16 bytes that have to be 0. */
    private final long reservedLow;

    private final long reservedHigh;

    Operation(int code, Access access, String section, String usage) {
        this(code, -1, access, section, usage);
    }

    Operation(int code, int action, Access access, String section, String usage) {
        this.code = code;
        this.action = action;
        this.access = access;
        this.section = section;
        HexFormat hex = HexFormat.ofDelimiter(" ");
        this.usage = hex.parseHex(usage.replace("gg", "00"));
        byte[] taken = hex.parseHex(usage.replace("gg", "1f"));
        byte[] reserved = new byte[MAX_CDB_BYTES];
        for (int i = 1; i < taken.length; i++) {
            reserved[i] = (byte) ~taken[i];
        }
        this.reservedLow = BigEndian.u64(reserved, 0);
        this.reservedHigh = BigEndian.u64(reserved, 8);
    }

    /** The operation code, from 0 to 255. */
    public int code() {
        return code;
    }

    /** The service action, or {@link #NO_ACTION}. */
    public int action() {
        return action;
    }

    /** Bytes of the CDB. */
    public int length() {
        return usage.length;
    }

    /** What it is to a reservation. */
    public Access access() {
        return access;
    }

    /** Where it is defined. */
    public String section() {
        return section;
    }

    /** The name as the standard prints it, in capitals. */
    public String title() {
        return name().replace('_', ' ');
    }

    /** The map of the bits that are looked at, as it is handed out: with the service action in its place. */
    public byte[] usage() {
        byte[] copy = usage.clone();
        if (action != NO_ACTION) {
            copy[1] = (byte) ((copy[1] & ~0x1f) | action);
        }
        return copy;
    }

    /**
     * The map of a disk that has some operations only: where there is no UNMAP, nor does WRITE SAME look at its UNMAP bit.
     *
     * @param supported the disk's operations
     */
    public byte[] usage(Set<Operation> supported) {
        byte[] map = usage();
        if ((this == WRITE_SAME_10 || this == WRITE_SAME_16) && !supported.contains(UNMAP)) {
            map[1] &= (byte) ~Cdb.UNMAP;
        }
        return map;
    }

    /**
     * The operation that a CDB asks for; allocates nothing.
     *
     * @param cdb at least two bytes
     * @return null if the operation code is not supported, or if its service action is not
     */
    public static @Nullable Operation of(byte[] cdb) {
        int code = cdb[0] & 0xff;
        Operation plain = BY_CODE[code];
        return plain != null ? plain : BY_ACTION[code * ACTIONS + (cdb[1] & 0x1f)];
    }

    /** Whether an operation code has service actions, of which one at least is supported. */
    public static boolean hasActions(int code) {
        return HAS_ACTIONS[code];
    }

    /** Whether an operation code has service actions in the standards, be they supported or not. */
    public static boolean takesActions(int code) {
        return TAKE_ACTIONS.contains(code);
    }

    /**
     * Looks for a bit that has to be 0 and is not; allocates nothing.
     *
     * @param cdb at least {@link #MAX_CDB_BYTES}
     * @return {@link FieldPointer#NONE}, or a pointer to the first of them
     */
    public int reservedBit(byte[] cdb) {
        if (((BigEndian.u64(cdb, 0) & reservedLow) | (BigEndian.u64(cdb, 8) & reservedHigh)) == 0) {
            return FieldPointer.NONE;
        }
        for (int i = 1; i < usage.length; i++) {
            int wrong = cdb[i] & reserved(i);
            if (wrong != 0) {
                return FieldPointer.inCdb(i, 31 - Integer.numberOfLeadingZeros(wrong));
            }
        }
        return FieldPointer.NONE;
    }

    /** The bits of a byte of the CDB, from 0 to 15, that have to be 0. */
    public int reserved(int at) {
        long half = at < 8 ? reservedLow : reservedHigh;
        return (int) (half >>> (56 - 8 * (at & 7))) & 0xff;
    }
}
