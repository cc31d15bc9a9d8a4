package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.nvme.spec.Opcode;
import dev.ringside.bdev.nvme.spec.StatusCode;
import dev.ringside.bdev.nvme.spec.SubmissionEntry;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;

/**
 * A pair of queues for commands that are built beforehand, and then only posted and reaped: what a drive does by itself can be
 * measured so. Nothing is copied, tried again or given to the controller once more after a reset, which ends the pair's use.
 * What is not said to be for any thread belongs to one.
 *
 * <p>A command belongs to a slot, by which its end is told; of a slot's commands one at a time may be in flight.
 */
public final class BareQueuePair implements QueuePair {
    /** What {@link #reap} returns when no command has ended. */
    public static final int NONE = -1;

    private static final int WORDS = SubmissionEntry.SIZE / Long.BYTES;

    private final int id;
    private final QueueSettings settings;
    private final DmaSpace dma;
    private final QueueMemory memory;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final boolean[] inFlight;
    private final long[] built;
    private int status;
    private boolean reaped;

    /**
     * Takes the memory for a pair that the controller does not know yet.
     *
     * @param id of both queues, at least 1
     * @param commands how many can be built
     * @throws LinuxException ENOMEM
     */
    public BareQueuePair(int id, QueueSettings settings, DmaSpace dma, int commands) throws LinuxException {
        this.id = id;
        this.settings = settings;
        this.dma = dma;
        this.memory = new QueueMemory(id, settings, dma);
        this.submissions = memory.submissions;
        this.completions = memory.completions;
        this.inFlight = new boolean[memory.trackers.length];
        this.built = new long[Math.multiplyExact(commands, WORDS)];
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public int entries() {
        return settings.entries();
    }

    @Override
    public long submissionIova() {
        return submissions.iova();
    }

    @Override
    public long completionIova() {
        return completions.iova();
    }

    @Override
    public boolean interrupts() {
        return false;
    }

    /** How many commands can be in flight; any thread. */
    public int slots() {
        return inFlight.length;
    }

    /** Longest READ or WRITE in bytes; any thread. */
    public int maxTransferBytes() {
        return settings.maxTransferBytes();
    }

    /**
     * Says where a slot's data is, before its commands are built.
     *
     * @throws IllegalArgumentException if the controller does not reach it
     */
    public void describe(int slot, MemorySegment data) {
        ScatterList list = new ScatterList(1);
        list.add(data, 0, data.byteSize());
        if (!memory.trackers[slot].pointer.scattered(list, dma.translation())) {
            throw new IllegalArgumentException("the controller does not reach the data of slot " + slot);
        }
    }

    /**
     * Builds a READ or a WRITE (NVM 1.0, 3.2.4, 3.2.6) that moves the data of its slot.
     *
     * @param command which one, from 0
     * @param blocks as long as the slot's data
     */
    public void build(int command, int slot, boolean read, int nsid, long lba, int blocks) {
        DataPointer pointer = memory.trackers[slot].pointer;
        MemorySegment entry = MemorySegment.ofArray(built).asSlice((long) command << SubmissionEntry.SIZE_SHIFT);
        int flags = slot << SubmissionEntry.CID_SHIFT | (pointer.sgl ? SubmissionEntry.PSDT_SGL : 0);
        SubmissionQueue.write(
                entry,
                0,
                flags | (read ? Opcode.READ : Opcode.WRITE),
                nsid,
                pointer.first,
                pointer.second,
                (int) lba,
                (int) (lba >>> Integer.SIZE),
                blocks - 1);
    }

    /** Adds a command that was built, to be shown by the next {@link #ring}. */
    public void post(int command) {
        int from = command * WORDS;
        inFlight[(int) built[from] >>> SubmissionEntry.CID_SHIFT] = true;
        submissions.put(built, from);
    }

    /** Shows the controller what was posted, and that what was reaped is done with. */
    public void ring() {
        submissions.ring();
        if (reaped) {
            reaped = false;
            completions.ring();
        }
    }

    /**
     * Takes the end of a command.
     *
     * @return its slot, or {@link #NONE}
     * @throws IllegalStateException if the controller ends what it does not have
     */
    public int reap() {
        if (!completions.ready()) {
            return NONE;
        }
        int slot = completions.commandId();
        status = completions.status();
        completions.advance();
        reaped = true;
        if (slot >= inFlight.length || !inFlight[slot]) {
            throw new IllegalStateException("the controller ended command " + slot + ", which it did not have");
        }
        inFlight[slot] = false;
        return slot;
    }

    /** Status of the command that was reaped last, {@link StatusCode#SUCCESS} or another. */
    public int status() {
        return status;
    }

    /** Gives the memory back; the controller does not know the pair any more. Any thread, after the last use. */
    public void free() {
        memory.pool.close();
    }
}
