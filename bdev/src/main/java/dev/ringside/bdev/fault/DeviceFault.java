package dev.ringside.bdev.fault;

/**
 * A fault of a device, as its driver sees it, while it is given. Any thread.
 *
 * @param run when it is, and how often it has hit: accesses of registers
 */
public record DeviceFault(Kind kind, FaultRun run) {
    /** What is wrong with a device. */
    public enum Kind {
        /** What is written to a register does not arrive: a doorbell is not heard, say. */
        LOST_WRITES,
        /** Nothing answers: registers read as all ones, and what is written does not arrive. */
        GONE
    }
}
