package dev.ringside.vhost;

/** Feature bits that do not belong to one device type (virtio 1.2, 6; vhost-user). */
public final class VirtioFeature {
    /** VHOST_F_LOG_ALL: the back end logs its writes. */
    public static final long LOG_ALL = 1L << 26;
    /** VIRTIO_F_ANY_LAYOUT: a legacy driver may lay out a request as it likes. */
    public static final long ANY_LAYOUT = 1L << 27;
    /** VIRTIO_F_INDIRECT_DESC: tables of descriptors. */
    public static final long RING_INDIRECT_DESC = 1L << 28;
    /** VIRTIO_F_EVENT_IDX: used_event and avail_event. */
    public static final long RING_EVENT_IDX = 1L << 29;
    /** VHOST_USER_F_PROTOCOL_FEATURES: protocol features can be negotiated. */
    public static final long PROTOCOL_FEATURES = 1L << 30;
    /** VIRTIO_F_VERSION_1: not a legacy device. */
    public static final long VERSION_1 = 1L << 32;
    /** VIRTIO_F_RING_PACKED: the packed ring format. */
    public static final long RING_PACKED = 1L << 34;
    /** VIRTIO_F_IN_ORDER: requests are given back in the order in which they were made available. */
    public static final long IN_ORDER = 1L << 35;
    /** VIRTIO_F_NOTIFICATION_DATA: a notification says where the ring is; who takes it need not look. */
    public static final long NOTIFICATION_DATA = 1L << 38;
    /** VIRTIO_F_RING_RESET: single queues are reset. */
    public static final long RING_RESET = 1L << 40;

    private VirtioFeature() {}
}
