package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import java.lang.foreign.MemorySegment;

/**
 * A share of a host's queue with nothing of the block layer around it: commands that read or write one disk are built beforehand,
 * and only posted and reaped. Nothing is tried again, and nothing put right: a reset of the adapter takes what is in flight. For
 * one thread after another.
 */
public final class BareQueue {
    /** What {@link #reap} returns when no command has ended. */
    public static final int NONE = -1;

    private static final int BUDGET = 64;
    /** Places that are left to others: to the control thread. */
    private static final int SPARE = 1;

    private final QueueShare share;
    private final ScsiDevice device;
    private final long firstBlock;
    private final Slot[] slots;
    private final byte[] cdbs;
    private final SlotRing waiting;
    private final SlotRing ended;
    private int inFlight;
    private int last = NONE;

    /** Where commands that move the same data take turns; one at a time is in flight. */
    private final class Slot implements ScsiCommand.Owner, Arrival {
        final int number;
        final ScsiCommand scsi = new ScsiCommand(0, this);
        final ScatterList data = new ScatterList(1);
        boolean refused;

        Slot(int number) {
            this.number = number;
        }

        @Override
        public void commandDone(ScsiCommand command) {
            share.route(this, command);
        }

        @Override
        public void arrived() {
            inFlight--;
            ended.put(number);
        }
    }

    /** Numbers of slots, in order. */
    private static final class SlotRing {
        private final int[] numbers;
        private int head;
        private int size;

        SlotRing(int slots) {
            numbers = new int[slots];
        }

        void put(int number) {
            numbers[(head + size++) % numbers.length] = number;
        }

        int take() {
            if (size == 0) {
                return NONE;
            }
            int number = numbers[head];
            head = (head + 1) % numbers.length;
            size--;
            return number;
        }

        int first() {
            return size == 0 ? NONE : numbers[head];
        }
    }

    /**
     * Joins a queue.
     *
     * @param firstBlock of the range that is used, in blocks of the disk
     * @param slots commands at a time
     * @param requests commands that can be built
     */
    public BareQueue(QueueHub hub, Unit unit, long firstBlock, int slots, int requests) {
        this.share = new QueueShare(hub, slots, SPARE);
        this.device = unit.device();
        this.firstBlock = firstBlock;
        this.slots = new Slot[slots];
        for (int i = 0; i < slots; i++) {
            this.slots[i] = new Slot(i);
        }
        this.cdbs = new byte[requests * ScsiCommand.CDB_BYTES];
        this.waiting = new SlotRing(slots);
        this.ended = new SlotRing(slots);
    }

    /** Says where the data of a slot is, which the adapter reaches. */
    public void describe(int slot, MemorySegment data) {
        slots[slot].data.clear();
        slots[slot].data.add(data, 0, data.byteSize());
    }

    /**
     * Builds a command.
     *
     * @param request which one, from 0
     * @param lba in blocks of the range, as is {@code blocks}
     */
    public void build(int request, boolean read, long lba, int blocks) {
        byte[] cdb = new byte[ScsiCommand.CDB_BYTES];
        Cdb.putRange(cdb, read ? Operation.READ_16 : Operation.WRITE_16, firstBlock + lba, blocks, 0);
        System.arraycopy(cdb, 0, cdbs, request * ScsiCommand.CDB_BYTES, cdb.length);
    }

    /** Gives a slot's next command to the adapter, which sees it at the next {@link #ring}. */
    public void post(int request, int slot) {
        ScsiCommand scsi = slots[slot].scsi;
        System.arraycopy(cdbs, request * ScsiCommand.CDB_BYTES, scsi.cdb(), 0, ScsiCommand.CDB_BYTES);
        boolean read = scsi.cdb()[0] == (byte) Operation.READ_16.code();
        scsi.prepare(device, ScsiCommand.CDB_BYTES, read ? ScsiCommand.READ : ScsiCommand.WRITE, slots[slot].data, 0);
        waiting.put(slot);
        postWaiting();
    }

    /** A command waits while the control thread has the queue, or the adapter has no place. */
    private void postWaiting() {
        for (int slot = waiting.first(); slot != NONE; slot = waiting.first()) {
            int taken = share.queueCommand(slots[slot].scsi);
            if (taken == ScsiHostQueue.BUSY) {
                return;
            }
            waiting.take();
            slots[slot].refused = taken != ScsiHostQueue.QUEUED;
            if (slots[slot].refused) {
                ended.put(slot);
            } else {
                inFlight++;
            }
        }
    }

    /** Shows the adapter what was posted. */
    public void ring() {
        share.commit();
    }

    /** Takes the end of a command: its slot, or {@link #NONE}. */
    public int reap() {
        if (ended.first() == NONE) {
            postWaiting();
            share.poll(BUDGET);
        }
        last = ended.take();
        return last;
    }

    /** Whether the command that was reaped last was carried out. */
    public boolean succeeded() {
        Slot slot = slots[last];
        return !slot.refused
                && slot.scsi.hostStatus() == HostStatus.DELIVERED
                && slot.scsi.scsiStatus() == ScsiStatus.GOOD
                && slot.scsi.residual() == 0;
    }

    /** In words, what became of the command that was reaped last. */
    public String failure() {
        ScsiCommand scsi = slots[last].scsi;
        return slots[last].refused
                ? "the adapter does not take such a command"
                : String.format("host status %d, SCSI status %02xh", scsi.hostStatus(), scsi.scsiStatus());
    }

    /** Whether the adapter may still use the memory of a slot. */
    public boolean busy() {
        return inFlight > 0;
    }
}
