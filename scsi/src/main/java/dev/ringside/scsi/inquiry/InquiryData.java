package dev.ringside.scsi.inquiry;

import dev.ringside.scsi.BigEndian;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Standard INQUIRY data (SPC-5, 6.7.2).
 *
 * <pre>
 *   0 qualifier (7..5), type (4..0)     5 SCCS (7) TPGS (5..4) 3PC (3) PROTECT (0)    8 vendor (8)
 *   1 RMB (7)                           6 MULTIP (4)                                16 product (16)
 *   2 version                           7 CMDQUE (1)                                32 revision (4)
 *   3 NORMACA (5) HISUP (4) format 2                                                58 version descriptors
 *   4 additional length
 * </pre>
 *
 * @param qualifier what the address stands for: {@link #CONNECTED}, or {@link #NO_UNIT}
 * @param type device type: {@link #DISK}, or {@link #NO_TYPE}
 * @param version what standard is claimed, such as {@link #SPC_4_VERSION}
 * @param implicitAlua whether target port groups can be reported, and change by themselves
 * @param multiPort whether the target has more than one port
 */
public record InquiryData(
        int qualifier,
        int type,
        int version,
        boolean removable,
        boolean implicitAlua,
        boolean multiPort,
        boolean commandQueue,
        String vendor,
        String product,
        String revision,
        List<Integer> standards) {
    /** Bytes of the data, version descriptors included. */
    public static final int BYTES = 96;
    /** Qualifier: a logical unit is there. */
    public static final int CONNECTED = 0;
    /** Qualifier: the target cannot have a logical unit there. */
    public static final int NO_UNIT = 3;
    /** Type: direct access block device. */
    public static final int DISK = 0x00;
    /** Type: well known logical unit. */
    public static final int WELL_KNOWN = 0x1e;
    /** Type: unknown, or none. */
    public static final int NO_TYPE = 0x1f;
    /** Version: SPC-4. */
    public static final int SPC_4_VERSION = 6;

    /** Version descriptor: SAM-5. */
    public static final int SAM_5 = 0x00a0;
    /** Version descriptor: SPC-4. */
    public static final int SPC_4 = 0x0460;
    /** Version descriptor: SBC-3. */
    public static final int SBC_3 = 0x04c0;

    private static final int MAX_STANDARDS = 8;
    private static final int RESPONSE_FORMAT = 2;

    /** Checks the number of version descriptors. */
    public InquiryData {
        standards = List.copyOf(standards);
        if (standards.size() > MAX_STANDARDS) {
            throw new IllegalArgumentException(standards.size() + " version descriptors: 8 is allowed at most");
        }
    }

    /** The bytes. */
    public byte[] bytes() {
        byte[] data = new byte[BYTES];
        data[0] = (byte) (qualifier << 5 | type);
        data[1] = (byte) (removable ? 0x80 : 0);
        data[2] = (byte) version;
        // Addresses are of one level, or flat: HISUP says so.
        data[3] = 0x10 | RESPONSE_FORMAT;
        data[4] = BYTES - 5;
        data[5] = (byte) (implicitAlua ? 0x10 : 0);
        data[6] = (byte) (multiPort ? 0x10 : 0);
        data[7] = (byte) (commandQueue ? 0x02 : 0);
        BigEndian.putText(data, 8, 8, vendor);
        BigEndian.putText(data, 16, 16, product);
        BigEndian.putText(data, 32, 4, revision);
        for (int i = 0; i < standards.size(); i++) {
            BigEndian.put16(data, 58 + 2 * i, standards.get(i));
        }
        return data;
    }

    /**
     * Reads the data of a device.
     *
     * @param length how many of the bytes are valid
     * @return empty if there are fewer than the 36 that every device has
     */
    public static Optional<InquiryData> parse(byte[] data, int length) {
        if (length < 36) {
            return Optional.empty();
        }
        return Optional.of(new InquiryData(
                BigEndian.u8(data, 0) >> 5,
                data[0] & 0x1f,
                BigEndian.u8(data, 2),
                (data[1] & 0x80) != 0,
                (data[5] & 0x10) != 0,
                (data[6] & 0x10) != 0,
                (data[7] & 0x02) != 0,
                BigEndian.text(data, 8, 8),
                BigEndian.text(data, 16, 16),
                BigEndian.text(data, 32, 4),
                IntStream.range(0, MAX_STANDARDS)
                        .filter(i -> 60 + 2 * i <= length)
                        .map(i -> BigEndian.u16(data, 58 + 2 * i))
                        .filter(code -> code != 0)
                        .boxed()
                        .toList()));
    }
}
