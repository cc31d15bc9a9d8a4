package dev.ringside.vhost.session;

import dev.ringside.vhost.wire.ProtocolException;

/** The device status field (virtio 1.3, 2.1) of a front end that tells it (VHOST_USER_PROTOCOL_F_STATUS). Any thread. */
final class DeviceStatus {
    /** The driver drives the device. */
    static final int DRIVER_OK = 4;
    /** The device is broken until it is reset; the device sets this bit, and nobody else. */
    static final int NEEDS_RESET = 64;

    private static final int MAX = 255;

    private volatile int told;

    /**
     * SET_STATUS.
     *
     * @return whether it is a reset
     * @throws ProtocolException if it is not 8 bits
     */
    boolean set(long status) throws ProtocolException {
        if (status < 0 || status > MAX) {
            throw new ProtocolException("SET_STATUS to 0x" + Long.toHexString(status) + ": 0 to 0x"
                    + Integer.toHexString(MAX) + " is allowed");
        }
        // Front ends add a bit to what they were answered, and say all of it.
        told = (int) status & ~NEEDS_RESET;
        return status == 0;
    }

    /** What SET_STATUS said. */
    int told() {
        return told;
    }

    /** The device has been reset. */
    void reset() {
        told = 0;
    }

    /** What GET_STATUS answers, for a device of which a queue is broken, or none. */
    int get(boolean broken) {
        return broken ? told | NEEDS_RESET : told;
    }

    /** Whether the driver is to be told when the device breaks. */
    boolean isDriven() {
        return (told & DRIVER_OK) != 0;
    }
}
