package dev.ringside.bdev.scsi.host;

import dev.ringside.bdev.ScatterList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A SCSI command: what is asked, where the data is, and how it ended. Preallocated, one for each place in a {@link
 * ScsiHostQueue}, and reused for ever. Nobody changes it between {@link ScsiHostQueue#queueCommand} and its end.
 *
 * <p>A driver reads the first half and calls {@link #end}, after it has filled {@link #sense} where there is sense data.
 */
public final class ScsiCommand {
    /** Bytes of the longest CDB. */
    public static final int CDB_BYTES = 16;
    /** Bytes of sense data that are kept; what an adapter has beyond is left out. */
    public static final int SENSE_BYTES = 96;

    /** Direction: no data. */
    public static final int NO_DATA = 0;
    /** Direction: from the device to memory. */
    public static final int READ = 1;
    /** Direction: from memory to the device. */
    public static final int WRITE = 2;

    private static final ScatterList NOTHING = new ScatterList(0);

    private final Owner owner;
    private final byte[] cdb = new byte[CDB_BYTES];
    private final byte[] sense = new byte[SENSE_BYTES];

    private int tag;
    private int cdbLength;
    private @Nullable ScsiDevice device;
    private int direction;
    private ScatterList data = NOTHING;
    private long deadlineNs;

    private int hostStatus;
    private int scsiStatus;
    private long transferred;
    private int senseLength;

    /** Who is told of a command's end. */
    public interface Owner {

        /** A command has ended, and may be used again at once; called from {@link ScsiHostQueue#poll}, on its thread. */
        void commandDone(ScsiCommand command);
    }

    /**
     * Makes one.
     *
     * @param tag its number in its queue, from 0 to {@link HostCapabilities#queueDepth} - 1; drivers index arrays by it
     */
    public ScsiCommand(int tag, Owner owner) {
        this.tag = tag;
        this.owner = owner;
    }

    /** Its number in its queue, from 0. */
    public int tag() {
        return tag;
    }

    /** The CDB; its owner fills it before it is queued. Bytes from {@link #cdbLength} on are 0. */
    public byte[] cdb() {
        return cdb;
    }

    /** Bytes of the CDB: 6, 10, 12 or 16. */
    public int cdbLength() {
        return cdbLength;
    }

    /** Whom it is for. */
    public ScsiDevice device() {
        return Objects.requireNonNull(device);
    }

    /** {@link #NO_DATA}, {@link #READ} or {@link #WRITE}. */
    public int direction() {
        return direction;
    }

    /** Where the data is; empty with {@link #NO_DATA}. Not the driver's to change. */
    public ScatterList data() {
        return data;
    }

    /** When the mid-layer will have lost patience, in ns of {@link System#nanoTime}. A driver need not look. */
    public long deadlineNs() {
        return deadlineNs;
    }

    /** Where the driver puts sense data, before {@link #end}. */
    public byte[] sense() {
        return sense;
    }

    /**
     * Says what is asked; not while it is queued. The CDB is in {@link #cdb} already.
     *
     * @param cdbLength 6, 10, 12 or 16
     * @param direction {@link #NO_DATA}, {@link #READ} or {@link #WRITE}
     * @param data stays the caller's, and as it is until the end
     * @param deadlineNs in ns of {@link System#nanoTime}
     */
    public void prepare(ScsiDevice to, int cdbLength, int direction, ScatterList data, long deadlineNs) {
        this.device = to;
        this.cdbLength = cdbLength;
        this.direction = direction;
        this.data = data;
        this.deadlineNs = deadlineNs;
    }

    /** Says what is asked by a command without data; not while it is queued. */
    public void prepare(ScsiDevice to, int cdbLength, long deadlineNs) {
        prepare(to, cdbLength, NO_DATA, NOTHING, deadlineNs);
    }

    /** Gives it another number in its queue, from 0; not while it is queued. */
    public void renumber(int number) {
        this.tag = number;
    }

    /** Has another list of the same length stand for the data; not while it is queued. */
    public void replaceData(ScatterList copy) {
        this.data = copy;
    }

    /** Sets another deadline, in ns of {@link System#nanoTime}. */
    public void replaceDeadline(long ns) {
        this.deadlineNs = ns;
    }

    /**
     * The driver's word that the command has ended: neither it nor the adapter will touch it or its data again. Exactly once
     * for each time that it was queued.
     *
     * @param hostStatus one of {@link HostStatus}
     * @param scsiStatus one of {@link dev.ringside.scsi.ScsiStatus}; counts with {@link HostStatus#DELIVERED}
     * @param transferred bytes of data that were moved, as far as is known: 0 to the length of the data
     * @param senseLength how many bytes of {@link #sense} are valid, 0 to {@link #SENSE_BYTES}
     */
    public void end(int hostStatus, int scsiStatus, long transferred, int senseLength) {
        this.hostStatus = hostStatus;
        this.scsiStatus = scsiStatus;
        this.transferred = transferred;
        this.senseLength = senseLength;
        owner.commandDone(this);
    }

    /** How the way there and back went: one of {@link HostStatus}. */
    public int hostStatus() {
        return hostStatus;
    }

    /** What the device says, with {@link HostStatus#DELIVERED}. */
    public int scsiStatus() {
        return scsiStatus;
    }

    /** Bytes of data that were not moved. */
    public long residual() {
        return data.bytes() - transferred;
    }

    /** Bytes of {@link #sense} that are valid. */
    public int senseLength() {
        return senseLength;
    }
}
