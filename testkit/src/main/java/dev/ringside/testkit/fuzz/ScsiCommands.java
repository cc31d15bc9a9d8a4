package dev.ringside.testkit.fuzz;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.vhost.scsi.ScsiLayout;
import dev.ringside.vhost.scsi.VirtioLun;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** Commands for disks as {@link FuzzUnits} has them: CDBs, most of them right, and the data that belongs to them. */
final class ScsiCommands {
    /** Blocks of a disk, and bytes of a block. */
    static final int BLOCKS = 8192;

    static final int BLOCK = 512;

    private static final byte[] NO_LIST = new byte[0];
    private static final Operation[] ALL = Operation.values();
    private static final Operation[] BUSY = {
        Operation.READ_10,
        Operation.READ_16,
        Operation.WRITE_10,
        Operation.WRITE_16,
        Operation.WRITE_SAME_16,
        Operation.UNMAP,
        Operation.VERIFY_16,
        Operation.WRITE_AND_VERIFY_16,
        Operation.COMPARE_AND_WRITE,
        Operation.INQUIRY,
        Operation.MODE_SELECT_10,
        Operation.PERSISTENT_RESERVE_OUT_REGISTER
    };
    /** Those whose CDB names a range of blocks. */
    private static final Set<Operation> RANGES = ranges();

    /** Pages that there are, of INQUIRY, MODE SENSE and LOG SENSE. */
    private static final int[] PAGES = {
        0x00, 0x01, 0x02, 0x03, 0x05, 0x08, 0x0a, 0x0d, 0x1c, 0x2f, 0x3f, 0x80, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
        0xb0, 0xb1, 0xb2
    };

    private static final int[] LENGTHS = {0, 1, 4, 8, 18, 36, 96, 252, 255, 512, 4096, 0xffff};
    private static final int RESERVATION_TYPE_AT = 2;

    private final Dice dice;
    private final ParameterLists lists;
    private byte[] cdb = new byte[ScsiLayout.CDB_BYTES];
    private byte[] list = NO_LIST;
    private long outBytes;
    private long inBytes;

    ScsiCommands(Dice dice) {
        this.dice = dice;
        this.lists = new ParameterLists(dice);
    }

    private static Set<Operation> ranges() {
        Set<Operation> ranges = EnumSet.noneOf(Operation.class);
        for (Operation each : ALL) {
            byte[] cdb = new byte[ScsiLayout.CDB_BYTES];
            Cdb.putRange(cdb, each, 1, 1, 0);
            if (each.reservedBit(cdb) == FieldPointer.NONE && Cdb.lengthAt(each) == 0) {
                ranges.add(each);
            }
        }
        return ranges;
    }

    /** The CDB, with what is behind it up to the size that the device has for one. */
    byte[] cdb() {
        return cdb;
    }

    /** The parameter list; empty if the command sends none. */
    byte[] list() {
        return list;
    }

    /** Bytes that the command sends, be it a list or blocks. */
    long outBytes() {
        return outBytes;
    }

    /** Bytes that the command asks for. */
    long inBytes() {
        return inBytes;
    }

    /** Draws the next command. */
    void draw() {
        list = NO_LIST;
        outBytes = 0;
        inBytes = 0;
        if (dice.oneIn(24)) {
            cdb = dice.bytes(ScsiLayout.CDB_BYTES);
            outBytes = dice.below(2048);
            inBytes = dice.below(2048);
            return;
        }
        cdb = new byte[ScsiLayout.CDB_BYTES];
        Operation operation = dice.oneIn(3) ? ALL[dice.below(ALL.length)] : BUSY[dice.below(BUSY.length)];
        if (operation.code() == 0x15
                || operation.code() == 0x55
                || operation.code() == 0x5f
                || operation == Operation.UNMAP) {
            sendsList(operation);
        } else if (RANGES.contains(operation)) {
            range(operation);
        } else {
            parameters(operation);
        }
        spoil(operation);
    }

    private void sendsList(Operation operation) {
        list = lists.of(operation);
        outBytes = list.length;
        Cdb.putParameters(cdb, operation, length(operation, dice.oneIn(6) ? anyLength() : list.length));
        if (operation == Operation.MODE_SELECT_6 || operation == Operation.MODE_SELECT_10) {
            cdb[1] |= (byte) (dice.oneIn(6) ? dice.below(256) : 0x10);
        } else if (operation != Operation.UNMAP) {
            cdb[RESERVATION_TYPE_AT] = (byte) (dice.oneIn(6) ? dice.below(256) : dice.pick(1, 3, 5, 6, 7, 8));
        }
    }

