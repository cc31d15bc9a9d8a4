package dev.ringside.bdev.scsi.mpi;

/**
 * What all messages have in common (mpi.h): little-endian words.
 *
 * <pre>
 *   request                                    reply
 *   0x02 ChainOffset  0x03 Function            0x02 MsgLength  0x03 Function
 *   0x07 MsgFlags     0x08 MsgContext (32)     0x07 MsgFlags   0x08 MsgContext (32)
 *                                              0x0e IOCStatus (16)  0x10 IOCLogInfo (32)
 * </pre>
 */
public final class Message {
    public static final int CHAIN_OFFSET = 0x02;
    /** Length of a reply in words of 32 bits. */
    public static final int MSG_LENGTH = 0x02;

    public static final int FUNCTION = 0x03;
    public static final int MSG_FLAGS = 0x07;
    public static final int MSG_CONTEXT = 0x08;
    public static final int IOC_STATUS = 0x0e;
    public static final int IOC_LOG_INFO = 0x10;

    /** Bytes of the shortest request, and of the shortest reply. */
    public static final int REQUEST_BYTES = 0x0c;

    public static final int REPLY_BYTES = 0x14;

    public static final int FUNCTION_SCSI_IO_REQUEST = 0x00;
    public static final int FUNCTION_SCSI_TASK_MGMT = 0x01;
    public static final int FUNCTION_IOC_INIT = 0x02;
    public static final int FUNCTION_IOC_FACTS = 0x03;
    public static final int FUNCTION_CONFIG = 0x04;
    public static final int FUNCTION_PORT_FACTS = 0x05;
    public static final int FUNCTION_PORT_ENABLE = 0x06;
    public static final int FUNCTION_EVENT_NOTIFICATION = 0x07;
    public static final int FUNCTION_EVENT_ACK = 0x08;
    /** Written to the doorbell, not sent as messages. */
    public static final int FUNCTION_IOC_MESSAGE_UNIT_RESET = 0x40;

    public static final int FUNCTION_HANDSHAKE = 0x42;

    private Message() {}
}
