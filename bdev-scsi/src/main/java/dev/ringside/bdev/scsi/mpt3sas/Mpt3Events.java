package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt.Acknowledgements;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Takes what an IOC tells of itself, and keeps what has to be acknowledged, and which devices have to be removed. Owned by the
 * thread that has queue 0.
 */
final class Mpt3Events {
    /** Devices that can go before the first is removed: more than an IOC has. */
    private static final int MOST_REMOVED = 4096;

    /** Warnings that are kept until somebody takes them; more are not told. */
    private static final int MOST_WARNINGS = 64;

    private static final int[] WANTED = {
        Event.SAS_DEVICE_STATUS_CHANGE,
        Event.SAS_DISCOVERY,
        Event.SAS_BROADCAST_PRIMITIVE,
        Event.SAS_TOPOLOGY_CHANGE_LIST
    };

    private final ScsiTopology topology;
    private final SasTargets targets;
    private final int entriesOfFrame;
    private final Acknowledgements acknowledgements;
    private final int[] removed = new int[MOST_REMOVED];
    private int firstRemoved;
    private int removedCount;
    /** The handle of the device that is being removed; 0: none is, or another device has its handle by now. */
    private int underWay;

    private final Queue<String> warnings = new ArrayDeque<>();

    Mpt3Events(ScsiTopology topology, SasTargets targets, QueueShape shape) {
        this.topology = topology;
        this.targets = targets;
        this.entriesOfFrame = (shape.replyBytes() - EventMessage.DATA - Event.TOPO_ENTRIES) / Event.TOPO_ENTRY_BYTES;
        this.acknowledgements = new Acknowledgements(topology, shape.replies());
    }

    /** Makes a request to be told of the events that are taken. */
    static void fillMasks(MemorySegment frame) {
        for (int word = 0; word < Event.EVENT_MASK_WORDS; word++) {
            int mask = -1;
            for (int event : WANTED) {
                if (event / Integer.SIZE == word) {
                    mask &= ~(1 << event % Integer.SIZE);
                }
            }
            Fields.put32(frame, Event.EVENT_MASKS + (long) word * Integer.BYTES, mask);
        }
    }

    /** Forgets what was to be done: the IOC has. */
    void clear() {
        acknowledgements.clear();
        removedCount = 0;
        underWay = 0;
    }

    /** What devices have warned of since the last call. */
    List<String> takeWarnings() {
        List<String> taken = List.copyOf(warnings);
        warnings.clear();
        return taken;
    }

    /** What has to be acknowledged. */
    Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    /** Whether there is a device to be removed. */
    boolean hasRemoved() {
        return removedCount > 0;
    }

    /** The handle of the device that went first, which is being removed from now on, until {@link #removalEnded}. */
    int nextRemoved() {
        underWay = removed[firstRemoved];
        firstRemoved = (firstRemoved + 1) % removed.length;
        removedCount--;
        return underWay;
    }

    /** The device that was being removed has been: what goes by its handle now is another. */
    void removalEnded() {
        underWay = 0;
    }

    /** Takes an event from its reply frame. */
    void take(MemorySegment memory, long reply) {
        int event = Fields.u16(memory, reply + EventMessage.EVENT);
        acknowledgements.keep(memory, reply, event);
        long data = reply + EventMessage.DATA;
        switch (event) {
            case Event.SAS_TOPOLOGY_CHANGE_LIST -> topologyChanged(memory, data);
            case Event.SAS_DEVICE_STATUS_CHANGE -> statusChanged(memory, data);
            case Event.SAS_DISCOVERY -> {
                if (Fields.u8(memory, data + Event.DISCOVERY_REASON) == Event.DISCOVERY_COMPLETED) {
                    topology.changed();
                }
            }
            case Event.SAS_BROADCAST_PRIMITIVE -> {
                if (Fields.u8(memory, data + Event.BROADCAST_PRIMITIVE) == Event.PRIMITIVE_ASYNCHRONOUS_EVENT) {
                    topology.changed();
                }
            }
            default -> {
                // Nothing that changes what is there.
            }
        }
    }

