package dev.ringside.scsi.reservation;

import dev.ringside.scsi.BigEndian;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The data of PERSISTENT RESERVE IN (SPC-5, 6.16). */
public final class ReserveInData {
    private static final int HEADER = 8;

    private ReserveInData() {}

    /**
     * A registration in the full status.
     *
     * @param holder whether it holds the reservation
     * @param type of the reservation, for a holder
     * @param relativePort of the target
     * @param transportId of the initiator
     */
    // Is made and read; nobody compares two.
    @SuppressWarnings("ArrayRecordComponent")
    public record Status(
            long key, boolean holder, Optional<ReservationType> type, int relativePort, byte[] transportId) {}

    /** READ KEYS. */
    public static byte[] keys(long generation, List<Long> keys) {
        byte[] data = new byte[HEADER + 8 * keys.size()];
        BigEndian.put32(data, 0, generation);
        BigEndian.put32(data, 4, 8L * keys.size());
        for (int i = 0; i < keys.size(); i++) {
            BigEndian.put64(data, HEADER + 8 * i, keys.get(i));
        }
        return data;
    }

    /** The keys in the data of READ KEYS. */
    public static List<Long> parseKeys(byte[] data) {
        int count = (int) Math.min(BigEndian.u32(data, 4), data.length - HEADER) / 8;
        return IntStream.range(0, count)
                .mapToObj(i -> BigEndian.u64(data, HEADER + 8 * i))
                .toList();
    }

    /**
     * READ RESERVATION.
     *
     * @param key of the holder; 0 if everybody who is registered holds it
     */
    public static byte[] reservation(long generation, Optional<ReservationType> type, long key) {
        byte[] data = new byte[HEADER + (type.isPresent() ? 16 : 0)];
        BigEndian.put32(data, 0, generation);
        type.ifPresent(held -> {
            BigEndian.put32(data, 4, 16);
            BigEndian.put64(data, 8, key);
            data[21] = (byte) held.code();
        });
        return data;
    }

    /**
     * REPORT CAPABILITIES: all types, initiator ports and all target ports can be specified.
     *
     * @param canPersist whether reservations can outlive a loss of power
     * @param persists whether they do now
     */
    public static byte[] capabilities(boolean canPersist, boolean persists) {
        byte[] data = new byte[8];
        BigEndian.put16(data, 0, 8);
        // SIP_C, ATP_C, PTPL_C.
        data[2] = (byte) (0x08 | 0x04 | (canPersist ? 0x01 : 0));
        // TMV; ALLOW COMMANDS 1: what a write exclusive reservation allows is what the standard's tables say.
        data[3] = (byte) (0x80 | 0x10 | (persists ? 0x01 : 0));
        BigEndian.put16(data, 4, ReservationType.MASK);
        return data;
    }

    /** READ FULL STATUS. */
    public static byte[] fullStatus(long generation, List<Status> registrations) {
        int bytes = registrations.stream()
                .mapToInt(each -> 24 + each.transportId().length)
                .sum();
        byte[] data = new byte[HEADER + bytes];
        BigEndian.put32(data, 0, generation);
        BigEndian.put32(data, 4, bytes);
        int at = HEADER;
        for (Status each : registrations) {
            BigEndian.put64(data, at, each.key());
            data[at + 12] = (byte) (each.holder() ? 1 : 0);
            data[at + 13] = (byte)
                    (each.holder() ? each.type().map(ReservationType::code).orElse(0) : 0);
            BigEndian.put16(data, at + 18, each.relativePort());
            BigEndian.put32(data, at + 20, each.transportId().length);
            System.arraycopy(each.transportId(), 0, data, at + 24, each.transportId().length);
            at += 24 + each.transportId().length;
        }
        return data;
    }
}
