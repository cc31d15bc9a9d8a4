package dev.ringside.scsi.reservation;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;
import java.util.Optional;

/** Names of initiator ports (SPC-5, 7.6.4), in the format of SAS: a name of eight bytes. */
public final class TransportId {
    /** Bytes of an id. */
    public static final int BYTES = 24;

    private static final int SAS = 6;

    private TransportId() {}

    /** The id of a port with a name of eight bytes. */
    public static byte[] sas(byte[] name) {
        byte[] id = new byte[BYTES];
        id[0] = SAS;
        System.arraycopy(name, 0, id, 4, 8);
        return id;
    }

    /** Whether the bytes at a place are an id of this format. */
    public static boolean isSas(byte[] data, int at) {
        return at + BYTES <= data.length && BigEndian.u8(data, at) == SAS;
    }

    /** The name in an id of this format. */
    public static Optional<byte[]> name(byte[] data, int at) {
        return isSas(data, at) ? Optional.of(Arrays.copyOfRange(data, at + 4, at + 12)) : Optional.empty();
    }
}
