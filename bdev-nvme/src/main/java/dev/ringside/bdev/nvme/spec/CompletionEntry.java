package dev.ringside.bdev.nvme.spec;

/**
 * The end of a command (base 2.0, 3.3.3.2), little-endian.
 *
 * <pre>
 *    0        4          8         10      12           14
 *   +--------+----------+---------+-------+------------+------------------+
 *   | DW0    | reserved | SQ head | SQ id | command id | status and phase |
 *   +--------+----------+---------+-------+------------+------------------+
 * </pre>
 */
public final class CompletionEntry {
    public static final int DW0 = 0;
    public static final int SQ_HEAD = 8;
    public static final int SQ_ID = 10;
    public static final int COMMAND_ID = 12;
    public static final int STATUS = 14;
    public static final int SIZE = 16;
    public static final int SIZE_SHIFT = 4;

    /** In the status: changes with each pass through the queue. */
    public static final int PHASE = 1;

    private CompletionEntry() {}
}
