package dev.ringside.vhost.scsi;

import dev.ringside.scsi.LunAddress;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The config space of a virtio SCSI host device (virtio 1.2, 5.6.4).
 *
 * <pre>
 *  0 num_queues    4 seg_max    8 max_sectors    12 cmd_per_lun    16 event_info_size
 * 20 sense_size   24 cdb_size   28 max_channel (u16)    30 max_target (u16)    32 max_lun
 * </pre>
 */
final class ScsiConfig {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int SENSE_SIZE = 20;
    private static final int CDB_SIZE = 24;
    /** With the two headers, a chain of 128. */
    private static final int SEG_MAX = 126;

    private static final int MAX_SECTORS = 0xffff;
    private static final int COMMANDS_PER_LUN = 128;

    private ScsiConfig() {}

    static void write(MemorySegment target) {
        target.set(U32, 0, ScsiLayout.MAX_QUEUES - ScsiLayout.FIRST_REQUEST_QUEUE);
        target.set(U32, 4, SEG_MAX);
        target.set(U32, 8, MAX_SECTORS);
        target.set(U32, 12, COMMANDS_PER_LUN);
        target.set(U32, 16, ScsiLayout.EVENT_BYTES);
        target.set(U32, SENSE_SIZE, ScsiLayout.SENSE_BYTES);
        target.set(U32, CDB_SIZE, ScsiLayout.CDB_BYTES);
        target.set(U16, 28, (short) 0);
        target.set(U16, 30, (short) (ScsiLayout.TARGETS - 1));
        target.set(U32, 32, LunAddress.MAX_LUN);
    }

    /**
     * Looks at what a driver writes: only the sizes that are in force already can be written.
     *
     * @throws ProtocolException if it is anything else
     */
    static void check(long offset, MemorySegment bytes) throws ProtocolException {
        boolean sense = offset == SENSE_SIZE && bytes.byteSize() == 4 && bytes.get(U32, 0) == ScsiLayout.SENSE_BYTES;
        boolean cdb = offset == CDB_SIZE && bytes.byteSize() == 4 && bytes.get(U32, 0) == ScsiLayout.CDB_BYTES;
        if (!sense && !cdb) {
            throw new ProtocolException("SET_CONFIG of " + bytes.byteSize() + " bytes at " + offset
                    + ": sense_size can be set to " + ScsiLayout.SENSE_BYTES + " and cdb_size to "
                    + ScsiLayout.CDB_BYTES + ", which they are");
        }
    }
}
