package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * Port facts (mpi2_ioc.h). Port enable concerns all ports.
 *
 * <pre>
 *   request: 0x06 PortNumber     reply: 0x06 PortNumber   0x15 PortType
 * </pre>
 */
public final class PortFacts {
    public static final int PORT_NUMBER = 0x06;
    public static final int PORT_TYPE = 0x15;
    /** Bytes of the reply. */
    public static final int REPLY_BYTES = 0x1c;

    public static final int PORT_TYPE_SAS_PHYSICAL = 0x30;
    public static final int PORT_TYPE_SAS_VIRTUAL = 0x31;
    public static final int PORT_TYPE_TRI_MODE = 0x40;

    private PortFacts() {}
}
