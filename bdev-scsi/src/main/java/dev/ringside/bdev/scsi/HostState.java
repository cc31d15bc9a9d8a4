package dev.ringside.bdev.scsi;

import java.util.Locale;

/** What a host is doing. */
public enum HostState {
    /** Being brought up. */
    CONNECTING,
    /** Carries out commands. */
    ENABLED,
    /** Being reset; commands wait. */
    RESETTING,
    /** Could not be reset; commands fail. */
    FAILED,
    /** The adapter is gone; commands fail. */
    REMOVED,
    /** Given back. */
    CLOSED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
