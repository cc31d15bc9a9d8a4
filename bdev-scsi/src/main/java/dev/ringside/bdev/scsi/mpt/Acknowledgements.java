package dev.ringside.bdev.scsi.mpt;

import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/** The events that an IOC wants to have acknowledged, oldest first: a ring. Owned by the thread that has the queue. */
public final class Acknowledgements {
    private final ScsiTopology topology;
    private final int[] kinds;
    private final int[] contexts;
    private int first;
    private int count;

    /**
     * Makes one.
     *
     * @param most events that an IOC can tell of before one is acknowledged, at least 1
     */
    public Acknowledgements(ScsiTopology topology, int most) {
        this.topology = topology;
        this.kinds = new int[most];
        this.contexts = new int[most];
    }

    /** Forgets all: the IOC has. */
    public void clear() {
        count = 0;
    }

    /** Whether there is something to acknowledge. */
    public boolean due() {
        return count > 0;
    }

    /**
     * Keeps what has to be acknowledged of an event.
     *
     * @param reply place of the event in memory
     * @param event what it is
     */
    public void keep(MemorySegment memory, long reply, int event) {
        if (Fields.u8(memory, reply + EventMessage.ACK_REQUIRED) == 0) {
            return;
        }
        if (count == kinds.length) {
            topology.failed("the IOC tells of more events than it has reply frames");
            return;
        }
        int at = (first + count) % kinds.length;
        kinds[at] = event;
        contexts[at] = Fields.i32(memory, reply + EventMessage.EVENT_CONTEXT);
        count++;
    }

    /** Makes a request that acknowledges the oldest event, and is done with that. */
    public void fill(MemorySegment frame) {
        Fields.put32(frame, EventMessage.ACK_EVENT, kinds[first]);
        Fields.put32(frame, EventMessage.ACK_EVENT_CONTEXT, contexts[first]);
        first = first + 1 == kinds.length ? 0 : first + 1;
        count--;
    }
}
