package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * IOC init request (mpi_ioc.h): who drives the IOC, and where its memory is.
 *
 * <pre>
 *   0x00 WhoInit              0x05 MaxDevices   0x06 MaxBuses
 *   0x0c ReplyFrameSize (16)  0x10 HostMfaHighAddr (32)  0x14 SenseBufferHighAddr (32)
 *   0x28 MsgVersion (16)
 * </pre>
 */
public final class IocInit {
    public static final int WHO_INIT = 0x00;
    public static final int MAX_DEVICES = 0x05;
    public static final int MAX_BUSES = 0x06;
    public static final int REPLY_FRAME_SIZE = 0x0c;
    public static final int HOST_MFA_HIGH_ADDR = 0x10;
    public static final int SENSE_BUFFER_HIGH_ADDR = 0x14;
    public static final int MSG_VERSION = 0x28;
    /** Bytes of the request. */
    public static final int REQUEST_BYTES = 0x2c;

    public static final int WHO_INIT_HOST_DRIVER = 0x04;

    private IocInit() {}
}
