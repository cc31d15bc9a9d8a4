package dev.ringside.testkit.frontend;

import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.RingFormat;

/**
 * What a {@link BlkFrontend} does.
 *
 * @param queues how many it sets up
 * @param queueSize entries of each; of split rings a power of two
 * @param features the most that it accepts of what is offered
 * @param startIndex available and used index that the rings begin with; of packed rings with the wrap counter in bit 15
 * @param calls whether it waits for completions on the call eventfds; otherwise it polls the used ring
 * @param slots requests that a queue can have in flight through {@link BlkDriverQueue#submit}
 * @param slotBytes data of each of those, in bytes
 * @param scratchBytes most data of a request through {@link BlkDriverQueue#execute}
 * @param tracked whether it keeps a region in which the back end tracks what is in flight
 */
public record BlkOptions(
        int queues,
        int queueSize,
        long features,
        int startIndex,
        boolean calls,
        int slots,
        int slotBytes,
        int scratchBytes,
        boolean tracked) {

    /** Everything but the packed ring, logging and order, polling, a slot of 4 KiB for each three entries. */
    public static BlkOptions of(int queues, int queueSize) {
        return new BlkOptions(
                queues,
                queueSize,
                ~(VirtioFeature.RING_PACKED | VirtioFeature.LOG_ALL | VirtioFeature.IN_ORDER),
                0,
                false,
                Math.max(1, queueSize / 3),
                4096,
                1 << 20,
                false);
    }

    /** The same with a region of requests in flight. */
    public BlkOptions withTracking() {
        return new BlkOptions(queues, queueSize, features, startIndex, calls, slots, slotBytes, scratchBytes, true);
    }

    /** The same with rings that take requests back in their order. */
    public BlkOptions withOrder() {
        return new BlkOptions(
                queues,
                queueSize,
                features | VirtioFeature.IN_ORDER,
                startIndex,
                calls,
                slots,
                slotBytes,
                scratchBytes,
                tracked);
    }

    /** The same with rings of another size. */
    public BlkOptions withQueueSize(int entries) {
        return new BlkOptions(queues, entries, features, startIndex, calls, slots, slotBytes, scratchBytes, tracked);
    }

    /** The same with packed rings. */
    public BlkOptions withPackedRings() {
        return new BlkOptions(
                queues,
                queueSize,
                features | VirtioFeature.RING_PACKED,
                PackedLayout.WRAP,
                calls,
                slots,
                slotBytes,
                scratchBytes,
                tracked);
    }

    /** The same with rings of a format. */
    public BlkOptions with(RingFormat format) {
        return switch (format) {
            case SPLIT -> without(VirtioFeature.RING_PACKED);
            case PACKED -> withPackedRings();
        };
    }

    /** The same without some features. */
    public BlkOptions without(long refused) {
        return new BlkOptions(
                queues, queueSize, features & ~refused, startIndex, calls, slots, slotBytes, scratchBytes, tracked);
    }

    /** The same with rings that begin elsewhere. */
    public BlkOptions startingAt(int index) {
        return new BlkOptions(queues, queueSize, features, index, calls, slots, slotBytes, scratchBytes, tracked);
    }

    /** The same, sleeping on the call eventfds. */
    public BlkOptions withCalls() {
        return new BlkOptions(queues, queueSize, features, startIndex, true, slots, slotBytes, scratchBytes, tracked);
    }

    /** The same with other slots. */
    public BlkOptions withSlots(int count, int bytes) {
        return new BlkOptions(queues, queueSize, features, startIndex, calls, count, bytes, scratchBytes, tracked);
    }

    /** The same with another limit of data for {@link BlkDriverQueue#execute}. */
    public BlkOptions withScratch(int bytes) {
        return new BlkOptions(queues, queueSize, features, startIndex, calls, slots, slotBytes, bytes, tracked);
    }
}
