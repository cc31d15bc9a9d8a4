package dev.ringside.bdev.scsi.mpi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Fields of messages and pages, which are little-endian and may be anywhere. */
public final class Fields {
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG_BIG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Fields() {}

    /** 8 bits, without a sign. */
    public static int u8(MemorySegment message, long offset) {
        return message.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    /** 16 bits, without a sign. */
    public static int u16(MemorySegment message, long offset) {
        return message.get(HALF, offset) & 0xffff;
    }

    /** 32 bits. */
    public static int i32(MemorySegment message, long offset) {
        return message.get(WORD, offset);
    }

    /** 64 bits. */
    public static long i64(MemorySegment message, long offset) {
        return message.get(LONG, offset);
    }

    /** Puts 8 bits. */
    public static void put8(MemorySegment message, long offset, int value) {
        message.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    /** Puts 16 bits. */
    public static void put16(MemorySegment message, long offset, int value) {
        message.set(HALF, offset, (short) value);
    }

    /** Puts 32 bits. */
    public static void put32(MemorySegment message, long offset, int value) {
        message.set(WORD, offset, value);
    }

    /** Puts 64 bits. */
    public static void put64(MemorySegment message, long offset, long value) {
        message.set(LONG, offset, value);
    }

    /** Puts the address of a logical unit, whose bytes are in SCSI's order. */
    public static void putLun(MemorySegment message, long offset, long lun) {
        message.set(LONG_BIG, offset, lun);
    }
}
