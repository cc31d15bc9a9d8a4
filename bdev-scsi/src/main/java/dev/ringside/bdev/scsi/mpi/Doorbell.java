package dev.ringside.bdev.scsi.mpi;

/**
 * The system interface registers that all generations have (mpi.h, mpi2.h), behind the first memory BAR: the doorbell, and
 * what goes with it.
 *
 * <pre>
 *   0x00 Doorbell               read: state, who initialised it, data; write: function, data
 *   0x04 WriteSequence          opens Diagnostic when all keys were written
 *   0x08 Diagnostic
 *   0x30 HostInterruptStatus    0x34 HostInterruptMask
 * </pre>
 */
public final class Doorbell {
    public static final int DOORBELL = 0x00;
    public static final int WRITE_SEQUENCE = 0x04;
    public static final int DIAGNOSTIC = 0x08;
    public static final int HOST_INTERRUPT_STATUS = 0x30;
    public static final int HOST_INTERRUPT_MASK = 0x34;

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

    /** MPI 2: the end of a reset does not interrupt. */
    public static final int HIM_RESET_IRQ = 0x4000_0000;

    public static final int HIM_REPLY = 0x8;
    public static final int HIM_DOORBELL = 0x1;

    public static final int DIAG_DRWE = 0x80;
    public static final int DIAG_RESET_HISTORY = 0x20;
    public static final int DIAG_RESET_ADAPTER = 0x04;
    /** MPI 2: the IOC does not start. */
    public static final int DIAG_HOLD_IOC_RESET = 0x02;

    private Doorbell() {}
}
