package dev.ringside.bdev.nvme.spec;

/**
 * A command (base 2.0, 3.3.3.1), little-endian.
 *
 * <pre>
 *    0        1       2           4      8          16     24     32     40 ... 60
 *   +--------+-------+-----------+------+----------+------+------+------+-------------+
 *   | opcode | flags | command id| NSID | reserved | MPTR | PRP1 | PRP2 | CDW10 to 15 |
 *   +--------+-------+-----------+------+----------+------+------+------+-------------+
 * </pre>
 */
public final class SubmissionEntry {
    public static final int CDW0 = 0;
    public static final int NSID = 4;
    public static final int MPTR = 16;
    public static final int PRP1 = 24;
    public static final int PRP2 = 32;
    public static final int CDW10 = 40;
    public static final int CDW11 = 44;
    public static final int CDW12 = 48;
    public static final int CDW13 = 52;
    public static final int CDW14 = 56;
    public static final int CDW15 = 60;
    public static final int SIZE = 64;
    public static final int SIZE_SHIFT = 6;

    /** In CDW0: where the command's identifier begins. */
    public static final int CID_SHIFT = 16;

    /** Flag of CDW0: the data pointer is an SGL descriptor (PSDT 01b), not two PRP entries. */
    public static final int PSDT_SGL = 1 << 14;

    private SubmissionEntry() {}
}
