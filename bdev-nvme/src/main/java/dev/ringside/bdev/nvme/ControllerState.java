package dev.ringside.bdev.nvme;

import java.util.Locale;

/** What a controller is doing. */
public enum ControllerState {
    /** It is being identified. */
    CONNECTING,
    ENABLED,
    RESETTING,
    /** It could not be brought back: everything fails with EIO until a reset succeeds. */
    FAILED,
    /** It was taken away: everything fails with ENODEV. */
    REMOVED,
    CLOSED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
