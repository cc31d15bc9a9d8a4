package dev.ringside.vhost.queue;

import dev.ringside.vhost.VirtioFeature;

/**
 * What was negotiated about a ring.
 *
 * @param indirect VIRTIO_F_INDIRECT_DESC
 * @param eventIdx VIRTIO_F_EVENT_IDX
 */
public record RingFeatures(boolean indirect, boolean eventIdx) {

    /** Takes them out of the feature bits. */
    public static RingFeatures of(long features) {
        return new RingFeatures(
                (features & VirtioFeature.RING_INDIRECT_DESC) != 0, (features & VirtioFeature.RING_EVENT_IDX) != 0);
    }
}
