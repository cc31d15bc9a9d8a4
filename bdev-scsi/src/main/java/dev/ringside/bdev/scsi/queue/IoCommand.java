package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.env.dma.DmaBuffer;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One place for a request in a queue, with its command; reused for ever. Owned by its queue. */
final class IoCommand implements ScsiCommand.Owner, Arrival {
    /** Bytes of each command's own parameter list. */
    static final int PARAMETER_BYTES = 64;

    /** Where a command is. */
    enum State {
        FREE,
        /** The adapter has it. */
        POSTED,
        /** It waits to be posted, for the first time or again. */
        WAITING
    }

    final int index;
    final ScsiCommand scsi;
    /** Memory for a parameter list that the adapter reaches. */
    final MemorySegment parameters;

    /** Parameter data of the command, where the request has no data of its own. */
    final ScatterList parameterList = new ScatterList(1);
    /** A copy of the data, as a list. */
    final ScatterList copyList = new ScatterList(1);

    State state = State.FREE;

    /** A copy of the data, where the adapter does not reach the data itself. */
    @Nullable
    DmaBuffer copy;

    /** How long it may take, in ns. */
    long allowedNs;
    /** When the request came. */
    long sinceNs;
    /** While it waits: when it may be posted. */
    long notBeforeNs;

    int retries;
    int attentions;
    /** Whether the adapter has had it before. */
    boolean postedBefore;
    /** Whether it took too long, and is being put right. */
    boolean overdue;
    /** Whether its owner wants it to end early. */
    boolean abandoned;
    /** Whether a SYNCHRONIZE CACHE has to follow, for FUA. */
    boolean syncAfter;

    private final HostQueue queue;
    private final QueueShare share;
    private @Nullable DiskChannel channel;
    private @Nullable BdevIo io;

    /**
     * Makes one.
     *
     * @param index in the queue
     */
    IoCommand(int index, HostQueue queue, QueueShare share, MemorySegment parameters) {
        this.index = index;
        this.queue = queue;
        this.share = share;
        this.scsi = new ScsiCommand(index, this);
        this.parameters = parameters;
    }

    @Override
    public void commandDone(ScsiCommand command) {
        share.route(this, command);
    }

    @Override
    public void arrived() {
        queue.ended(this);
    }

    BdevIo io() {
        return Objects.requireNonNull(io);
    }

    DiskChannel channel() {
        return Objects.requireNonNull(channel);
    }

    UnitQueue unit() {
        return channel().unit();
    }

    boolean serves(DiskChannel from) {
        return channel == from;
    }

    void begin(DiskChannel from, BdevIo request, long nowNs) {
        channel = from;
        io = request;
        sinceNs = nowNs;
        retries = 0;
        attentions = 0;
        postedBefore = false;
        overdue = false;
        abandoned = false;
        syncAfter = false;
    }

    /** The adapter has it. */
    void posted() {
        state = State.POSTED;
        postedBefore = true;
        overdue = false;
        unit().posted++;
    }

    /** Whether the adapter has had it for too long, which was not known. */
    boolean becomesOverdue(long nowNs) {
        if (state != State.POSTED) {
            return false;
        }
        if (unit().missing()) {
            // The adapter ends it, or the target comes back: its time begins then.
            overdue = false;
            scsi.replaceDeadline(nowNs + allowedNs);
            return false;
        }
        boolean becomes = !overdue && nowNs - scsi.deadlineNs() > 0;
        overdue |= becomes;
        return becomes;
    }

    /** Whether the adapter has it, and it is to end. */
    boolean stuck() {
        return state == State.POSTED && (overdue || abandoned);
    }

    /** Is free again. */
    void end() {
        channel = null;
        io = null;
        state = State.FREE;
    }
}
