package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mptsas.mpi.Event;
import dev.ringside.bdev.scsi.mptsas.mpi.Fields;
import dev.ringside.bdev.scsi.mptsas.mpi.IocStatus;
import java.lang.foreign.MemorySegment;

/** Takes what an IOC tells of itself, and keeps what has to be acknowledged. Owned by the thread that has the queue. */
final class IocEvents {
    private final ScsiTopology topology;
    private final SasTargets targets;

    /** Events that were not acknowledged yet, with their contexts: a ring. */
    private final int[] kinds;

    private final int[] contexts;
    private int first;
    private int count;

    /**
     * Makes one.
     *
     * @param most events that an IOC can tell of before one is acknowledged, at least 1
     */
    IocEvents(ScsiTopology topology, SasTargets targets, int most) {
        this.topology = topology;
        this.targets = targets;
        this.kinds = new int[most];
        this.contexts = new int[most];
    }

    /** Makes a request that switches the telling of events on. */
    static void switchOn(MemorySegment frame) {
        Fields.put8(frame, Event.SWITCH, Event.SWITCH_ON);
    }

    /** Forgets what was to be acknowledged: the IOC has. */
    void clear() {
        count = 0;
    }

    /** Takes an event from its reply frame. */
    void take(MemorySegment memory, long reply) {
        int event = Fields.i32(memory, reply + Event.EVENT);
        if (Fields.u8(memory, reply + Event.ACK_REQUIRED) != 0) {
            keep(event, Fields.i32(memory, reply + Event.EVENT_CONTEXT));
        }
        long data = reply + Event.DATA;
        switch (event) {
            case Event.SAS_DEVICE_STATUS_CHANGE -> statusChanged(memory, data);
            case Event.SAS_DISCOVERY -> {
                if (Fields.i32(memory, data) == Event.DISCOVERY_COMPLETE) {
                    topology.changed();
                }
            }
            case Event.RESCAN, Event.SAS_PHY_LINK_STATUS, Event.SAS_EXPANDER_STATUS_CHANGE -> topology.changed();
            default -> {
                // Nothing that changes what is there.
            }
        }
    }

    /** A command has ended with an error: of some kinds there is no event, if the IOC tells of few. */
    void noticed(int iocStatus) {
        if ((iocStatus & IocStatus.MASK) == IocStatus.SCSI_DEVICE_NOT_THERE) {
            topology.changed();
        }
    }

    /** Whether there is something to acknowledge. */
    boolean unacknowledged() {
        return count > 0;
    }

    /** Makes a request that acknowledges the oldest event, and is done with that. */
    void fillAcknowledgement(MemorySegment frame) {
        Fields.put32(frame, Event.ACK_EVENT, kinds[first]);
        Fields.put32(frame, Event.ACK_EVENT_CONTEXT, contexts[first]);
        first = first + 1 == kinds.length ? 0 : first + 1;
        count--;
    }

    private void keep(int event, int context) {
        if (count == kinds.length) {
            topology.failed("the IOC tells of more events than it has reply frames");
            return;
        }
        int at = (first + count) % kinds.length;
        kinds[at] = event;
        contexts[at] = context;
        count++;
    }

    private void statusChanged(MemorySegment memory, long data) {
        int bus = Fields.u8(memory, data + Event.STATUS_BUS);
        int id = Fields.u8(memory, data + Event.STATUS_TARGET_ID);
        switch (Fields.u8(memory, data + Event.STATUS_REASON)) {
            case Event.REASON_NOT_RESPONDING -> {
                ScsiTarget gone = targets.remove(bus, id);
                if (gone != null) {
                    topology.removed(gone);
                }
                topology.changed();
            }
            case Event.REASON_INTERNAL_DEVICE_RESET -> {
                ScsiTarget disturbed = targets.find(bus, id);
                if (disturbed != null) {
                    topology.disturbed(disturbed);
                }
            }
            default -> topology.changed();
        }
    }
}
