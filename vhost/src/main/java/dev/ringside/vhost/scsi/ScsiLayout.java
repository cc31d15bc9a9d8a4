package dev.ringside.vhost.scsi;

/**
 * Numbers of the virtio SCSI host device (virtio 1.2, 5.6).
 *
 * <pre>
 *  request:   u8 lun[8], u64 id, u8 task_attr, u8 prio, u8 crn, u8 cdb[32] | data out
 *  response:  u32 sense_len, u32 residual, u16 status_qualifier, u8 status, u8 response, u8 sense[96] | data in
 *  task management:   u32 type, u32 subtype, u8 lun[8], u64 id | u8 response
 *  notifications:     u32 type, u8 lun[8], u32 requested | u32 actual, u8 response
 *  event:     u32 event, u8 lun[8], u32 reason
 * </pre>
 */
public final class ScsiLayout {
    /** Bytes of a request's header. */
    public static final int REQUEST_BYTES = 51;
    /** Offset in it of the id. */
    public static final int ID = 8;
    /** Offset in it of the CDB. */
    public static final int CDB = 19;
    /** Bytes of the CDB. */
    public static final int CDB_BYTES = 32;
    /** Bytes of a response's header. */
    public static final int RESPONSE_BYTES = 108;
    /** Offset in it of the sense data. */
    public static final int SENSE = 12;
    /** Room for sense data. */
    public static final int SENSE_BYTES = 96;

    /** Control request: task management function. */
    public static final int T_TMF = 0;
    /** Control request: which notifications there can be. */
    public static final int T_AN_QUERY = 1;
    /** Control request: which notifications are wanted. */
    public static final int T_AN_SUBSCRIBE = 2;
    /** Bytes of a task management request. */
    public static final int TMF_BYTES = 24;
    /** Bytes of a request for notifications, and of the answer. */
    public static final int AN_BYTES = 16;
    /** Bytes of the answer to a request for notifications. */
    public static final int AN_RESPONSE_BYTES = 5;
    /** Bytes of an event. */
    public static final int EVENT_BYTES = 16;

    /** Task management function: abort a task. */
    public static final int ABORT_TASK = 0;
    /** Task management function: abort the tasks of the initiator. */
    public static final int ABORT_TASK_SET = 1;
    /** Task management function: clear an auto contingent allegiance. */
    public static final int CLEAR_ACA = 2;
    /** Task management function: abort everybody's tasks. */
    public static final int CLEAR_TASK_SET = 3;
    /** Task management function: reset the nexus. */
    public static final int I_T_NEXUS_RESET = 4;
    /** Task management function: reset the logical unit. */
    public static final int LOGICAL_UNIT_RESET = 5;
    /** Task management function: is a task there. */
    public static final int QUERY_TASK = 6;
    /** Task management function: is any task there. */
    public static final int QUERY_TASK_SET = 7;

    /** Response: there is a status. */
    public static final int S_OK = 0;
    /** Response: the buffers are too small. */
    public static final int S_OVERRUN = 1;
    /** Response: aborted. */
    public static final int S_ABORTED = 2;
    /** Response: there is no such target. */
    public static final int S_BAD_TARGET = 3;
    /** Response: aborted by a reset. */
    public static final int S_RESET = 4;
    /** Response: failed for another reason. */
    public static final int S_FAILURE = 9;
    /** Response to a function: it succeeded, and there is something. */
    public static final int S_FUNCTION_SUCCEEDED = 10;
    /** Response to a function: there is no such function. */
    public static final int S_FUNCTION_REJECTED = 11;
    /** Response to a function: there is no such logical unit. */
    public static final int S_INCORRECT_LUN = 12;

    /** Event: none. */
    public static final int NO_EVENT = 0;
    /** Event: a unit has come or gone, or was reset. */
    public static final int TRANSPORT_RESET = 1;
    /** Event: a unit's parameters have changed. */
    public static final int PARAM_CHANGE = 3;
    /** Bit of an event: others were lost. */
    public static final int EVENTS_MISSED = 0x8000_0000;
    /** Reason of a transport reset: look for a unit. */
    public static final int RESCAN = 1;
    /** Reason of a transport reset: a unit is gone. */
    public static final int REMOVED = 2;

    /** Feature VIRTIO_SCSI_F_INOUT. */
    public static final long INOUT = 1L;
    /** Feature VIRTIO_SCSI_F_HOTPLUG. */
    public static final long HOTPLUG = 1L << 1;
    /** Feature VIRTIO_SCSI_F_CHANGE. */
    public static final long CHANGE = 1L << 2;

    /** The control queue. */
    public static final int CONTROL_QUEUE = 0;
    /** The event queue. */
    public static final int EVENT_QUEUE = 1;
    /** The first request queue. */
    public static final int FIRST_REQUEST_QUEUE = 2;
    /** Most queues of a vhost-user device: a message names one in eight bits. */
    public static final int MAX_QUEUES = 256;
    /** Targets of a device. */
    public static final int TARGETS = 256;

    private ScsiLayout() {}
}
