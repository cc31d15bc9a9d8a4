package dev.ringside.vhost.wire;

/** Bits of the protocol features ("Protocol features"). */
public final class ProtocolFeature {
    /** More than one queue. */
    public static final long MQ = 1L << 0;
    /** The dirty log comes as a descriptor. */
    public static final long LOG_SHMFD = 1L << 1;
    /** A request may ask for a reply. */
    public static final long REPLY_ACK = 1L << 3;
    /** The back end may send requests of its own. */
    public static final long BACKEND_REQ = 1L << 5;
    /** The config space is read and written through the back end. */
    public static final long CONFIG = 1L << 9;
    /** Requests in flight are tracked in memory that outlives the back end. */
    public static final long INFLIGHT_SHMFD = 1L << 12;
    /** The device can be reset. */
    public static final long RESET_DEVICE = 1L << 13;
    /** Memory regions are added and removed one by one. */
    public static final long CONFIGURE_MEM_SLOTS = 1L << 15;
    /** The device status is told. */
    public static final long STATUS = 1L << 16;
    /** A ring may be stopped with requests in flight, which are left in the region that tracks them. */
    public static final long GET_VRING_BASE_INFLIGHT = 1L << 20;
    /** The front end says each time whether a ring is to be stopped like that. */
    public static final long GET_VRING_BASE_SKIP_DRAIN = 1L << 23;

    private ProtocolFeature() {}
}
