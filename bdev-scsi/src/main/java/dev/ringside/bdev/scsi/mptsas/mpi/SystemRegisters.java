package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * System interface registers of an I/O controller (IOC), behind the first memory BAR (mpi.h).
 *
 * <pre>
 *   0x00 Doorbell               read: state, who initialised it, data; write: function, data
 *   0x04 WriteSequence          opens Diagnostic when five keys were written
 *   0x08 Diagnostic
 *   0x30 HostInterruptStatus    0x34 HostInterruptMask
 *   0x40 RequestFIFO            write: address of a request frame
 *   0x44 ReplyFIFO              read: a reply that was posted; write: address of a free reply frame
 *   0x48 HiPriRequestFIFO       as RequestFIFO, for task management, where IOC facts say that it is there
 * </pre>
 */
public final class SystemRegisters {
    public static final int DOORBELL = 0x00;
    public static final int WRITE_SEQUENCE = 0x04;
    public static final int DIAGNOSTIC = 0x08;
    public static final int HOST_INTERRUPT_STATUS = 0x30;
    public static final int HOST_INTERRUPT_MASK = 0x34;
    public static final int REQUEST_FIFO = 0x40;
    public static final int REPLY_FIFO = 0x44;
    public static final int HIGH_PRIORITY_REQUEST_FIFO = 0x48;

    /** Bytes of the registers that are used. */
    public static final int BYTES = 0x80;

    /** The state in the doorbell. */
    public static final int IOC_STATE_MASK = 0xf000_0000;

    public static final int IOC_STATE_RESET = 0;
    public static final int IOC_STATE_READY = 0x1000_0000;
    public static final int IOC_STATE_OPERATIONAL = 0x2000_0000;
    public static final int IOC_STATE_FAULT = 0x4000_0000;

    /** A handshake is going on. */
    public static final int DOORBELL_ACTIVE = 0x0800_0000;
    /** In the state FAULT the fault code, and in a handshake half a word of the reply. */
    public static final int DOORBELL_DATA_MASK = 0xffff;

    public static final int DOORBELL_FUNCTION_SHIFT = 24;
    public static final int DOORBELL_ADD_DWORDS_SHIFT = 16;
    public static final int DOORBELL_ADD_DWORDS_MASK = 0xff_0000;

    /** Set while the IOC has not taken what was written to the doorbell last. */
    public static final int HIS_IOP_DOORBELL_STATUS = 0x8000_0000;

    public static final int HIS_REPLY_MESSAGE_INTERRUPT = 0x8;
    /** The IOC wrote to the doorbell; cleared by any write to the status. */
    public static final int HIS_DOORBELL_INTERRUPT = 0x1;

    public static final int HIM_REPLY = 0x8;
    public static final int HIM_DOORBELL = 0x1;

    public static final int DIAG_DRWE = 0x80;
    public static final int DIAG_RESET_HISTORY = 0x20;
    public static final int DIAG_RESET_ADAPTER = 0x04;

    /** What opens the diagnostic register, in this order. */
    private static final int[] WRITE_SEQUENCE_KEYS = {0x4, 0xb, 0x2, 0x7, 0xd};

    /** A reply FIFO entry with this bit is half the address of a reply frame, else the context of a request that is done. */
    public static final int ADDRESS_REPLY = 0x8000_0000;
    /** What the reply FIFO gives when it is empty; also when the IOC is gone. */
    public static final int REPLY_FIFO_EMPTY = -1;

    private SystemRegisters() {}

    /** How many keys there are. */
    public static int keys() {
        return WRITE_SEQUENCE_KEYS.length;
    }

    /** Key {@code i} of the write sequence, from 0. */
    public static int key(int i) {
        return WRITE_SEQUENCE_KEYS[i];
    }
}
