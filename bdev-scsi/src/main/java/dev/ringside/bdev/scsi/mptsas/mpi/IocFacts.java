package dev.ringside.bdev.scsi.mptsas.mpi;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/**
 * What an IOC says of itself (mpi_ioc.h, IOC facts reply).
 *
 * <pre>
 *   0x00 MsgVersion (16)        0x0c IOCExceptions (16)   0x14 MaxChainDepth  0x15 WhoInit  0x16 BlockSize (words)
 *   0x18 ReplyQueueDepth (16)   0x1a RequestFrameSize (16, words)   0x1e ProductID (16)
 *   0x24 GlobalCredits (16)     0x26 NumberOfPorts        0x2e MaxDevices     0x2f MaxBuses
 *   0x34 IOCCapabilities (32)   0x38 FWVersion (32)
 * </pre>
 *
 * @param msgVersion major version in the higher byte
 * @param maxChainDepth chain elements of a request
 * @param replyQueueDepth entries of the reply FIFO, and of the FIFO of free reply frames
 * @param requestFrameBytes of a request frame
 * @param globalCredits requests at once
 * @param maxDevices of a bus; 0: 256
 */
public record IocFacts(
        int msgVersion,
        int exceptions,
        int maxChainDepth,
        int replyQueueDepth,
        int requestFrameBytes,
        int productId,
        int globalCredits,
        int numberOfPorts,
        int maxDevices,
        int maxBuses,
        int capabilities,
        int fwVersion) {
    /** Bytes of the reply. */
    public static final int REPLY_BYTES = 0x50;

    public static final int MSG_VERSION = 0x00;
    public static final int IOC_EXCEPTIONS = 0x0c;
    public static final int MAX_CHAIN_DEPTH = 0x14;
    public static final int REPLY_QUEUE_DEPTH = 0x18;
    public static final int REQUEST_FRAME_SIZE = 0x1a;
    public static final int PRODUCT_ID = 0x1e;
    public static final int GLOBAL_CREDITS = 0x24;
    public static final int NUMBER_OF_PORTS = 0x26;
    public static final int MAX_DEVICES = 0x2e;
    public static final int MAX_BUSES = 0x2f;
    public static final int IOC_CAPABILITIES = 0x34;
    public static final int FW_VERSION = 0x38;

    /** IOCCapabilities: there is a FIFO for requests of high priority. */
    public static final int CAPABILITY_HIGH_PRI_Q = 0x1;

    /** MsgVersion of MPI 1.5. */
    public static final int VERSION_1_5 = 0x0105;
    /** ProductID: the type of product. */
    public static final int PRODUCT_TYPE_MASK = 0xf000;

    public static final int PRODUCT_TYPE_SAS = 0x2000;

    /** Takes a reply apart. */
    public static IocFacts of(MemorySegment reply) {
        return new IocFacts(
                Fields.u16(reply, MSG_VERSION),
                Fields.u16(reply, IOC_EXCEPTIONS),
                Fields.u8(reply, MAX_CHAIN_DEPTH),
                Fields.u16(reply, REPLY_QUEUE_DEPTH),
                Fields.u16(reply, REQUEST_FRAME_SIZE) * Integer.BYTES,
                Fields.u16(reply, PRODUCT_ID),
                Fields.u16(reply, GLOBAL_CREDITS),
                Fields.u8(reply, NUMBER_OF_PORTS),
                Fields.u8(reply, MAX_DEVICES),
                Fields.u8(reply, MAX_BUSES),
                Fields.i32(reply, IOC_CAPABILITIES),
                Fields.i32(reply, FW_VERSION));
    }

    /** Whether this is a controller of SAS disks that speaks MPI 1.5. */
    public boolean isSas15() {
        return msgVersion == VERSION_1_5 && (productId & PRODUCT_TYPE_MASK) == PRODUCT_TYPE_SAS;
    }

    /** Whether there is a FIFO for requests of high priority. */
    public boolean hasHighPriorityQueue() {
        return (capabilities & CAPABILITY_HIGH_PRI_Q) != 0;
    }

    /** The firmware's version as it is written: major.minor.unit.dev. */
    public String firmware() {
        return String.format(
                "%d.%d.%d.%d", fwVersion >>> 24, fwVersion >>> 16 & 0xff, fwVersion >>> 8 & 0xff, fwVersion & 0xff);
    }
}
