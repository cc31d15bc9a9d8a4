package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpt.Acknowledgements;
import dev.ringside.bdev.scsi.mptsas.mpi.Event;
import java.lang.foreign.MemorySegment;

/** Takes what an IOC tells of itself, and keeps what has to be acknowledged. Owned by the thread that has the queue. */
final class IocEvents {
    private final ScsiTopology topology;
    private final SasTargets targets;

    private final Acknowledgements acknowledgements;

    /**
     * Makes one.
     *
     * @param most events that an IOC can tell of before one is acknowledged, at least 1
     */
    IocEvents(ScsiTopology topology, SasTargets targets, int most) {
        this.topology = topology;
        this.targets = targets;
        this.acknowledgements = new Acknowledgements(topology, most);
    }

    /** Makes a request that switches the telling of events on. */
    static void switchOn(MemorySegment frame) {
        Fields.put8(frame, Event.SWITCH, Event.SWITCH_ON);
    }

    /** What has to be acknowledged. */
    Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /** Takes an event from its reply frame. */
    void take(MemorySegment memory, long reply) {
        int event = Fields.i32(memory, reply + EventMessage.EVENT);
        acknowledgements.keep(memory, reply, event);
        long data = reply + EventMessage.DATA;
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
