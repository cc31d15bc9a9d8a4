package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.reactor.ThreadEnd;
import dev.ringside.vhost.wire.BackendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channel on which the back end sends requests of its own (VHOST_USER_PROTOCOL_F_BACKEND_REQ). Its own thread sends
 * them and reads the replies, so that a front end that does neither read nor answer holds up nobody but itself. Any thread.
 */
final class BackendChannel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackendChannel.class);

    /** A front end that takes longer to read or to answer is not spoken to any more. */
    private static final long TIMEOUT_MS = 10_000;

    private static final int REPLY_BYTES = MessageHeader.BYTES + Long.BYTES;

    private final String name;
    private final UnixConnection connection;
    private final boolean answered;
    private final Runnable onFailure;
    private final Thread thread;
    /** What is still to be sent; the same request twice is one. Guarded by this object's monitor, as are the fields below. */
    private @Nullable BackendRequest waiting;

    private boolean closed;
    private boolean freed;

    private BackendChannel(String name, UnixConnection connection, boolean answered, Runnable onFailure) {
        this.name = name;
        this.connection = connection;
        this.answered = answered;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, "vhost-" + name + "-events");
        thread.setDaemon(true);
    }

    /**
     * Takes over what the front end sent; it is closed if it is of no use.
     *
     * @param name for the log
     * @param answered whether requests ask for a reply (VHOST_USER_PROTOCOL_F_REPLY_ACK)
     * @param onFailure told of each request that could not be sent, or was refused; on the channel's thread
     * @throws LinuxException ENOTSOCK if it is not a socket
     */
    static BackendChannel adopt(String name, Fd socket, boolean answered, Runnable onFailure) throws LinuxException {
        UnixConnection connection = UnixConnection.adopt(socket);
        try {
            connection.setSendTimeout(TIMEOUT_MS);
            connection.setReceiveTimeout(TIMEOUT_MS);
        } catch (LinuxException e) {
            connection.close();
            throw e;
        }
        BackendChannel channel = new BackendChannel(name, connection, answered, onFailure);
        channel.thread.start();
        return channel;
    }

    /** The descriptor, which stays the channel's; null if the channel is of no use any more. */
    synchronized @Nullable Fd fd() {
        return freed ? null : connection.fd();
    }

    /** Sends a request that has no payload, soon. */
    synchronized void send(BackendRequest request) {
        waiting = request;
        notifyAll();
    }

    /** Sends nothing more, and lets go as soon as a reply that is due has come: another process goes on with the channel. */
    synchronized void leave() {
        closed = true;
        notifyAll();
    }

    @Override
    public void close() {
        leave();
        shutdown();
        ThreadEnd.await(thread);
    }

    private void run() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(REPLY_BYTES, Long.BYTES);
            BackendRequest request = next();
            while (request != null) {
                exchange(request, buffer);
                request = next();
            }
        } catch (LinuxException | ProtocolException e) {
            if (!isClosed()) {
                LOG.warn("{}: the front end is told of no more events: {}", name, e.getMessage());
                onFailure.run();
                shutdown();
            }
        } finally {
            free();
        }
    }

    private synchronized void free() {
        freed = true;
        connection.close();
    }

    private synchronized void shutdown() {
        try {
            if (!freed) {
                connection.shutdown();
            }
        } catch (LinuxException e) {
            LOG.debug("{}: shutdown: {}", name, e.getMessage());
        }
    }

    private synchronized @Nullable BackendRequest next() {
        while (waiting == null && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                LOG.debug("{}: nobody has a reason to interrupt", name);
            }
        }
        BackendRequest request = waiting;
        waiting = null;
        return closed ? null : request;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void exchange(BackendRequest request, MemorySegment buffer) throws LinuxException, ProtocolException {
        buffer.set(ValueLayout.JAVA_INT, MessageHeader.REQUEST, request.code());
        buffer.set(
                ValueLayout.JAVA_INT,
                MessageHeader.FLAGS,
                MessageHeader.VERSION | (answered ? MessageHeader.NEED_REPLY : 0));
        buffer.set(ValueLayout.JAVA_INT, MessageHeader.SIZE, 0);
        connection.send(buffer, 0, MessageHeader.BYTES, List.of());
        if (answered) {
            long result = receiveReply(request, buffer);
            if (result != 0) {
                LOG.warn("{}: the front end answered {} with {}", name, request, Long.toUnsignedString(result));
                onFailure.run();
            }
        }
    }

    private long receiveReply(BackendRequest request, MemorySegment buffer) throws LinuxException, ProtocolException {
        List<Fd> fds = new ArrayList<>();
        long got = 0;
        while (got < REPLY_BYTES) {
            int n = connection.receive(buffer, got, REPLY_BYTES - got, fds);
            // No reply has any, and each byte could bring more.
            fds.forEach(Fd::close);
            fds.clear();
            if (n == 0) {
                throw new ProtocolException("the channel ended before the reply to " + request);
            }
            got += n;
        }
        int flags = buffer.get(ValueLayout.JAVA_INT, MessageHeader.FLAGS);
        if (buffer.get(ValueLayout.JAVA_INT, MessageHeader.REQUEST) != request.code()
                || flags != (MessageHeader.VERSION | MessageHeader.REPLY)
                || buffer.get(ValueLayout.JAVA_INT, MessageHeader.SIZE) != Long.BYTES) {
            throw new ProtocolException("what came instead of a reply to " + request + " is none");
        }
        return buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, MessageHeader.BYTES);
    }
}
