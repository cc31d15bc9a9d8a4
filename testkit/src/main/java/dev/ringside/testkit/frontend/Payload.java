package dev.ringside.testkit.frontend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a message behind its header, little endian; all zeroes at first. */
public final class Payload {
    private final byte[] bytes;
    private final ByteBuffer view;

    /** Makes one of a size. */
    public Payload(int size) {
        bytes = new byte[size];
        view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes 16 bits at an offset. */
    public Payload u16(int at, int value) {
        view.putShort(at, (short) value);
        return this;
    }

    /** Writes 32 bits at an offset. */
    public Payload u32(int at, int value) {
        view.putInt(at, value);
        return this;
    }

    /** Writes 64 bits at an offset. */
    public Payload u64(int at, long value) {
        view.putLong(at, value);
        return this;
    }

    /** Writes bytes at an offset. */
    public Payload put(int at, byte[] data) {
        view.put(at, data);
        return this;
    }

    /** The bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }
}
