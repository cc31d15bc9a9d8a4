package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * IOC init request (mpi2_ioc.h): who drives the IOC, and where its memory is.
 *
 * <pre>
 *   0x00 WhoInit             0x0c MsgVersion (16)          0x0e HeaderVersion (16)
 *   0x16 HostPageSize        0x17 HostMSIxVectors          0x1a SystemRequestFrameSize (16, words)
 *   0x1c ReplyDescriptorPostQueueDepth (16)                0x1e ReplyFreeQueueDepth (16)
 *   0x20 SenseBufferAddressHigh (32)                       0x24 SystemReplyAddressHigh (32)
 *   0x28 SystemRequestFrameBaseAddress (64)                0x30 ReplyDescriptorPostQueueAddress (64)
 *   0x38 ReplyFreeQueueAddress (64)                        0x40 TimeStamp (64, ms)
 * </pre>
 */
public final class IocInit {
    public static final int WHO_INIT = 0x00;
    public static final int MSG_VERSION = 0x0c;
    public static final int HEADER_VERSION = 0x0e;
    public static final int HOST_MSIX_VECTORS = 0x17;
    public static final int SYSTEM_REQUEST_FRAME_SIZE = 0x1a;
    public static final int REPLY_DESCRIPTOR_POST_QUEUE_DEPTH = 0x1c;
    public static final int REPLY_FREE_QUEUE_DEPTH = 0x1e;
    public static final int SENSE_BUFFER_ADDRESS_HIGH = 0x20;
    public static final int SYSTEM_REPLY_ADDRESS_HIGH = 0x24;
    public static final int SYSTEM_REQUEST_FRAME_BASE_ADDRESS = 0x28;
    public static final int REPLY_DESCRIPTOR_POST_QUEUE_ADDRESS = 0x30;
    public static final int REPLY_FREE_QUEUE_ADDRESS = 0x38;
    public static final int TIME_STAMP = 0x40;
    /** Bytes of the request. */
    public static final int REQUEST_BYTES = 0x48;

    public static final int WHO_INIT_HOST_DRIVER = 0x04;
    /** Of the headers that field names and values are from. */
    public static final int HEADER_VERSION_USED = 0x3600;
    /** Depths of queues are multiples of this. */
    public static final int DEPTH_UNIT = 16;

    private IocInit() {}
}
