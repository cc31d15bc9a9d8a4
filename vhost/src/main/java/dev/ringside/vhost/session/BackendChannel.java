package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.vhost.wire.BackendRequest;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.MessageHeader;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The channel on which the back end sends requests of its own (VHOST_USER_PROTOCOL_F_BACKEND_REQ). Any thread. */
final class BackendChannel implements AutoCloseable {
    /** A front end that does not read must not stop the one who reports a change. */
    private static final long SEND_TIMEOUT_MS = 1000;

    private final UnixConnection connection;

    private BackendChannel(UnixConnection connection) {
        this.connection = connection;
    }

    /**
     * Takes over what the front end sent; it is closed if it is of no use.
     *
     * @throws LinuxException ENOTSOCK if it is not a socket
     */
    static BackendChannel adopt(Fd socket) throws LinuxException {
        UnixConnection connection = UnixConnection.adopt(socket);
        try {
            connection.setSendTimeout(SEND_TIMEOUT_MS);
        } catch (LinuxException e) {
            connection.close();
            throw e;
        }
        return new BackendChannel(connection);
    }

    /** The descriptor; stays the channel's. */
    Fd fd() {
        return connection.fd();
    }

    /** What SET_BACKEND_REQ_FD brought. */
    static BackendChannel of(Message message) throws ProtocolException, LinuxException {
        Fd fd = message.fd(0);
        try {
            return adopt(fd);
        } catch (LinuxException e) {
            throw new ProtocolException(message.request() + ": " + e.getMessage(), e);
        }
    }

    /** Sends a request that has no payload and asks for no reply. */
    synchronized void send(BackendRequest request) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(MessageHeader.BYTES, Integer.BYTES);
            message.set(ValueLayout.JAVA_INT, MessageHeader.REQUEST, request.code());
            message.set(ValueLayout.JAVA_INT, MessageHeader.FLAGS, MessageHeader.VERSION);
            connection.send(message, 0, MessageHeader.BYTES, List.of());
        }
    }

    @Override
    public synchronized void close() {
        connection.close();
    }
}
