package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One piece of a scatter list as the kernel takes it (iovec(3type)). An array of them is {@link #SIZE} bytes apart.
 *
 * <pre>
 *  0           8            16
 * +-----------+-------------+
 * | base      | len         |
 * +-----------+-------------+
 * </pre>
 */
@CStruct("struct iovec")
public final class Iovec {
    public static final int IOV_BASE = 0;
    public static final int IOV_LEN = 8;
    public static final int SIZE = 16;

    private Iovec() {}

    /**
     * Fills one element. Allocates nothing.
     *
     * @param array native memory, 8-byte aligned
     * @param index which element
     * @param address of the piece
     * @param length in bytes
     */
    public static void set(MemorySegment array, int index, long address, long length) {
        long at = (long) index * SIZE;
        array.set(ValueLayout.JAVA_LONG, at + IOV_BASE, address);
        array.set(ValueLayout.JAVA_LONG, at + IOV_LEN, length);
    }

    /** {@return the address of an element's piece} */
    public static long address(MemorySegment array, int index) {
        return array.get(ValueLayout.JAVA_LONG, (long) index * SIZE + IOV_BASE);
    }

    /** {@return the length of an element's piece, in bytes} */
    public static long length(MemorySegment array, int index) {
        return array.get(ValueLayout.JAVA_LONG, (long) index * SIZE + IOV_LEN);
    }
}
