package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * Event notification (mpi_ioc.h): what is told is laid out by {@link dev.ringside.bdev.scsi.mpi.EventMessage}.
 *
 * <pre>
 *   notification request: 0x00 Switch
 *
 *   SAS device status change: 0 TargetID  1 Bus  2 ReasonCode
 *   SAS discovery:            0 DiscoveryStatus (32)
 * </pre>
 */
public final class Event {
    public static final int SWITCH = 0x00;
    public static final int SWITCH_ON = 0x01;

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
