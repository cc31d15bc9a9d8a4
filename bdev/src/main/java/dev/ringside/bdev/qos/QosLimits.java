package dev.ringside.bdev.qos;

/**
 * What may be done on a device, or a group of devices, by READ and WRITE; other requests are not limited.
 *
 * @param ios reads and writes
 * @param bytes bytes that are read or written
 * @param readBytes bytes that are read
 * @param writeBytes bytes that are written
 */
public record QosLimits(RateLimit ios, RateLimit bytes, RateLimit readBytes, RateLimit writeBytes) {
    /** No limit at all. */
    public static final QosLimits NONE = new QosLimits(RateLimit.NONE, RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);

    /** Whether there is no limit at all. */
    public boolean isNone() {
        return ios.isNone() && bytes.isNone() && readBytes.isNone() && writeBytes.isNone();
    }
}
