package dev.ringside.rpc.codec;

/**
 * How much one JSON value of a stream may be.
 *
 * @param bytes length from its first byte to its last, at least 1
 * @param values how many values it is made of: itself, each member, each element; names do not count
 * @param depth how deep arrays and objects nest; a scalar has depth 0
 */
public record JsonLimits(int bytes, int values, int depth) {
    /** What a request may be: 256 KiB, 8,192 values, 64 levels. */
    public static final JsonLimits REQUEST = new JsonLimits(256 * 1024, 8192, 64);

    /** What we take from a server or from a file: 256 MiB, any number of values, 512 levels. */
    public static final JsonLimits TRUSTED = new JsonLimits(256 * 1024 * 1024, Integer.MAX_VALUE, 512);

    /** Limits, each at least 1. */
    public JsonLimits {
        if (bytes < 1 || values < 1 || depth < 1) {
            throw new IllegalArgumentException("each limit must be at least 1");
        }
    }
}
