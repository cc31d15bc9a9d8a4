package dev.ringside.bdev.scsi.queue;

/** The commands of one disk in one queue. Owned by the queue. */
final class UnitQueue {
    final Unit unit;
    final DepthControl depth;
    /** Channels that use it. */
    int users;
    /** Commands that have not ended, whether the adapter has them or they wait. */
    int taken;
    /** Commands that the adapter has. */
    int posted;
    /** Commands that wait. */
    int waiting;
    /** Whether nothing may be posted now, because the disk is being put right. */
    boolean held;
    /** Whether the disk has gone. */
    boolean gone;

    UnitQueue(Unit unit) {
        this.unit = unit;
        this.depth = new DepthControl(unit.traits().queueDepth());
    }

    /** Whether another request may be taken. */
    boolean hasRoom() {
        return taken < depth.allowed();
    }

    /** Whether another command may be given to the adapter. */
    boolean open() {
        return !held && posted < depth.allowed() && !missing();
    }

    /** Whether its target is waited for, and has not been given up. */
    boolean missing() {
        return !gone && unit.device().target().isMissing();
    }
}
