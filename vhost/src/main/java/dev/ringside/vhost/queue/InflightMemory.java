package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The memory of a region of requests in flight. Each store is all or nothing, and what has been stored when this process is
 * killed is the stores up to some moment, in their order: each comes after a fence, so that the compiler keeps it, as
 * the processor does. They are no release stores: memory may have vanished under them, and of those of 8 and 16 bits the interpreter
 * of JDK 25 does not survive that (it exchanges, and its signal handler does not know how long that instruction is). A class of its own so that a test can end a queue's life before and after each store; production has no
 * other.
 */
class InflightMemory {
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final MemorySegment region;

    /**
     * Uses a region.
     *
     * @param region aligned to 8 bytes, and a multiple of them long
     */
    InflightMemory(MemorySegment region) {
        this.region = region;
    }

    final int u8(long offset) {
        return (int) wordAt(offset) & 0xff;
    }

    final int u16(long offset) {
        return (int) wordAt(offset) & 0xffff;
    }

    /**
     * The word that holds a smaller number, with the number at bit 0. What a load yields whose memory has been taken away is
     * undefined until the fault is reported, and the compiler believes a load of 16 bits to fit in 16 bits: an offset made of
     * it would not be checked for what it cannot be. A word can be anything, so that what is cut out of it is what it seems.
     */
    private long wordAt(long offset) {
        return i64(offset & -Long.BYTES) >>> (offset % Long.BYTES * Byte.SIZE);
    }

    final long i64(long offset) {
        return (long) LONG.getOpaque(region, offset);
    }

    void store8(long offset, int value) {
        VarHandle.releaseFence();
        BYTE.set(region, offset, (byte) value);
    }

    void store16(long offset, int value) {
        VarHandle.releaseFence();
        SHORT.set(region, offset, (short) value);
    }

    void store32(long offset, int value) {
        VarHandle.releaseFence();
        INT.set(region, offset, value);
    }

    void store64(long offset, long value) {
        VarHandle.releaseFence();
        LONG.set(region, offset, value);
    }
}
