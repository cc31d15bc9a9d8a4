package dev.ringside.scsi.cdb;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;

/**
 * The fields that the CDBs of reads, writes and their like have in common (SBC-4, 5), by the group of the operation code, and
 * making such CDBs. Decoding allocates nothing.
 */
public final class Cdb {
    /** Disable page out, in byte 1. */
    public static final int DPO = 0x10;
    /** Force unit access, in byte 1. */
    public static final int FUA = 0x08;

    /** What WRITE SAME writes may be given back, in byte 1. */
    public static final int UNMAP = 0x08;

    private Cdb() {}

    /** First block; negative if the top bit of 64 is set. */
    public static long lba(byte[] cdb) {
        return switch (group(cdb)) {
            case 0 -> BigEndian.u24(cdb, 1) & 0x1f_ffff;
            case 4 -> BigEndian.u64(cdb, 2);
            default -> BigEndian.u32(cdb, 2);
        };
    }

    /** Number of blocks, as it stands there but that 0 in a CDB of six bytes means 256. */
    public static long blocks(byte[] cdb) {
        return switch (group(cdb)) {
            case 0 -> cdb[4] == 0 ? 256 : cdb[4] & 0xff;
            case 1, 2 -> BigEndian.u16(cdb, 7);
            case 4 -> BigEndian.u32(cdb, 10);
            default -> BigEndian.u32(cdb, 6);
        };
    }

    /** Offset of the number of blocks in a CDB, for a field pointer. */
    public static int blocksAt(byte[] cdb) {
        return switch (group(cdb)) {
            case 0 -> 4;
            case 1, 2 -> 7;
            case 4 -> 10;
            default -> 6;
        };
    }

    /** Whether force unit access is asked; not for CDBs of six bytes, which have no such bit. */
    public static boolean fua(byte[] cdb) {
        return (cdb[1] & FUA) != 0;
    }

    /** What VERIFY and WRITE AND VERIFY are to compare (BYTCHK), 0 to 3. */
    public static int byteCheck(byte[] cdb) {
        return cdb[1] >> 1 & 3;
    }

    /** Whether what WRITE SAME writes may be given back (UNMAP). */
    public static boolean unmaps(byte[] cdb) {
        return (cdb[1] & UNMAP) != 0;
    }

    /** Whether WRITE SAME (16) has no data (NDOB). */
    public static boolean noData(byte[] cdb) {
        return (cdb[0] & 0xff) == 0x93 && (cdb[1] & 0x01) != 0;
    }

    /** Whether START STOP UNIT stops, and writes to the medium first what is cached (START and NO_FLUSH are 0). */
    public static boolean stopsAndFlushes(byte[] cdb) {
        return (cdb[4] & 0x05) == 0;
    }

    /** Makes the CDB of an operation with everything else 0. */
    public static byte[] of(Operation operation) {
        byte[] cdb = new byte[operation.length()];
        put(cdb, operation);
        return cdb;
    }

    /**
     * Makes the CDB of an operation on a range of blocks.
     *
     * @param lba as many bits as the CDB has for it: 21, 32 or 64
     * @param blocks 1 to 256 in a CDB of six bytes, else as many bits as the CDB has for it: 16 or 32
     * @param flags of byte 1
     * @throws IllegalArgumentException if a number does not fit
     */
    public static byte[] range(Operation operation, long lba, long blocks, int flags) {
        byte[] cdb = new byte[operation.length()];
        putRange(cdb, operation, lba, blocks, flags);
        if (lba(cdb) != lba || blocks(cdb) != blocks) {
            throw new IllegalArgumentException(
                    blocks + " blocks at " + Long.toUnsignedString(lba) + " do not fit into " + operation.title());
        }
        return cdb;
    }

    /**
     * Writes the CDB of an operation on a range of blocks; allocates nothing.
     *
     * @param cdb as long as the CDB at least; what is behind it is set to 0
     * @param lba fits
     * @param blocks fits
     * @param flags of byte 1
     */
    public static void putRange(byte[] cdb, Operation operation, long lba, long blocks, int flags) {
        put(cdb, operation);
        cdb[1] |= (byte) flags;
        switch (group(cdb)) {
            case 0 -> {
                BigEndian.put24(cdb, 1, (int) lba);
                cdb[4] = (byte) blocks;
            }
            case 1, 2 -> {
                BigEndian.put32(cdb, 2, lba);
                BigEndian.put16(cdb, 7, (int) blocks);
            }
            case 4 -> {
                BigEndian.put64(cdb, 2, lba);
                BigEndian.put32(cdb, 10, blocks);
            }
            default -> {
                BigEndian.put32(cdb, 2, lba);
                BigEndian.put32(cdb, 6, blocks);
            }
        }
    }

