package dev.ringside.vhost.wire;

/**
 * Header of every message (vhost-user, "Message Specification").
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                            request                            |
 *  +---+-+-+-------------------------------------------------------+
 *  |ver|R|N|                         flags                         |
 *  +---+-+-+-------------------------------------------------------+
 *  |                    size of what follows                       |
 *  +---------------------------------------------------------------+
 *
 *   R: a reply   N: the sender wants a reply
 * </pre>
 */
public final class MessageHeader {
    /** Offset of the 32-bit request code. */
    public static final int REQUEST = 0;
    /** Offset of the 32-bit flags. */
    public static final int FLAGS = 4;
    /** Offset of the 32-bit payload size. */
    public static final int SIZE = 8;
    /** Bytes of the header. */
    public static final int BYTES = 12;

    /** The version, in the low two bits of the flags. */
    public static final int VERSION = 0x1;
    /** The bits of the flags that hold the version. */
    public static final int VERSION_MASK = 0x3;
    /** Flag: this is a reply. */
    public static final int REPLY = 0x4;
    /** Flag: the sender wants a reply (VHOST_USER_PROTOCOL_F_REPLY_ACK). */
    public static final int NEED_REPLY = 0x8;

    private MessageHeader() {}
}
