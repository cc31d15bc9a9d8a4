package dev.ringside.scsi.inquiry;

import dev.ringside.scsi.BigEndian;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A name of a logical unit, of a port, or of a target (SPC-5, 7.7.6).
 *
 * <pre>
 *  0 protocol (7..4), code set (3..0)    1 PIV (7), association (5..4), type (3..0)    3 length    4 designator
 * </pre>
 *
 * @param association what it names: {@link #UNIT}, {@link #PORT} or {@link #TARGET}
 * @param type such as {@link #NAA}
 * @param codeSet {@link #BINARY}, {@link #ASCII} or {@link #UTF_8}
 * @param protocol of a port; -1: none is named
 * @param value the designator itself
 */
// Two are compared by their bytes, below.
@SuppressWarnings("ArrayRecordComponent")
public record Designator(int association, int type, int codeSet, int protocol, byte[] value) {
    /** Names a logical unit. */
    public static final int UNIT = 0;
    /** Names a target port. */
    public static final int PORT = 1;
    /** Names a target device. */
    public static final int TARGET = 2;

    /** Type: T10 vendor id and what the vendor says. */
    public static final int T10 = 1;
    /** Type: name address authority. */
    public static final int NAA = 3;
    /** Type: relative target port. */
    public static final int RELATIVE_PORT = 4;
    /** Type: target port group. */
    public static final int PORT_GROUP = 5;
    /** Type: SCSI name string. */
    public static final int NAME_STRING = 8;

    /** Code set: bytes. */
    public static final int BINARY = 1;
    /** Code set: ASCII. */
    public static final int ASCII = 2;
    /** Code set: UTF-8. */
    public static final int UTF_8 = 3;

    /** Protocol: SAS. */
    public static final int SAS = 6;

    /** A number of a target port. */
    public static Designator relativePort(int number) {
        byte[] value = new byte[4];
        BigEndian.put16(value, 2, number);
        return new Designator(PORT, RELATIVE_PORT, BINARY, -1, value);
    }

    /** A target port group. */
    public static Designator portGroup(int group) {
        byte[] value = new byte[4];
        BigEndian.put16(value, 2, group);
        return new Designator(PORT, PORT_GROUP, BINARY, -1, value);
    }

    /** A name address authority name. */
    public static Designator naa(int association, byte[] value) {
        return new Designator(association, NAA, BINARY, association == UNIT ? -1 : SAS, value);
    }

    /** A vendor and what the vendor calls the unit. */
    public static Designator t10(String vendor, String specific) {
        byte[] value = new byte[8 + specific.length()];
        BigEndian.putText(value, 0, 8, vendor);
        BigEndian.putText(value, 8, specific.length(), specific);
        return new Designator(UNIT, T10, ASCII, -1, value);
    }

    /** A SCSI name string, padded as the standard wants it. */
    public static Designator name(int association, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return new Designator(association, NAME_STRING, UTF_8, -1, Arrays.copyOf(text, (text.length + 4) & ~3));
    }

    /** The bytes. */
    public byte[] bytes() {
        byte[] data = new byte[4 + value.length];
        data[0] = (byte) ((protocol < 0 ? 0 : protocol << 4) | codeSet);
        data[1] = (byte) ((protocol < 0 ? 0 : 0x80) | association << 4 | type);
        data[3] = (byte) value.length;
        System.arraycopy(value, 0, data, 4, value.length);
        return data;
    }

    /**
     * Reads a list of designators; one that is cut short ends it.
     *
     * @param from first byte of the first of them
     * @param end first byte behind the list
     */
    public static List<Designator> parse(byte[] data, int from, int end) {
        List<Designator> found = new ArrayList<>();
        for (int at = from; at + 4 <= end; ) {
            int next = at + 4 + BigEndian.u8(data, at + 3);
            if (next > end) {
                break;
            }
            boolean named = (data[at + 1] & 0x80) != 0;
            found.add(new Designator(
                    data[at + 1] >> 4 & 3,
                    data[at + 1] & 0xf,
                    data[at] & 0xf,
                    named ? BigEndian.u8(data, at) >> 4 : -1,
                    Arrays.copyOfRange(data, at + 4, next)));
            at = next;
        }
        return found;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Designator that
                && association == that.association
                && type == that.type
                && codeSet == that.codeSet
                && protocol == that.protocol
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * (association << 8 | type) + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "designator of type " + type + ", association " + association + ": "
                + HexFormat.of().formatHex(value);
    }
}