    /** Writes the CDB of an operation that reads or sends parameters, of a length that fits; allocates nothing. */
    public static void putParameters(byte[] cdb, Operation operation, long length) {
        put(cdb, operation);
        putLength(cdb, operation, length);
    }

    private static void put(byte[] cdb, Operation operation) {
        Arrays.fill(cdb, (byte) 0);
        cdb[0] = (byte) operation.code();
        if (operation.action() != Operation.NO_ACTION) {
            cdb[1] = (byte) operation.action();
        }
    }

    /**
     * Makes the CDB of INQUIRY for a page of vital product data (SPC-5, 6.7).
     *
     * @param page 0 to 255
     */
    public static byte[] inquiryPage(int page, int length) {
        byte[] cdb = parameters(Operation.INQUIRY, length);
        cdb[1] = 1;
        cdb[2] = (byte) page;
        return cdb;
    }

    /**
     * Makes the CDB of MODE SENSE (6) for the current values of a page, without block descriptors (SPC-5, 6.13).
     *
     * @param page 0 to 63
     */
    public static byte[] modePage(int page, int length) {
        byte[] cdb = parameters(Operation.MODE_SENSE_6, length);
        cdb[1] = 0x08;
        cdb[2] = (byte) page;
        return cdb;
    }

    /**
     * Makes the CDB of an operation that reads or sends parameters.
     *
     * @param length the allocation length or the parameter list length
     * @throws IllegalArgumentException if it has none, or the length does not fit
     */
    public static byte[] parameters(Operation operation, long length) {
        byte[] cdb = of(operation);
        putLength(cdb, operation, length);
        return cdb;
    }

    /** The allocation length or the parameter list length of an operation that has one; 0 if it has none. */
    public static long length(Operation operation, byte[] cdb) {
        int at = lengthAt(operation);
        return switch (at) {
            case 0 -> 0;
            case 4 -> BigEndian.u8(cdb, at);
            case 3, 7 -> BigEndian.u16(cdb, at);
            default -> BigEndian.u32(cdb, at);
        };
    }

    /** Where the allocation length or the parameter list length of an operation stands; 0 if it has none. */
    public static int lengthAt(Operation operation) {
        return switch (operation) {
            case REQUEST_SENSE, MODE_SELECT_6, MODE_SENSE_6 -> 4;
            case INQUIRY -> 3;
            case UNMAP,
                    LOG_SENSE,
                    MODE_SELECT_10,
                    MODE_SENSE_10,
                    PERSISTENT_RESERVE_IN_READ_KEYS,
                    PERSISTENT_RESERVE_IN_READ_RESERVATION,
                    PERSISTENT_RESERVE_IN_REPORT_CAPABILITIES,
                    PERSISTENT_RESERVE_IN_READ_FULL_STATUS -> 7;
            case PERSISTENT_RESERVE_OUT_REGISTER,
                    PERSISTENT_RESERVE_OUT_RESERVE,
                    PERSISTENT_RESERVE_OUT_RELEASE,
                    PERSISTENT_RESERVE_OUT_CLEAR,
                    PERSISTENT_RESERVE_OUT_PREEMPT,
                    PERSISTENT_RESERVE_OUT_PREEMPT_AND_ABORT,
                    PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE,
                    PERSISTENT_RESERVE_OUT_REGISTER_AND_MOVE -> 5;
            case READ_CAPACITY_16, GET_LBA_STATUS -> 10;
            case REPORT_LUNS,
                    REPORT_TARGET_PORT_GROUPS,
                    REPORT_SUPPORTED_OPERATION_CODES,
                    REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS -> 6;
            default -> 0;
        };
    }

    private static void putLength(byte[] cdb, Operation operation, long length) {
        int at = lengthAt(operation);
        switch (at) {
            case 0 -> throw new IllegalArgumentException(operation.title() + " has no length");
            case 4 -> cdb[at] = (byte) length;
            case 3, 7 -> BigEndian.put16(cdb, at, (int) length);
            default -> BigEndian.put32(cdb, at, length);
        }
        if (length(operation, cdb) != length) {
            throw new IllegalArgumentException(operation.title() + " with a length of " + length);
        }
    }

    private static int group(byte[] cdb) {
        return cdb[0] >> 5 & 7;
    }
}
