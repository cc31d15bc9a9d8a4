package dev.ringside.bdev.scsi;

/**
 * How hosts are driven.
 *
 * @param ioTimeoutMs after this time a command is put right, from its abort upwards; twice the time for commands that work on many
 *     blocks; at least 1
 * @param taskTimeoutMs after this time without an answer to a task management function the adapter is reset; at least 1
 * @param retries how often a command that failed for a passing reason is tried again, 0 to 1,000
 * @param patienceMs how long a command is tried that finds its device busy or not ready; at least 0
 * @param interrupts whether the end of commands is told by interrupts, where an adapter has them, so that a reactor can sleep
 *     meanwhile
 */
public record ScsiOptions(int ioTimeoutMs, int taskTimeoutMs, int retries, int patienceMs, boolean interrupts) {

    /** For disks that nobody knows anything about. */
    public static final ScsiOptions DEFAULT = new ScsiOptions(30_000, 10_000, 5, 60_000, false);

    /** Checks the ranges. */
    public ScsiOptions {
        if (ioTimeoutMs < 1 || taskTimeoutMs < 1) {
            throw new IllegalArgumentException("a time-out is less than 1 ms");
        }
        if (retries < 0 || retries > 1000) {
            throw new IllegalArgumentException(retries + " retries: 0 to 1000 is allowed");
        }
        if (patienceMs < 0) {
            throw new IllegalArgumentException("patience of " + patienceMs + " ms: 0 or more is allowed");
        }
    }

    /** The same, with or without interrupts. */
    public ScsiOptions withInterrupts(boolean wanted) {
        return new ScsiOptions(ioTimeoutMs, taskTimeoutMs, retries, patienceMs, wanted);
    }
}
