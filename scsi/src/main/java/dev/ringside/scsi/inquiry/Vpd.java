package dev.ringside.scsi.inquiry;

import dev.ringside.scsi.BigEndian;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The vital product data pages (SPC-5, 7.7; SBC-4, 6.6).
 *
 * <pre>
 *  0 qualifier (7..5), type (4..0)    1 page code    2 page length (u16)    4 page
 * </pre>
 */
public final class Vpd {
    /** Supported VPD Pages. */
    public static final int SUPPORTED = 0x00;
    /** Unit Serial Number. */
    public static final int SERIAL = 0x80;
    /** Device Identification. */
    public static final int IDENTIFICATION = 0x83;
    /** Software Interface Identification. */
    public static final int SOFTWARE_INTERFACE = 0x84;
    /** Management Network Addresses. */
    public static final int NETWORK_ADDRESSES = 0x85;
    /** Extended INQUIRY Data. */
    public static final int EXTENDED_INQUIRY = 0x86;
    /** Mode Page Policy. */
    public static final int MODE_PAGE_POLICY = 0x87;
    /** SCSI Ports. */
    public static final int PORTS = 0x88;
    /** Block Limits. */
    public static final int BLOCK_LIMITS = 0xb0;
    /** Block Device Characteristics. */
    public static final int BLOCK_CHARACTERISTICS = 0xb1;
    /** Logical Block Provisioning. */
    public static final int PROVISIONING = 0xb2;

    /** The pages that a disk has here, as page 00h lists them. */
    public static final List<Integer> DISK_PAGES = List.of(
            SUPPORTED,
            SERIAL,
            IDENTIFICATION,
            SOFTWARE_INTERFACE,
            NETWORK_ADDRESSES,
            EXTENDED_INQUIRY,
            MODE_PAGE_POLICY,
            PORTS,
            BLOCK_LIMITS,
            BLOCK_CHARACTERISTICS,
            PROVISIONING);

    /** Rotation rate of a medium that does not turn. */
    public static final int SOLID = 1;

    private static final int EXTENDED_BYTES = 64;

    private Vpd() {}

    /**
     * A port of a target, for page 88h.
     *
     * @param relative its number, at least 1
     */
    public record Port(int relative, List<Designator> names) {}

    /** Page 00h: which pages there are. */
    public static byte[] supported(List<Integer> pages) {
        byte[] data = new byte[4 + pages.size()];
        for (int i = 0; i < pages.size(); i++) {
            data[4 + i] = pages.get(i).byteValue();
        }
        return page(SUPPORTED, data);
    }

    /** Page 80h: the serial number, in ASCII. */
    public static byte[] serial(String serial) {
        byte[] data = new byte[4 + serial.length()];
        BigEndian.putText(data, 4, serial.length(), serial);
        return page(SERIAL, data);
    }

    /** Page 83h: names. */
    public static byte[] identification(List<Designator> names) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(new byte[4]);
        names.forEach(name -> data.writeBytes(name.bytes()));
        return page(IDENTIFICATION, data.toByteArray());
    }

    /** The names in page 83h, of which {@code length} bytes are valid. */
    public static List<Designator> parseIdentification(byte[] page, int length) {
        int end = length < 4 ? 0 : Math.min(length, 4 + BigEndian.u16(page, 2));
        return Designator.parse(page, 4, end);
    }

    /** The serial number in page 80h, of which {@code length} bytes are valid; empty if there is no such page. */
    public static String parseSerial(byte[] page, int length) {
        if (length < 4) {
            return "";
        }
        int end = Math.min(length, 4 + BigEndian.u16(page, 2));
        return BigEndian.text(page, 4, end - 4).strip();
    }

    /** Page 84h: the software interfaces that the unit has, each six bytes. */
    public static byte[] softwareInterfaces(List<byte[]> identifiers) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(new byte[4]);
        identifiers.forEach(data::writeBytes);
        return page(SOFTWARE_INTERFACE, data.toByteArray());
    }

    /** Page 85h: no address of a management service. */
    public static byte[] noNetworkAddresses() {
        return page(NETWORK_ADDRESSES, new byte[4]);
    }

    /** Page 86h: simple tasks only, no protection, and whether there is a volatile cache. */
    public static byte[] extendedInquiry(boolean volatileCache) {
        byte[] data = new byte[EXTENDED_BYTES];
        // SIMPSUP.
        data[5] = 0x01;
        // V_SUP.
        data[6] = (byte) (volatileCache ? 0x01 : 0);
        return page(EXTENDED_INQUIRY, data);
    }

    /** Page 87h: all mode pages are shared by all initiators. */
    public static byte[] sharedModePages() {
        byte[] data = new byte[8];
        data[4] = 0x3f;
        data[5] = (byte) 0xff;
        return page(MODE_PAGE_POLICY, data);
    }

    /** Page 88h: the target's ports. */
    public static byte[] ports(List<Port> ports) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(new byte[4]);
        for (Port port : ports) {
            ByteArrayOutputStream names = new ByteArrayOutputStream();
            port.names().forEach(name -> names.writeBytes(name.bytes()));
            byte[] head = new byte[12];
            BigEndian.put16(head, 2, port.relative());
            BigEndian.put16(head, 10, names.size());
            data.writeBytes(head);
            data.writeBytes(names.toByteArray());
        }
        return page(PORTS, data.toByteArray());
    }

    /** Page B0h. */
    public static byte[] blockLimits(BlockLimits limits) {
        return page(BLOCK_LIMITS, limits.bytes());
    }

    /** Page B1h: whether the medium turns; if it does, its speed is not told. */
    public static byte[] blockCharacteristics(boolean rotational) {
        return blockCharacteristics(rotational ? 0 : SOLID);
    }

    /**
     * Page B1h.
     *
     * @param rotationRate in turns a minute; 0: not told; {@link #SOLID}: the medium does not turn
     */
    public static byte[] blockCharacteristics(int rotationRate) {
        byte[] data = new byte[64];
        BigEndian.put16(data, 4, rotationRate);
        return page(BLOCK_CHARACTERISTICS, data);
    }

    /** The rotation rate in page B1h, of which {@code length} bytes are valid: as it was given there, and 0 if it is cut short. */
    public static int parseRotationRate(byte[] page, int length) {
        return length >= 6 ? BigEndian.u16(page, 4) : 0;
    }

    /** The page codes in page 00h, of which {@code length} bytes are valid. */
    public static List<Integer> parseSupported(byte[] page, int length) {
        int end = length < 4 ? 4 : Math.min(length, 4 + BigEndian.u16(page, 2));
        return IntStream.range(4, end).mapToObj(i -> BigEndian.u8(page, i)).toList();
    }

    /** Page B2h. */
    public static byte[] provisioning(Provisioning provisioning) {
        return page(PROVISIONING, provisioning.bytes());
    }

    /** The same page for another type of device. */
    public static byte[] of(int qualifierAndType, byte[] page) {
        byte[] copy = Arrays.copyOf(page, page.length);
        copy[0] = (byte) qualifierAndType;
        return copy;
    }

    private static byte[] page(int code, byte[] data) {
        data[1] = (byte) code;
        BigEndian.put16(data, 2, data.length - 4);
        return data;
    }
}
