package dev.ringside.bdev.scsi.mpi;

/**
 * An event, and the request that acknowledges it (mpi_ioc.h, mpi2_ioc.h).
 *
 * <pre>
 *   event: 0x00 EventDataLength (16, words)  0x06 AckRequired
 *          0x14 Event (MPI 1: 32, MPI 2: 16)  0x18 EventContext (32)  0x1c EventData
 *   acknowledgement: 0x0c Event  0x10 EventContext (32)
 * </pre>
 */
public final class EventMessage {
    public static final int EVENT_DATA_LENGTH = 0x00;
    public static final int ACK_REQUIRED = 0x06;
    public static final int EVENT = 0x14;
    public static final int EVENT_CONTEXT = 0x18;
    public static final int DATA = 0x1c;

    public static final int ACK_EVENT = 0x0c;
    public static final int ACK_EVENT_CONTEXT = 0x10;
    /** Bytes of an acknowledgement. */
    public static final int ACK_BYTES = 0x14;

    private EventMessage() {}
}
