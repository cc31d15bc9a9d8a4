package dev.ringside.bdev.scsi.mpt;

/**
 * How long is waited for an adapter.
 *
 * @param readyMs until it is ready after a reset, or operational after IOC init, in ms
 * @param answerMs until it takes a word, or answers a message of the control plane, in ms
 * @param portEnableMs until a port is enabled, which spins disks up, in ms
 */
public record MptPatience(long readyMs, long answerMs, long portEnableMs) {
    /** For adapters as they are. */
    public static final MptPatience DEFAULT = new MptPatience(30_000, 5_000, 60_000);
}
