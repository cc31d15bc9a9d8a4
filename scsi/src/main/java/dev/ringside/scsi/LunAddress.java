package dev.ringside.scsi;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** Addresses of logical units in eight bytes (SAM-6, 4.7), and the list of them that REPORT LUNS gives (SPC-5, 6.33). */
public final class LunAddress {
    /** Bytes of an address. */
    public static final int BYTES = 8;
    /** Highest number of a logical unit: 14 bits of flat space addressing. */
    public static final int MAX_LUN = 0x3fff;
    /** First two bytes of the address of the REPORT LUNS well known logical unit. */
    public static final int REPORT_LUNS = 0xc101;

    private static final int FLAT = 0x4000;
    private static final int METHOD = 0xc000;

    private LunAddress() {}

    /**
     * The first two bytes of the address of a logical unit: peripheral device addressing below 256, flat space addressing
     * from there on.
     */
    public static int single(int lun) {
        return lun < 256 ? lun : FLAT | lun;
    }

    /**
     * The number in a single level address, of either method.
     *
     * @param firstTwo the first two bytes of it
     * @return empty for another method, or a bus that is not 0
     */
    public static OptionalInt lun(int firstTwo) {
        int number = number(firstTwo);
        return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** As {@link #lun}, allocating nothing: -1 for none. */
    public static int number(int firstTwo) {
        return switch (firstTwo & METHOD) {
            case 0 -> firstTwo < 256 ? firstTwo : -1;
            case FLAT -> firstTwo & MAX_LUN;
            default -> -1;
        };
    }

    /** The data of REPORT LUNS. */
    public static byte[] list(List<Long> addresses) {
        byte[] data = new byte[8 + addresses.size() * BYTES];
        BigEndian.put32(data, 0, data.length - 8L);
        for (int i = 0; i < addresses.size(); i++) {
            BigEndian.put64(data, 8 + i * BYTES, addresses.get(i));
        }
        return data;
    }

    /**
     * The addresses in the data of REPORT LUNS.
     *
     * @param length how many bytes of the data are valid
     */
    public static List<Long> parse(byte[] data, int length) {
        if (length < 8) {
            return List.of();
        }
        long count = Math.min(BigEndian.u32(data, 0), length - 8L) / BYTES;
        return LongStream.range(0, count)
                .mapToObj(i -> BigEndian.u64(data, 8 + (int) i * BYTES))
                .toList();
    }
}
