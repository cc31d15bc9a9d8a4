package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * Event notification (mpi2_ioc.h): what is told is laid out by {@link dev.ringside.bdev.scsi.mpi.EventMessage}.
 *
 * <pre>
 *   notification request: 0x14 EventMasks (4 words): a bit that is set keeps the IOC from telling of an event
 *
 *   SAS device status change:  0x02 ReasonCode  0x04 ASC  0x05 ASCQ  0x06 DevHandle (16)
 *   SAS discovery:             0x01 ReasonCode
 *   SAS broadcast primitive:   0x03 Primitive
 *   SAS topology change list:  0x00 EnclosureHandle (16)  0x02 ExpanderDevHandle (16)  0x04 NumPhys
 *                              0x08 NumEntries  0x09 StartPhyNum  0x0a ExpStatus
 *                              0x0b PhysicalPort
 *                              0x0c entries: 0 AttachedDevHandle (16)  2 LinkRate  3 PhyStatus
 * </pre>
 */
public final class Event {
    public static final int EVENT_MASKS = 0x14;
    public static final int EVENT_MASK_WORDS = 4;

    public static final int EVENT_CHANGE = 0x0a;
    public static final int SAS_DEVICE_STATUS_CHANGE = 0x0f;
    public static final int SAS_DISCOVERY = 0x16;
    public static final int SAS_BROADCAST_PRIMITIVE = 0x17;
    public static final int SAS_TOPOLOGY_CHANGE_LIST = 0x1c;

    public static final int STATUS_REASON = 0x02;
    public static final int STATUS_ASC = 0x04;
    public static final int STATUS_ASCQ = 0x05;
    public static final int STATUS_DEV_HANDLE = 0x06;
    /** A device expects to fail, as its ASC and ASCQ say. */
    public static final int REASON_SMART_DATA = 0x05;
    /** A reset of a device by the IOC itself has ended. */
    public static final int REASON_CMP_INTERNAL_DEV_RESET = 0x0e;

    public static final int DISCOVERY_REASON = 0x01;
    public static final int DISCOVERY_STARTED = 0x01;
    public static final int DISCOVERY_COMPLETED = 0x02;

    public static final int BROADCAST_PRIMITIVE = 0x03;
    public static final int PRIMITIVE_ASYNCHRONOUS_EVENT = 0x04;

    public static final int TOPO_ENCLOSURE_HANDLE = 0x00;
    public static final int TOPO_EXPANDER_DEV_HANDLE = 0x02;
    public static final int TOPO_NUM_PHYS = 0x04;
    public static final int TOPO_NUM_ENTRIES = 0x08;
    public static final int TOPO_START_PHY_NUM = 0x09;
    public static final int TOPO_EXP_STATUS = 0x0a;
    public static final int TOPO_PHYSICAL_PORT = 0x0b;
    public static final int TOPO_ENTRIES = 0x0c;
    /** Bytes of an entry. */
    public static final int TOPO_ENTRY_BYTES = 4;

    public static final int ENTRY_LINK_RATE = 2;
    public static final int ENTRY_PHY_STATUS = 3;

    public static final int ES_NO_EXPANDER = 0x00;
    public static final int ES_ADDED = 0x01;
    public static final int ES_NOT_RESPONDING = 0x02;
    public static final int ES_RESPONDING = 0x03;
    /** The IOC waits for the device missing delay before it says that the expander does not respond. */
    public static final int ES_DELAY_NOT_RESPONDING = 0x04;

    /** The slowest rate of a link that works; what is less says why there is none. */
    public static final int LINK_RATE_1_5 = 0x08;

    public static final int LINK_RATE_12_0 = 0x0b;
    public static final int LINK_RATE_CURRENT_SHIFT = 4;

    public static final int PHY_STATUS_VACANT = 0x80;
    public static final int RC_MASK = 0x0f;
    public static final int RC_TARG_ADDED = 0x01;
    public static final int RC_TARG_NOT_RESPONDING = 0x02;
    public static final int RC_PHY_CHANGED = 0x03;
    public static final int RC_NO_CHANGE = 0x04;
    /** The IOC waits for the device missing delay before it says that the target does not respond. */
    public static final int RC_DELAY_NOT_RESPONDING = 0x05;

    private Event() {}
}
