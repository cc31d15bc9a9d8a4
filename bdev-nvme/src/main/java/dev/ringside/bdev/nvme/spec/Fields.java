package dev.ringside.bdev.nvme.spec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads fields of data structures, which are little-endian. */
public final class Fields {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Fields() {}

    /** A byte, zero-extended. */
    public static int u8(MemorySegment data, long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    /** Two bytes, zero-extended. */
    public static int u16(MemorySegment data, long at) {
        return data.get(SHORT, at) & 0xffff;
    }

    /** Four bytes. */
    public static int u32(MemorySegment data, long at) {
        return data.get(INT, at);
    }

    /** Eight bytes. */
    public static long u64(MemorySegment data, long at) {
        return data.get(LONG, at);
    }

    /** ASCII, padded with spaces or zeroes. */
    static String text(MemorySegment data, long at, int length) {
        byte[] bytes = data.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.US_ASCII)
                .replaceAll("\0.*", "")
                .strip();
    }
}
