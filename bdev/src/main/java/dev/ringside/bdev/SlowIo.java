package dev.ringside.bdev;

/**
 * A guest's request that took long. All times are in ns.
 *
 * @param endedNs when it ended, as {@link System#nanoTime} tells it
 * @param totalNs how long it took at most, from the last look at the ring before it came to its end in the block layer
 * @param pollDelayNs of that, how late the queue was looked at
 * @param ringNs waiting to be begun
 * @param qosNs waiting for its turn under the limits of the device
 * @param blockLayerNs waiting for room in the device
 * @param deviceNs in the device
 */
public record SlowIo(
        IoType type,
        long lba,
        long blocks,
        long endedNs,
        long totalNs,
        long pollDelayNs,
        long ringNs,
        long qosNs,
        long blockLayerNs,
        long deviceNs) {}
