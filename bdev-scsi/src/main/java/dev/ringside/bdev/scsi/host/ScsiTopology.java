package dev.ringside.bdev.scsi.host;

/**
 * Whom a driver tells of what happens behind its adapter. Any thread, also from within {@link ScsiHostQueue#poll}; returns at
 * once, and what follows is done by the control thread.
 */
public interface ScsiTopology {

    /** Something came, went or changed: the mid-layer calls {@link ScsiHostDriver#scanBus} before long. */
    void changed();

    /**
     * A target has gone: it gets no more commands. The driver still ends those that it has, with {@link HostStatus#NO_DEVICE} or
     * {@link HostStatus#ABORTED}, and leaves the target out of scans from now on.
     */
    void removed(ScsiTarget target);

    /**
     * Something happened to a target's logical units, such as a reset by another initiator, or that it was {@linkplain
     * ScsiTarget#missing missing} for a while: they are looked at again.
     */
    void disturbed(ScsiTarget target);

    /** The adapter has failed: the mid-layer calls {@link ScsiHostDriver#resetController}. */
    void failed(String why);
}
