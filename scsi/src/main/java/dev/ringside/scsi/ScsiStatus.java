package dev.ringside.scsi;

/** Status codes of a command (SAM-6, 5.3.1). */
public final class ScsiStatus {
    /** Done. */
    public static final int GOOD = 0x00;
    /** Failed; the sense data says why. */
    public static final int CHECK_CONDITION = 0x02;
    /** Done, and what was asked for is so. */
    public static final int CONDITION_MET = 0x04;
    /** Not now. */
    public static final int BUSY = 0x08;
    /** Another initiator has reserved the logical unit. */
    public static final int RESERVATION_CONFLICT = 0x18;
    /** There is no room for the command. */
    public static final int TASK_SET_FULL = 0x28;
    /** An auto contingent allegiance is active. */
    public static final int ACA_ACTIVE = 0x30;
    /** Aborted by a command of another initiator. */
    public static final int TASK_ABORTED = 0x40;

    private ScsiStatus() {}
}
