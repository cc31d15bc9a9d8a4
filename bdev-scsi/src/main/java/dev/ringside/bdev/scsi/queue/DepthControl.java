package dev.ringside.bdev.scsi.queue;

/**
 * How many commands a device is given at a time: fewer when it says TASK SET FULL (SAM-6, 5.3.1), and one more after each while
 * without that. Owned by one reactor.
 */
final class DepthControl {
    /** So many commands in a row have to go well before one more is tried. */
    private static final int GOOD_FOR_MORE = 256;

    private int most;
    private int allowed;
    private int good;

    /** Begins with as many as there may be, at least 1. */
    DepthControl(int most) {
        this.most = most;
        this.allowed = most;
    }

    /** How many there may be now, at least 1. */
    int allowed() {
        return allowed;
    }

    /** There may be so many from now on, at least 1; fewer while the device has refused that many. */
    void most(int now) {
        allowed = allowed == most ? now : Math.min(allowed, now);
        most = now;
    }

    /** The device refused one, while it had so many others. */
    void full(int others) {
        allowed = Math.clamp(others, 1, allowed);
        good = 0;
    }

    /** A command went well. */
    void good() {
        if (allowed < most && ++good >= GOOD_FOR_MORE) {
            allowed++;
            good = 0;
        }
    }
}
