package dev.ringside.vhost.blk;

/**
 * Numbers of the virtio block device (virtio 1.2, 5.2).
 *
 * <pre>
 *  request:   u32 type, u32 reserved, u64 sector | data | u8 status
 *  segment of DISCARD, WRITE_ZEROES and SECURE_ERASE:   u64 sector, u32 sectors, u32 flags
 * </pre>
 */
public final class BlkLayout {
    /** Bytes of a sector, the unit of every position and length of the device. */
    public static final int SECTOR = 512;
    /** Bytes of a request's header. */
    public static final int HEADER_BYTES = 16;
    /** Offset in the header of the 32-bit type. */
    public static final int TYPE = 0;
    /** Offset in the header of the 64-bit first sector. */
    public static final int FIRST_SECTOR = 8;
    /** Bytes of a segment of DISCARD, WRITE_ZEROES and SECURE_ERASE. */
    public static final int SEGMENT_BYTES = 16;
    /** Bytes of the answer to GET_ID. */
    public static final int ID_BYTES = 20;

    /** Request type: read. */
    public static final int T_IN = 0;
    /** Request type: write. */
    public static final int T_OUT = 1;
    /** Request type: flush. */
    public static final int T_FLUSH = 4;
    /** Request type: read the serial number. */
    public static final int T_GET_ID = 8;
    /** Request type: discard. */
    public static final int T_DISCARD = 11;
    /** Request type: write zeroes. */
    public static final int T_WRITE_ZEROES = 13;

    /** Request type: secure erase. */
    public static final int T_SECURE_ERASE = 14;

    /** Status: done. */
    public static final byte S_OK = 0;
    /** Status: failed. */
    public static final byte S_IOERR = 1;
    /** Status: the device does not do that. */
    public static final byte S_UNSUPP = 2;

    /** Flag of a segment: WRITE_ZEROES may give the sectors back. */
    public static final int F_UNMAP = 1;

    /** Feature VIRTIO_BLK_F_SIZE_MAX. */
    public static final long SIZE_MAX = 1L << 1;
    /** Feature VIRTIO_BLK_F_SEG_MAX. */
    public static final long SEG_MAX = 1L << 2;
    /** Feature VIRTIO_BLK_F_RO. */
    public static final long RO = 1L << 5;
    /** Feature VIRTIO_BLK_F_BLK_SIZE. */
    public static final long BLK_SIZE = 1L << 6;
    /** Feature VIRTIO_BLK_F_FLUSH. */
    public static final long FLUSH = 1L << 9;
    /** Feature VIRTIO_BLK_F_TOPOLOGY. */
    public static final long TOPOLOGY = 1L << 10;
    /** Feature VIRTIO_BLK_F_CONFIG_WCE. */
    public static final long CONFIG_WCE = 1L << 11;
    /** Feature VIRTIO_BLK_F_MQ. */
    public static final long MQ = 1L << 12;
    /** Feature VIRTIO_BLK_F_DISCARD. */
    public static final long DISCARD = 1L << 13;
    /** Feature VIRTIO_BLK_F_WRITE_ZEROES. */
    public static final long WRITE_ZEROES = 1L << 14;

    /** Feature VIRTIO_BLK_F_SECURE_ERASE. */
    public static final long SECURE_ERASE = 1L << 16;

    private BlkLayout() {}
}
