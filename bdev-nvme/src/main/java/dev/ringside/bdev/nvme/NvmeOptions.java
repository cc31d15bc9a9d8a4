package dev.ringside.bdev.nvme;

/**
 * How controllers are driven.
 *
 * @param queueEntries entries of an I/O queue, 2 to 65,536; a controller may allow fewer
 * @param ioTimeoutMs after this time a command is aborted, and after twice the time the controller is reset; at least 1
 * @param adminTimeoutMs after this time without an answer to an admin command the controller is reset; at least 1
 * @param retries how often a command that failed for a passing reason is tried again, 0 to 1,000
 * @param interrupts whether the end of commands is told by interrupts, so that a reactor can sleep meanwhile
 */
public record NvmeOptions(int queueEntries, int ioTimeoutMs, int adminTimeoutMs, int retries, boolean interrupts) {

    /** For drives that nobody knows anything about. */
    public static final NvmeOptions DEFAULT = new NvmeOptions(256, 30_000, 30_000, 4, false);

    /** Checks the ranges. */
    public NvmeOptions {
        if (queueEntries < 2 || queueEntries > 65_536) {
            throw new IllegalArgumentException("queue of " + queueEntries + " entries: 2 to 65536 is allowed");
        }
        if (ioTimeoutMs < 1 || adminTimeoutMs < 1) {
            throw new IllegalArgumentException("a time-out is less than 1 ms");
        }
        if (retries < 0 || retries > 1000) {
            throw new IllegalArgumentException(retries + " retries: 0 to 1000 is allowed");
        }
    }

    /** The same, with or without interrupts. */
    public NvmeOptions withInterrupts(boolean wanted) {
        return new NvmeOptions(queueEntries, ioTimeoutMs, adminTimeoutMs, retries, wanted);
    }
}
