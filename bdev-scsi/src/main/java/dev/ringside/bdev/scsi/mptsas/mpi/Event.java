package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * Event notification, its replies, and event acknowledgement (mpi_ioc.h).
 *
 * <pre>
 *   notification request: 0x00 Switch
 *   reply: 0x00 EventDataLength (16, words)  0x06 AckRequired
 *          0x14 Event (32)  0x18 EventContext (32)  0x1c Data
 *   acknowledgement request: 0x0c Event (32)  0x10 EventContext (32)
 *
 *   SAS device status change: 0 TargetID  1 Bus  2 ReasonCode
 *   SAS discovery:            0 DiscoveryStatus (32)
 * </pre>
 */
public final class Event {
    public static final int SWITCH = 0x00;
    public static final int SWITCH_ON = 0x01;

    public static final int EVENT_DATA_LENGTH = 0x00;
    public static final int ACK_REQUIRED = 0x06;
    public static final int EVENT = 0x14;
    public static final int EVENT_CONTEXT = 0x18;
    public static final int DATA = 0x1c;

    public static final int ACK_EVENT = 0x0c;
    public static final int ACK_EVENT_CONTEXT = 0x10;
    /** Bytes of an acknowledgement. */
    public static final int ACK_BYTES = 0x14;

    public static final int RESCAN = 0x06;
    public static final int EVENT_CHANGE = 0x0a;
    public static final int SAS_DEVICE_STATUS_CHANGE = 0x0f;
    public static final int SAS_PHY_LINK_STATUS = 0x12;
    public static final int SAS_DISCOVERY = 0x16;
    public static final int SAS_EXPANDER_STATUS_CHANGE = 0x1b;

    public static final int STATUS_TARGET_ID = 0x00;
    public static final int STATUS_BUS = 0x01;
    public static final int STATUS_REASON = 0x02;

    public static final int DISCOVERY_COMPLETE = 0;

    public static final int REASON_ADDED = 0x03;
    public static final int REASON_NOT_RESPONDING = 0x04;
    public static final int REASON_INTERNAL_DEVICE_RESET = 0x08;

    private Event() {}
}
