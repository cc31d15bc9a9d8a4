package dev.ringside.bdev;

/** What happens to an open device. */
public sealed interface BdevEvent {

    /** The capacity changed; the handle's channels know already. */
    record Resized(BdevInfo info) implements BdevEvent {}

    /**
     * The device is going away: new requests fail with {@link IoStatus#NO_DEVICE}. The user finishes what is in flight
     * and closes its channels and its handle; the device is destroyed after that.
     */
    record Removed() implements BdevEvent {}
}