    private void topologyChanged(MemorySegment memory, long data) {
        int expander = Fields.u16(memory, data + Event.TOPO_EXPANDER_DEV_HANDLE);
        int status = Fields.u8(memory, data + Event.TOPO_EXP_STATUS);
        if (expander != 0 && status == Event.ES_DELAY_NOT_RESPONDING) {
            targets.missing(expander);
        } else {
            targets.waitNoMore(expander);
        }
        int entries = Math.min(Fields.u8(memory, data + Event.TOPO_NUM_ENTRIES), entriesOfFrame);
        boolean changed = false;
        for (int i = 0; i < entries; i++) {
            changed |= phyChanged(memory, data + Event.TOPO_ENTRIES + (long) i * Event.TOPO_ENTRY_BYTES);
        }
        if (expander != 0 && status == Event.ES_NOT_RESPONDING) {
            // What the list does not name has gone with it.
            for (ScsiTarget target : targets.behind(expander)) {
                targets.remove(target.handle());
                topology.removed(target);
                changed = true;
            }
        }
        if (changed) {
            topology.changed();
        }
    }

    /** Takes what befell the device that is attached to a phy; whether it has come or gone. */
    private boolean phyChanged(MemorySegment memory, long entry) {
        int handle = Fields.u16(memory, entry);
        if (handle == 0) {
            // Nothing is attached to this phy.
            return false;
        }
        switch (Fields.u8(memory, entry + Event.ENTRY_PHY_STATUS) & Event.RC_MASK) {
            case Event.RC_TARG_ADDED -> {
                if (handle == underWay) {
                    // The IOC has given it to another device, and its reply is still to come.
                    removalEnded();
                }
                backOnLink(memory, entry);
                return true;
            }
            case Event.RC_PHY_CHANGED -> backOnLink(memory, entry);
            case Event.RC_DELAY_NOT_RESPONDING -> targets.missing(handle);
            case Event.RC_TARG_NOT_RESPONDING -> {
                gone(handle);
                return true;
            }
            default -> {
                // The device is there still.
            }
        }
        return false;
    }

    /** A link of a device has changed: a target that was missing responds again if it is one that works. */
    private void backOnLink(MemorySegment memory, long entry) {
        int rate = Fields.u8(memory, entry + Event.ENTRY_LINK_RATE) >>> Event.LINK_RATE_CURRENT_SHIFT;
        if (rate < Event.LINK_RATE_1_5) {
            return;
        }
        int handle = Fields.u16(memory, entry);
        targets.waitNoMore(handle);
        ScsiTarget target = targets.find(handle);
        if (target != null && target.isMissing()) {
            target.back();
            topology.disturbed(target);
        }
    }

    private void gone(int handle) {
        targets.waitNoMore(handle);
        ScsiTarget target = targets.remove(handle);
        if (target != null) {
            topology.removed(target);
        }
        if (handle == underWay || isToBeRemoved(handle)) {
            // Each phy of a wide port says it, in lists of their own perhaps.
            return;
        }
        if (removedCount == removed.length) {
            topology.failed("the IOC tells of more devices that have gone than it can have");
            return;
        }
        removed[(firstRemoved + removedCount) % removed.length] = handle;
        removedCount++;
    }

    private boolean isToBeRemoved(int handle) {
        for (int i = 0; i < removedCount; i++) {
            if (removed[(firstRemoved + i) % removed.length] == handle) {
                return true;
            }
        }
        return false;
    }

    private void statusChanged(MemorySegment memory, long data) {
        ScsiTarget target = targets.find(Fields.u16(memory, data + Event.STATUS_DEV_HANDLE));
        if (target == null) {
            return;
        }
        switch (Fields.u8(memory, data + Event.STATUS_REASON)) {
            case Event.REASON_CMP_INTERNAL_DEV_RESET -> topology.disturbed(target);
            case Event.REASON_SMART_DATA -> {
                if (warnings.size() < MOST_WARNINGS) {
                    warnings.add(String.format(
                            "%s expects to fail (SMART data: ASC %02xh, ASCQ %02xh)",
                            target,
                            Fields.u8(memory, data + Event.STATUS_ASC),
                            Fields.u8(memory, data + Event.STATUS_ASCQ)));
                }
            }
            default -> {
                // What the IOC does to the device itself, and it ends what that is about.
            }
        }
    }
}
