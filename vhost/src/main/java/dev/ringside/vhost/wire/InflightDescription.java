package dev.ringside.vhost.wire;

/** Payload "inflight description": the region in which requests in flight are tracked. */
public final class InflightDescription {
    /** Offset of the 64-bit size of the region in bytes. */
    public static final int MMAP_SIZE = 0;
    /** Offset of the 64-bit offset of the region in the descriptor's file. */
    public static final int MMAP_OFFSET = 8;
    /** Offset of the 16-bit number of queues. */
    public static final int NUM_QUEUES = 16;
    /** Offset of the 16-bit size of the queues. */
    public static final int QUEUE_SIZE = 18;
    /** Bytes of the payload, with the padding behind it. */
    public static final int BYTES = 24;
    /** Bytes of the payload of a front end that leaves the padding out. */
    public static final int UNPADDED_BYTES = 20;

    private InflightDescription() {}
}
