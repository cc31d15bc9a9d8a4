package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.session.SessionState.Addresses;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.ProtocolException;
import dev.ringside.vhost.wire.VringAddress;
import dev.ringside.vhost.wire.VringFd;
import dev.ringside.vhost.wire.VringState;
import org.jspecify.annotations.Nullable;

/** What the messages about one ring carry. */
final class RingMessage {
    private RingMessage() {}

    /** Which of so many rings a message is about. */
    static int index(Message message, int rings) throws ProtocolException {
        long index = switch (message.request()) {
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> message.u64(0) & VringFd.INDEX_MASK;
            default ->
                message.payload().byteSize() < Integer.BYTES
                        ? rings
                        : Integer.toUnsignedLong(message.u32(VringState.INDEX));
        };
        if (index >= rings) {
            throw new ProtocolException(
                    message.request() + " for ring " + index + ": 0 to " + (rings - 1) + " is allowed");
        }
        return (int) index;
    }

    /** Of SET_VRING_ADDR. */
    static Addresses addresses(Message message) {
        return new Addresses(
                message.u64(VringAddress.DESCRIPTOR),
                message.u64(VringAddress.AVAILABLE),
                message.u64(VringAddress.USED),
                (message.u32(VringAddress.FLAGS) & VringAddress.F_LOG) != 0,
                message.u64(VringAddress.LOG));
    }

    /** Of SET_VRING_ENABLE. */
    static boolean requireSwitch(int number) throws ProtocolException {
        if (number != 0 && number != 1) {
            throw new ProtocolException(
                    "SET_VRING_ENABLE with " + Integer.toUnsignedString(number) + ": 0 or 1 is allowed");
        }
        return number == 1;
    }

    /** The descriptor of SET_VRING_KICK, CALL or ERR; null if the message says that there is none. */
    static @Nullable EventFd eventFd(Message message) throws ProtocolException, LinuxException {
        if ((message.u64(0) & VringFd.NO_FD) != 0) {
            return null;
        }
        Fd fd = message.fd(0);
        try {
            return adopt(fd);
        } catch (LinuxException e) {
            throw new ProtocolException(message.request() + ": " + e.getMessage(), e);
        }
    }

    /** The eventfd of a descriptor that stays its owner's. */
    static @Nullable EventFd copyOf(@Nullable Fd fd) throws LinuxException {
        return fd == null ? null : adopt(fd.duplicate());
    }

    private static EventFd adopt(Fd fd) throws LinuxException {
        try {
            return EventFd.adopt(fd);
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
    }

    /** The descriptor of an eventfd, which stays its own. */
    static @Nullable Fd fd(@Nullable EventFd event) {
        return event == null ? null : event.fd();
    }

    /** Closes what there is. */
    static void close(@Nullable EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
