package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.vhost.wire.BackendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The channel on which the back end sends requests of its own (VHOST_USER_PROTOCOL_F_BACKEND_REQ). Any thread. */
final class BackendChannel implements AutoCloseable {
    /** A front end that does not read must not stop the one who reports a change. */
    private static final long SEND_TIMEOUT_MS = 1000;

    private final UnixConnection connection;

    /** Takes over a socket that the front end sent. */
    BackendChannel(Fd socket) throws LinuxException {
        connection = UnixConnection.adopt(socket);
        connection.setSendTimeout(SEND_TIMEOUT_MS);
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
