package dev.ringside.testkit.mptsas;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** A disk behind a model: as much of SCSI as finding it, reading and writing need. */
public final class ModelTarget {
    static final long ADDRESS_BASE = 0x5000_c500_0000_0000L;

    private static final int STATUS_ONLY = 0;

    final MptSettings.Disk shape;
    private final byte[] content;
    private byte[] sense = new byte[0];
    private int status;
    private boolean attention = true;
    private int refusal;

    /** Makes one with zeroes in it, which has been reset. */
    public ModelTarget(MptSettings.Disk shape) {
        this.shape = shape;
        this.content = new byte[shape.blocks() * shape.blockSize()];
    }

    /** Its number among all disks. */
    public int number() {
        return shape.target();
    }

    /** Its SAS address. */
    public long sasAddress() {
        return ADDRESS_BASE | shape.target();
    }

    /** A reset has happened, which the next command is told of. */
    public void reset() {
        attention = true;
    }

    /**
     * Has the next command end with sense data, and do nothing unless it is a RECOVERED ERROR.
     *
     * @param keyAndCode sense key, ASC and ASCQ, a byte each
     */
    public void refuseNext(int keyAndCode) {
        refusal = keyAndCode;
    }

    /** The SCSI status of the last command. */
    public int status() {
        return status;
    }

    /** The sense data of the last command; empty: none. */
    public byte[] sense() {
        return sense;
    }

    /**
     * Executes a command.
     *
     * @param data where its data goes or comes from
     * @return bytes moved
     */
    public int execute(byte[] cdb, long lun, List<MemorySegment> data) {
        status = ScsiStatus.GOOD;
        sense = new byte[0];
        if (refusal != 0) {
            Sense why = new Sense(
                    SenseKey.of(refusal >>> 16), refusal >>> 8 & 0xff, refusal & 0xff, OptionalLong.empty(), 0, false);
            refusal = 0;
            int moved = why.key() == SenseKey.RECOVERED_ERROR ? perform(cdb, lun, data) : 0;
            fail(why);
            return moved;
        }
        return perform(cdb, lun, data);
    }

    private int perform(byte[] cdb, long lun, List<MemorySegment> data) {
        int operation = cdb[0] & 0xff;
        if (lun != 0 && operation != 0x12) {
            return fail(Sense.illegal(AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED));
        }
        if (attention && operation != 0x12 && operation != 0xa0) {
            attention = false;
            return fail(Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED));
        }
        return switch (operation) {
            case 0x00, 0x35, 0x91 -> STATUS_ONLY;
            case 0x12 -> scatter(inquiry(cdb, lun), data, BigEndian.u16(cdb, 3));
            case 0x25 -> scatter(capacity10(), data, 8);
            case 0x9e -> scatter(capacity16(), data, (int) BigEndian.u32(cdb, 10));
            case 0x28 -> read(BigEndian.u32(cdb, 2), BigEndian.u16(cdb, 7), data);
            case 0x2a -> write(BigEndian.u32(cdb, 2), BigEndian.u16(cdb, 7), data);
            case 0x88 -> read(BigEndian.u64(cdb, 2), (int) BigEndian.u32(cdb, 10), data);
            case 0x8a -> write(BigEndian.u64(cdb, 2), (int) BigEndian.u32(cdb, 10), data);
            case 0xa0 -> {
                byte[] list = new byte[16];
                BigEndian.put32(list, 0, 8);
                yield scatter(list, data, (int) BigEndian.u32(cdb, 6));
            }
            default -> fail(Sense.illegal(AdditionalSense.INVALID_COMMAND_OPERATION_CODE));
        };
    }

    private int fail(Sense why) {
        status = ScsiStatus.CHECK_CONDITION;
        sense = why.bytes(false);
        return STATUS_ONLY;
    }

    private byte[] inquiry(byte[] cdb, long lun) {
        if ((cdb[1] & 1) == 0) {
            byte[] standard = new byte[36];
            standard[0] = (byte) (lun == 0 ? 0 : 0x7f);
            standard[2] = 7;
            standard[3] = 2;
            standard[4] = 31;
            standard[7] = 2;
            BigEndian.putText(standard, 8, 8, "RINGSIDE");
            BigEndian.putText(standard, 16, 16, "MODEL DISK");
            BigEndian.putText(standard, 32, 4, "1");
            return standard;
        }
        return switch (cdb[2] & 0xff) {
            case 0x00 -> new byte[] {0, 0, 0, 3, 0, (byte) 0x80, (byte) 0x83};
            case 0x80 -> {
                byte[] serial = new byte[12];
                serial[1] = (byte) 0x80;
                serial[3] = 8;
                BigEndian.putText(serial, 4, 8, String.format("MODEL%03d", shape.target()));
                yield serial;
            }
            case 0x83 -> {
                byte[] naa = new byte[16];
                naa[1] = (byte) 0x83;
                naa[3] = 12;
                naa[4] = 1;
                naa[5] = 3;
                naa[7] = 8;
                BigEndian.put64(naa, 8, sasAddress());
                yield naa;
            }
            default -> {
                fail(Sense.illegal(AdditionalSense.INVALID_FIELD_IN_CDB));
                yield new byte[0];
            }
        };
    }

    private byte[] capacity10() {
        byte[] data = new byte[8];
        BigEndian.put32(data, 0, shape.blocks() - 1L);
        BigEndian.put32(data, 4, shape.blockSize());
        return data;
    }

    private byte[] capacity16() {
        byte[] data = new byte[32];
        BigEndian.put64(data, 0, shape.blocks() - 1L);
        BigEndian.put32(data, 8, shape.blockSize());
        return data;
    }

    private int read(long lba, int blocks, List<MemorySegment> data) {
        if (lba + blocks > shape.blocks()) {
            return fail(Sense.illegal(AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE));
        }
        int from = (int) lba * shape.blockSize();
        int bytes = blocks * shape.blockSize();
        return scatter(Arrays.copyOfRange(content, from, from + bytes), data, bytes);
    }

    private int write(long lba, int blocks, List<MemorySegment> data) {
        if (lba + blocks > shape.blocks()) {
            return fail(Sense.illegal(AdditionalSense.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE));
        }
        int at = (int) lba * shape.blockSize();
        int left = blocks * shape.blockSize();
        int moved = 0;
        for (MemorySegment part : data) {
            int length = (int) Math.min(left - moved, part.byteSize());
            MemorySegment.copy(part, ValueLayout.JAVA_BYTE, 0, content, at + moved, length);
            moved += length;
        }
        return moved;
    }

    private static int scatter(byte[] from, List<MemorySegment> data, int most) {
        int left = Math.min(from.length, most);
        int moved = 0;
        for (MemorySegment part : data) {
            int length = (int) Math.min(left - moved, part.byteSize());
            MemorySegment.copy(from, moved, part, ValueLayout.JAVA_BYTE, 0, length);
            moved += length;
        }
        return moved;
    }
}
