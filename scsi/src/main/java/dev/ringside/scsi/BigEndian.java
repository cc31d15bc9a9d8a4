package dev.ringside.scsi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Numbers and text as SCSI has them: the most significant byte first, text in ASCII and padded with spaces. Allocates nothing. */
public final class BigEndian {
    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle U64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /** 8 bits, unsigned. */
    public static int u8(byte[] from, int at) {
        return from[at] & 0xff;
    }

    /** 16 bits, unsigned. */
    public static int u16(byte[] from, int at) {
        return (short) U16.get(from, at) & 0xffff;
    }

    /** 24 bits, unsigned. */
    public static int u24(byte[] from, int at) {
        return u8(from, at) << 16 | u16(from, at + 1);
    }

    /** 32 bits, unsigned. */
    public static long u32(byte[] from, int at) {
        return (int) U32.get(from, at) & 0xffff_ffffL;
    }

    /** 64 bits; negative if the top bit is set. */
    public static long u64(byte[] from, int at) {
        return (long) U64.get(from, at);
    }

    /** Puts 8 bits. */
    public static void put8(byte[] to, int at, int value) {
        to[at] = (byte) value;
    }

    /** Puts 16 bits. */
    public static void put16(byte[] to, int at, int value) {
        U16.set(to, at, (short) value);
    }

    /** Puts 24 bits. */
    public static void put24(byte[] to, int at, int value) {
        to[at] = (byte) (value >>> 16);
        put16(to, at + 1, value);
    }

    /** Puts 32 bits. */
    public static void put32(byte[] to, int at, long value) {
        U32.set(to, at, (int) value);
    }

    /** Puts 64 bits. */
    public static void put64(byte[] to, int at, long value) {
        U64.set(to, at, value);
    }

    /** Puts text, cut or padded with spaces to a length; what is not printable ASCII becomes a question mark. */
    public static void putText(byte[] to, int at, int length, String text) {
        Arrays.fill(to, at, at + length, (byte) ' ');
        for (int i = 0; i < Math.min(length, text.length()); i++) {
            char c = text.charAt(i);
            to[at + i] = (byte) (c >= ' ' && c <= '~' ? c : '?');
        }
    }

    /** Text without the spaces and zeroes at its end. */
    public static String text(byte[] from, int at, int length) {
        int end = at + length;
        while (end > at && (from[end - 1] == ' ' || from[end - 1] == 0)) {
            end--;
        }
        return new String(from, at, end - at, StandardCharsets.US_ASCII);
    }
}
