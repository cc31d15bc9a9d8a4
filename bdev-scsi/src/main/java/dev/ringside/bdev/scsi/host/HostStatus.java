package dev.ringside.bdev.scsi.host;

/** How a command fared on the way between adapter and device. */
public final class HostStatus {
    /** The device had it and answered: the SCSI status counts. A shorter transfer than asked for is no error here. */
    public static final int DELIVERED = 0;
    /** There is no such device: it does not answer, or has gone. */
    public static final int NO_DEVICE = 1;
    /** The adapter could not take it now: out of resources. It was not carried out. */
    public static final int BUSY = 2;
    /** The link or the protocol failed on the way; it may have been carried out. */
    public static final int TRANSPORT_ERROR = 3;
    /** Ended by a task management function, by a reset, or by the adapter itself; it may have been carried out. */
    public static final int ABORTED = 4;
    /** The device had more data than there is room for. */
    public static final int OVERRUN = 5;
    /** The adapter refuses it, and would again. */
    public static final int REJECTED = 6;

    private HostStatus() {}
}
