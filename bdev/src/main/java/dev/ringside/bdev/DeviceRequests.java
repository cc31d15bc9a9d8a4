package dev.ringside.bdev;

import org.jspecify.annotations.Nullable;

/**
 * The requests that a module's channel has with its device, and a RESET that waits until they have ended. For devices whose
 * requests end in any case, sooner or later. Owned by the channel's reactor.
 */
public final class DeviceRequests {
    private int inFlight;
    private @Nullable BdevIo reset;

    /** Makes an account of none. */
    public DeviceRequests() {
        // Nothing is in flight.
    }

    /** Whether a RESET waits: nothing else may be taken meanwhile. */
    public boolean resetting() {
        return reset != null;
    }

    /** Takes a RESET while none waits; it ends when nothing is in flight, perhaps before this returns. */
    public void reset(BdevIo io) {
        if (inFlight > 0) {
            reset = io;
        } else {
            io.complete(IoStatus.OK);
        }
    }

    /** A request is about to be given to the device; it may end inside that call. */
    public void add() {
        inFlight++;
    }

    /** The device has not taken it, or it was none of a user's and has ended. Ends the RESET that waited for it. */
    public void takeBack() {
        inFlight--;
        endReset();
    }

    /** A request has come back, and what it held of the device is free: ends it, and the RESET that waited for it. */
    public void complete(BdevIo io, int status) {
        inFlight--;
        io.complete(status);
        endReset();
    }

    private void endReset() {
        BdevIo waiting = reset;
        if (waiting != null && inFlight == 0) {
            reset = null;
            waiting.complete(IoStatus.OK);
        }
    }
}
