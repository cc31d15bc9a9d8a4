package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.ScatterList;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.scsi.SimDisk;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A target behind a model: simulated disks as its logical units, in the way in which an adapter talks to them. */
public final class ModelTarget {
    static final long ADDRESS_BASE = 0x5000_c500_0000_0000L;

    /** A logical unit number of one level, in the form of peripheral devices (SAM-6, 4.7.7.2). */
    private static final int LUN_SHIFT = 48;

    final MptSettings.Disk shape;
    private final List<SimDisk> units = new ArrayList<>();
    private byte[] sense = new byte[0];
    private int status;
    private @Nullable Sense refusal;
    private boolean descriptors;

    /** Makes one with zeroes in its disks, which have been switched on. */
    public ModelTarget(MptSettings.Disk shape) {
        this.shape = shape;
        for (int unit = 0; unit < shape.units(); unit++) {
            units.add(new SimDisk(shape.unit(unit), new byte[shape.blocks() * shape.blockSize()]));
        }
    }

    /** Its number among all disks. */
    public int number() {
        return shape.target();
    }

    /** Its SAS address. */
    public long sasAddress() {
        return ADDRESS_BASE | shape.target();
    }

    /** A reset has happened, which the next command to each logical unit is told of. */
    public void reset() {
        units.forEach(SimDisk::reset);
    }

    /** Whether there is a logical unit. */
    boolean hasUnit(long lun) {
        return unit(lun) != null;
    }

    /** A reset of a logical unit that there is has happened. */
    void resetUnit(long lun) {
        Objects.requireNonNull(unit(lun)).reset();
    }

    /**
     * Has the next command end with sense data.
     *
     * @param what the argument of a {@link MptFault.Kind#SENSE}
     */
    public void refuseNext(int what) {
        refusal = new Sense(SenseKey.of(what >>> 16), what >>> 8 & 0xff, what & 0xff, OptionalLong.empty(), 0, false);
        descriptors = (what & MptFault.DESCRIPTORS) != 0;
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
        Sense why = refusal;
        refusal = null;
        int moved = 0;
        boolean descriptorFormat = why != null && descriptors;
        if (why == null || isNoError(why.key())) {
            try {
                moved = perform(cdb, lun, data);
            } catch (CheckCondition e) {
                why = e.sense();
            }
        }
        if (why != null) {
            status = ScsiStatus.CHECK_CONDITION;
            sense = why.bytes(descriptorFormat);
        }
        return moved;
    }

    private static boolean isNoError(SenseKey key) {
        return key == SenseKey.NO_SENSE || key == SenseKey.RECOVERED_ERROR || key == SenseKey.COMPLETED;
    }

    private int perform(byte[] cdb, long lun, List<MemorySegment> parts) throws CheckCondition {
        ScatterList data = new ScatterList(parts.size());
        parts.forEach(part -> data.add(part, 0, part.byteSize()));
        SimDisk disk = unit(lun);
        return disk == null ? absent(cdb, data) : (int) disk.execute(cdb, data, units);
    }

    private @Nullable SimDisk unit(long lun) {
        long number = lun >>> LUN_SHIFT;
        return number << LUN_SHIFT == lun && number < units.size() ? units.get((int) number) : null;
    }

    /** What is not there can be asked what it is, and for nothing else (SPC-5, 6.7.1). */
    private static int absent(byte[] cdb, ScatterList data) throws CheckCondition {
        if (Operation.of(cdb) != Operation.INQUIRY) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED));
        }
        byte[] answer = {InquiryData.NO_UNIT << 5 | InquiryData.NO_TYPE};
        long bytes = Math.min(answer.length, data.bytes());
        data.copyFrom(MemorySegment.ofArray(answer), 0, bytes);
        return (int) bytes;
    }
}
