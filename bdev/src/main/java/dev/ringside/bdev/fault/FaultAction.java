package dev.ringside.bdev.fault;

/** What happens to a request that a fault hits. */
public sealed interface FaultAction {

    /**
     * The request ends at once and is not done.
     *
     * @param status a negative errno
     */
    record Fail(int status) implements FaultAction {}

    /** The request is held until it is aborted, the device is reset or removed, or the fault is over: then it goes on. */
    record Stick() implements FaultAction {}

    /** The device has no room for the request now; the block layer tries again, and the fault may hit again. */
    record NoMemory() implements FaultAction {}

    /**
     * One byte of what is read or written is another. The memory that a write names is not touched.
     *
     * @param offset of the byte in the request's data, at least 0; shorter requests, and those without data, are not hit
     * @param mask the byte is XORed with this; 1 to 255
     */
    record Corrupt(long offset, int mask) implements FaultAction {}

    /** The request is held for a time before it goes on. */
    record Delay(Latency latency) implements FaultAction {}
}
