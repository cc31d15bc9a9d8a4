package dev.ringside.bdev.scsi.mpt3sas.mpi;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/**
 * What an IOC says of itself (mpi2_ioc.h, IOC facts reply).
 *
 * <pre>
 *   0x00 MsgVersion (16)          0x0c IOCExceptions (16)   0x14 MaxChainDepth   0x16 NumberOfPorts  0x17 MaxMSIxVectors
 *   0x18 RequestCredit (16)       0x1a ProductID (16)       0x1c IOCCapabilities (32)  0x20 FWVersion (32)
 *   0x24 IOCRequestFrameSize (16, words)  0x26 IOCMaxChainSegmentSize (16, elements)  0x30 ProtocolFlags (16)
 *   0x32 HighPriorityCredit (16)  0x34 MaxReplyDescriptorPostQueueDepth (16)  0x36 ReplyFrameSize (words)
 *   0x38 MaxDevHandle (16)
 * </pre>
 *
 * @param msgVersion major version in the higher byte
 * @param maxChainDepth chain elements of a request
 * @param maxVectors reply descriptor post queues
 * @param requestCredit requests at once, but for those of high priority
 * @param chainElements of a chain segment; 0: it does not say
 * @param maxPostDepth entries of a reply descriptor post queue
 */
public record IocFacts(
        int msgVersion,
        int exceptions,
        int maxChainDepth,
        int numberOfPorts,
        int maxVectors,
        int requestCredit,
        int productId,
        int capabilities,
        int fwVersion,
        int requestFrameBytes,
        int chainElements,
        int protocolFlags,
        int highPriorityCredit,
        int maxPostDepth,
        int replyFrameBytes) {
    /** Bytes of the reply. */
    public static final int REPLY_BYTES = 0x44;

    public static final int MSG_VERSION = 0x00;
    public static final int IOC_EXCEPTIONS = 0x0c;
    public static final int MAX_CHAIN_DEPTH = 0x14;
    public static final int NUMBER_OF_PORTS = 0x16;
    public static final int MAX_MSIX_VECTORS = 0x17;
    public static final int REQUEST_CREDIT = 0x18;
    public static final int PRODUCT_ID = 0x1a;
    public static final int IOC_CAPABILITIES = 0x1c;
    public static final int FW_VERSION = 0x20;
    public static final int IOC_REQUEST_FRAME_SIZE = 0x24;
    public static final int IOC_MAX_CHAIN_SEGMENT_SIZE = 0x26;
    public static final int PROTOCOL_FLAGS = 0x30;
    public static final int HIGH_PRIORITY_CREDIT = 0x32;
    public static final int MAX_REPLY_DESCRIPTOR_POST_QUEUE_DEPTH = 0x34;
    public static final int REPLY_FRAME_SIZE = 0x36;
    public static final int MAX_DEV_HANDLE = 0x38;

    /** IOCCapabilities: descriptors of 32 bits can be posted by one write. */
    public static final int CAPABILITY_ATOMIC_REQ = 0x0008_0000;
    /** IOCCapabilities: a request says which queue its reply goes to. */
    public static final int CAPABILITY_MSI_X_INDEX = 0x0000_8000;

    public static final int PROTOCOL_SCSI_INITIATOR = 0x0002;

    /** MsgVersion of MPI 2.5. */
    public static final int VERSION_2_5 = 0x0205;
    /** MsgVersion of MPI 2.6. */
    public static final int VERSION_2_6 = 0x0206;
    /** ProductID: the type of product. */
    public static final int PRODUCT_TYPE_MASK = 0xf000;

    public static final int PRODUCT_TYPE_SAS = 0x2000;

    /** Takes a reply apart. */
    public static IocFacts of(MemorySegment reply) {
        return new IocFacts(
                Fields.u16(reply, MSG_VERSION),
                Fields.u16(reply, IOC_EXCEPTIONS),
                Fields.u8(reply, MAX_CHAIN_DEPTH),
                Fields.u8(reply, NUMBER_OF_PORTS),
                Fields.u8(reply, MAX_MSIX_VECTORS),
                Fields.u16(reply, REQUEST_CREDIT),
                Fields.u16(reply, PRODUCT_ID),
                Fields.i32(reply, IOC_CAPABILITIES),
                Fields.i32(reply, FW_VERSION),
                Fields.u16(reply, IOC_REQUEST_FRAME_SIZE) * Integer.BYTES,
                Fields.u16(reply, IOC_MAX_CHAIN_SEGMENT_SIZE),
                Fields.u16(reply, PROTOCOL_FLAGS),
                Fields.u16(reply, HIGH_PRIORITY_CREDIT),
                Fields.u16(reply, MAX_REPLY_DESCRIPTOR_POST_QUEUE_DEPTH),
                Fields.u8(reply, REPLY_FRAME_SIZE) * Integer.BYTES);
    }

    /** Whether this is an initiator of SAS that speaks MPI 2.5 or 2.6. */
    public boolean isDriven() {
        return (msgVersion == VERSION_2_5 || msgVersion == VERSION_2_6)
                && (productId & PRODUCT_TYPE_MASK) == PRODUCT_TYPE_SAS
                && (protocolFlags & PROTOCOL_SCSI_INITIATOR) != 0;
    }

    /** Whether a request can be posted by one write. */
    public boolean hasAtomicRequests() {
        return (capabilities & CAPABILITY_ATOMIC_REQ) != 0;
    }

    /** Whether a request says which queue its reply goes to. */
    public boolean hasReplyQueueIndex() {
        return (capabilities & CAPABILITY_MSI_X_INDEX) != 0;
    }

    /** The firmware's version as it is written: major.minor.unit.dev. */
    public String firmware() {
        return String.format(
                "%d.%d.%d.%d", fwVersion >>> 24, fwVersion >>> 16 & 0xff, fwVersion >>> 8 & 0xff, fwVersion & 0xff);
    }
}
