package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.scsi.host.ScsiDevice;

/** A disk, as the data plane sees it. Any thread. */
public final class Unit {
    private final ScsiDevice device;
    private volatile UnitTraits traits;

    /** Makes one. */
    public Unit(ScsiDevice device, UnitTraits traits) {
        this.device = device;
        this.traits = traits;
    }

    /** Whom commands are for. */
    public ScsiDevice device() {
        return device;
    }

    /** What it can do now. */
    public UnitTraits traits() {
        return traits;
    }

    /** It was looked at again. */
    public void changed(UnitTraits found) {
        traits = found;
    }
}
