package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * Port facts and port enable (mpi_ioc.h).
 *
 * <pre>
 *   request: 0x06 PortNumber     facts reply: 0x15 PortType   0x1a ProtocolFlags (16)
 * </pre>
 */
public final class PortFacts {
    public static final int PORT_NUMBER = 0x06;
    /** Bytes of the reply to port facts. */
    public static final int REPLY_BYTES = 0x28;

    public static final int PORT_TYPE = 0x15;
    public static final int PROTOCOL_FLAGS = 0x1a;

    public static final int PORT_TYPE_SAS = 0x30;
    public static final int PROTOCOL_INITIATOR = 0x08;

    private PortFacts() {}
}
