package dev.ringside.vhost.blk;

/**
 * What an operator decides about a block device.
 *
 * @param readOnly whether guests cannot write, though the disk could
 * @param packedRing whether packed rings are offered beside split ones
 */
public record BlkSettings(boolean readOnly, boolean packedRing) {
    /** Guests may write, and choose the ring format. */
    public static final BlkSettings DEFAULT = new BlkSettings(false, true);

    /** The same, but for who may write. */
    public BlkSettings withReadOnly(boolean on) {
        return new BlkSettings(on, packedRing);
    }
}
