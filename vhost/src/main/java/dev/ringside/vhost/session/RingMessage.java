package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.session.SessionState.Addresses;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.ProtocolException;
import dev.ringside.vhost.wire.VringAddress;
import dev.ringside.vhost.wire.VringFd;
import org.jspecify.annotations.Nullable;

/** What the messages about one ring carry. */
final class RingMessage {
    private RingMessage() {}

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
}
