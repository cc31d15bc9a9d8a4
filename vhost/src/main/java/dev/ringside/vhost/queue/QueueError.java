package dev.ringside.vhost.queue;

import java.util.Locale;

/** What a driver did that broke a queue. The code of an error is its ordinal + 1, so that 0 is none. */
public enum QueueError {
    /** The available index went ahead of the device by more than the ring has entries. */
    INDEX_JUMP,
    /** A head, or a next, is not an index of the table. */
    DESCRIPTOR_OUT_OF_RANGE,
    /** A chain has more descriptors than it may, or goes in a circle. */
    CHAIN_TOO_LONG,
    /** A buffer to be read comes after one to be written. */
    READABLE_AFTER_WRITABLE,
    /** An indirect table where none is allowed, of an impossible length, or outside guest memory. */
    BAD_INDIRECT_TABLE,
    /** A buffer is not in guest memory. */
    BAD_ADDRESS,
    /** The buffers of a chain are longer than 2^32 bytes together. */
    TOO_MANY_BYTES,
    /** The request has no room for its header or for its status. */
    BAD_REQUEST,
    /** The region of requests in flight, which the front end keeps, makes no sense. */
    BAD_INFLIGHT_REGION,
    /** Guest memory vanished under an access. */
    MEMORY_GONE;

    private static final QueueError[] ALL = values();

    /** The error of a code. */
    public static QueueError of(int code) {
        return ALL[code - 1];
    }

    /** The code, at least 1. */
    public int code() {
        return ordinal() + 1;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
