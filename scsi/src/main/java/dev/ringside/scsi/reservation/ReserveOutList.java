package dev.ringside.scsi.reservation;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameter list of PERSISTENT RESERVE OUT (SPC-5, 6.17.3).
 *
 * <pre>
 *  0 reservation key    8 service action key    20 SPEC_I_PT (3) ALL_TG_PT (2) APTPL (0)    24 transport ids
 * </pre>
 *
 * @param key the initiator's
 * @param actionKey what the service action is about
 * @param allPorts whether a registration is for all target ports
 * @param persist whether reservations shall outlive a loss of power
 * @param initiators names of the initiator ports to register as well
 */
public record ReserveOutList(long key, long actionKey, boolean allPorts, boolean persist, List<byte[]> initiators) {
    private static final int BYTES = 24;
    private static final int SPEC_I_PT = 0x08;
    private static final int ALL_TG_PT = 0x04;
    private static final int APTPL = 0x01;

    /**
     * Reads a list.
     *
     * @param specifies whether the service action can name initiator ports
     * @throws CheckCondition if its length is wrong, or it names ports where none can be, or in a format that is not known
     */
    public static ReserveOutList parse(byte[] list, boolean specifies) throws CheckCondition {
        if (list.length < BYTES) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        boolean named = (list[20] & SPEC_I_PT) != 0;
        if (!named && list.length != BYTES) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        if (named && !specifies) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(20, 3)));
        }
        return new ReserveOutList(
                BigEndian.u64(list, 0),
                BigEndian.u64(list, 8),
                (list[20] & ALL_TG_PT) != 0,
                (list[20] & APTPL) != 0,
                named ? initiators(list) : List.of());
    }

    /** The bytes of a list that names no initiator port. */
    public static byte[] bytes(long key, long actionKey, boolean allPorts, boolean persist) {
        byte[] list = new byte[BYTES];
        BigEndian.put64(list, 0, key);
        BigEndian.put64(list, 8, actionKey);
        list[20] = (byte) ((allPorts ? ALL_TG_PT : 0) | (persist ? APTPL : 0));
        return list;
    }

    /**
     * The parameter list of REGISTER AND MOVE.
     *
     * <pre>
     *  0 reservation key    8 service action key    17 UNREG (1) APTPL (0)    18 relative target port (u16)
     * 20 length of the transport id (u32)    24 transport id
     * </pre>
     *
     * @param unregister whether the initiator's own registration ends
     * @param initiator name of the port that gets the reservation
     */
    // Is made and read; nobody compares two.
    @SuppressWarnings("ArrayRecordComponent")
    public record Move(
            long key, long actionKey, boolean unregister, boolean persist, int relativePort, byte[] initiator) {

        /**
         * Reads a list.
         *
         * @throws CheckCondition if its length is wrong, or it names a port in a format that is not known
         */
        public static Move parse(byte[] list) throws CheckCondition {
            if (list.length < BYTES || list.length != BYTES + BigEndian.u32(list, 20)) {
                throw new CheckCondition(Sense.parameterListLength());
            }
            byte[] name = TransportId.name(list, BYTES)
                    .orElseThrow(() -> new CheckCondition(Sense.invalidParameter(FieldPointer.inData(BYTES))));
            return new Move(
                    BigEndian.u64(list, 0),
                    BigEndian.u64(list, 8),
                    (list[17] & 0x02) != 0,
                    (list[17] & APTPL) != 0,
                    BigEndian.u16(list, 18),
                    name);
        }

        /** The bytes. */
        public byte[] bytes() {
            byte[] list = new byte[BYTES + TransportId.BYTES];
            BigEndian.put64(list, 0, key);
            BigEndian.put64(list, 8, actionKey);
            list[17] = (byte) ((unregister ? 0x02 : 0) | (persist ? APTPL : 0));
            BigEndian.put16(list, 18, relativePort);
            BigEndian.put32(list, 20, TransportId.BYTES);
            System.arraycopy(TransportId.sas(initiator), 0, list, BYTES, TransportId.BYTES);
            return list;
        }
    }

    private static List<byte[]> initiators(byte[] list) throws CheckCondition {
        if (list.length < BYTES + 4 || list.length != BYTES + 4 + BigEndian.u32(list, BYTES)) {
            throw new CheckCondition(Sense.parameterListLength());
        }
        List<byte[]> names = new ArrayList<>();
        for (int at = BYTES + 4; at < list.length; at += TransportId.BYTES) {
            int pointer = FieldPointer.inData(at);
            names.add(
                    TransportId.name(list, at).orElseThrow(() -> new CheckCondition(Sense.invalidParameter(pointer))));
        }
        return names;
    }
}