    private void range(Operation operation) {
        int flags = operation.length() > 6 && dice.oneIn(3)
                ? dice.below(256) & operation.usage()[1]
                : 0;
        long blocks = blocks();
        Cdb.putRange(cdb, operation, lba(blocks), blocks, flags);
        long bytes = Cdb.blocks(cdb) * BLOCK;
        switch (operation) {
            case READ_6, READ_10, READ_12, READ_16 -> inBytes = bytes;
            case VERIFY_10, VERIFY_12, VERIFY_16 ->
                outBytes = Cdb.byteCheck(cdb) == 0 ? 0 : Cdb.byteCheck(cdb) == 3 ? BLOCK : bytes;
            case WRITE_SAME_10, WRITE_SAME_16 -> outBytes = Cdb.noData(cdb) ? 0 : BLOCK;
            case COMPARE_AND_WRITE -> outBytes = 2 * bytes;
            case PRE_FETCH_10, PRE_FETCH_16, SYNCHRONIZE_CACHE_10, SYNCHRONIZE_CACHE_16 -> outBytes = 0;
            default -> outBytes = bytes;
        }
    }

    private void parameters(Operation operation) {
        if (Cdb.lengthAt(operation) == 0) {
            System.arraycopy(Cdb.of(operation), 0, cdb, 0, operation.length());
            inBytes = operation == Operation.READ_CAPACITY_10 ? 8 : 0;
        } else {
            Cdb.putParameters(cdb, operation, length(operation, anyLength()));
            inBytes = Cdb.length(operation, cdb);
        }
        byte[] usage = operation.usage();
        if (operation.action() == Operation.NO_ACTION) {
            cdb[1] |= (byte) (dice.below(256) & usage[1]);
        }
        cdb[2] |= (byte) ((dice.coin() ? dice.pick(PAGES) : dice.below(256)) & usage[2]);
        switch (operation) {
            case GET_LBA_STATUS -> BigEndian.put64(cdb, 2, lba(0));
            case START_STOP_UNIT -> cdb[4] = (byte) (dice.oneIn(4) ? dice.below(256) & usage[4] : 1);
            case REPORT_SUPPORTED_OPERATION_CODES -> {
                Operation about = ALL[dice.below(ALL.length)];
                cdb[3] = (byte) about.code();
                cdb[5] = (byte) Math.max(about.action(), 0);
            }
            default -> {}
        }
    }

    /** Makes something of a right CDB that it is not, now and then. */
    private void spoil(Operation operation) {
        if (dice.oneIn(16)) {
            cdb[dice.below(operation.length())] ^= (byte) (1 << dice.below(8));
        }
        if (operation.action() != Operation.NO_ACTION && dice.oneIn(16)) {
            cdb[1] = (byte) ((cdb[1] & 0xe0) | dice.below(32));
        }
        if (dice.oneIn(32)) {
            Arrays.fill(cdb, operation.length(), cdb.length, (byte) dice.below(256));
        }
    }

    private int anyLength() {
        return dice.oneIn(4) ? dice.below(1024) : dice.pick(LENGTHS);
    }

    /** A length, cut to the bits that an operation has for it. */
    private static long length(Operation operation, long length) {
        return switch (Cdb.lengthAt(operation)) {
            case 4 -> length & 0xff;
            case 3, 7 -> length & 0xffff;
            default -> length & 0xffff_ffffL;
        };
    }

    private long blocks() {
        return switch (dice.below(16)) {
            case 0 -> 0;
            case 1 -> 256;
            case 2 -> dice.below(BLOCKS);
            case 3 -> dice.edge();
            default -> dice.below(17);
        };
    }

    /** A first block for so many: mostly inside the disk, else about its end, or so that the end is less than it. */
    private long lba(long blocks) {
        return switch (dice.below(12)) {
            case 0 -> 0;
            case 1 -> BLOCKS - 1;
            case 2 -> BLOCKS;
            case 3 -> BLOCKS - blocks;
            case 4 -> BLOCKS - blocks + 1;
            case 5 -> -blocks;
            case 6 -> dice.edge();
            default -> dice.below(BLOCKS - 17);
        };
    }

    /** The address of a logical unit: mostly of one that there is. */
    static long address(Dice dice) {
        if (!dice.oneIn(12)) {
            return dice.pick(0, 0, 0, 1) == 0 ? VirtioLun.of(0, dice.below(2)) : VirtioLun.of(1, 0);
        }
        return switch (dice.below(6)) {
            case 0 -> VirtioLun.of(0, dice.pick(2, 0x3fff));
            case 1 -> VirtioLun.of(dice.pick(2, 255), 0);
            // REPORT LUNS, of the device and of a target.
            case 2 -> 0xc101L << 48;
            case 3 -> 0x0100_c101_0000_0000L | (long) dice.below(3) << 48;
            // Peripheral device addressing.
            case 4 -> 0x0100_0000_0000_0000L | (long) dice.below(3) << 32;
            default -> dice.coin() ? dice.any() : dice.edge();
        };
    }
}
