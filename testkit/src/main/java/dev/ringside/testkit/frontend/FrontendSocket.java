package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A connection to a vhost-user socket on which any bytes can be sent, right or wrong. Each read has a deadline. */
public final class FrontendSocket implements AutoCloseable {
    /** How long a read waits unless it is said otherwise, in milliseconds: far longer than any answer takes. */
    public static final long DEADLINE_MS = 10_000;

    private static final int MAX_REPLY = 64 * 1024;

    private final UnixConnection connection;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment in = arena.allocate(MAX_REPLY, 8);

    /** Speaks over a connection, which is closed with this object. */
    public FrontendSocket(UnixConnection connection) throws LinuxException {
        this.connection = connection;
        connection.setReceiveTimeout(DEADLINE_MS);
        connection.setSendTimeout(DEADLINE_MS);
    }

    /** Connects to a socket's file. */
    public static FrontendSocket connect(Path socket) throws LinuxException {
        return new FrontendSocket(UnixConnection.connect(socket));
    }

    /** A message as bytes: a header that tells the payload's true size, and the payload. */
    public static byte[] message(FrontendRequest request, int flags, byte[] payload) {
        return message(request.code(), flags, payload.length, payload);
    }

    /** A message as bytes, with a header that says what the caller wants. */
    public static byte[] message(int request, int flags, int size, byte[] payload) {
        return new Payload(MessageHeader.BYTES + payload.length)
                .u32(MessageHeader.REQUEST, request)
                .u32(MessageHeader.FLAGS, flags)
                .u32(MessageHeader.SIZE, size)
                .put(MessageHeader.BYTES, payload)
                .bytes();
    }

    /** Sends bytes as they are, with descriptors, which stay the caller's. */
    public void send(byte[] bytes, List<Fd> fds) throws LinuxException {
        try (Arena sent = Arena.ofConfined()) {
            MemorySegment buffer = sent.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            connection.send(buffer, 0, bytes.length, fds);
        }
    }

    /**
     * Waits for a reply.
     *
     * @throws EOFException if the back end has closed the connection
     * @throws IOException if none came in time, or what came is not a reply
     */
    public Reply receive() throws IOException {
        List<Fd> fds = new ArrayList<>();
        long got = 0;
        long wanted = MessageHeader.BYTES;
        int pieces = 0;
        while (got < wanted) {
            got += receiveSome(got, MAX_REPLY - got, fds);
            pieces++;
            if (wanted == MessageHeader.BYTES && got >= wanted) {
                wanted += Integer.toUnsignedLong(in.get(ValueLayout.JAVA_INT_UNALIGNED, MessageHeader.SIZE));
                if (wanted > MAX_REPLY) {
                    throw new IOException("a reply of " + wanted + " bytes was announced");
                }
            }
        }
        if (got > wanted) {
            throw new IOException((got - wanted) + " bytes came behind a reply that nobody asked for");
        }
        byte[] payload =
                in.asSlice(MessageHeader.BYTES, wanted - MessageHeader.BYTES).toArray(ValueLayout.JAVA_BYTE);
        return new Reply(
                in.get(ValueLayout.JAVA_INT_UNALIGNED, MessageHeader.REQUEST),
                in.get(ValueLayout.JAVA_INT_UNALIGNED, MessageHeader.FLAGS),
                ByteBuffer.wrap(payload),
                fds,
                pieces);
    }

    private int receiveSome(long offset, long length, List<Fd> fds) throws IOException {
        int n;
        try {
            n = connection.receive(in, offset, length, fds);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EAGAIN) {
                throw new IOException("no answer came within the deadline", e);
            }
            throw e;
        }
        if (n == 0) {
            throw new EOFException("the back end closed the connection");
        }
        return n;
    }

    /**
     * Waits until the back end closes the connection, and drops what it still sends.
     *
     * @throws IOException if it does not within the deadline
     */
    public void awaitClosed() throws IOException {
        List<Fd> fds = new ArrayList<>();
        try {
            while (true) {
                receiveSome(0, MAX_REPLY, fds);
            }
        } catch (EOFException e) {
            return;
        } catch (LinuxException e) {
            // A peer that closes while there is something that it has not read resets the connection.
            if (e.errno() != Errno.ECONNRESET) {
                throw e;
            }
        } finally {
            fds.forEach(Fd::close);
        }
    }

    /** Sets how long a read waits, in milliseconds. */
    public void deadline(long ms) throws LinuxException {
        connection.setReceiveTimeout(ms);
    }

    /** The connection itself. */
    public UnixConnection connection() {
        return connection;
    }

    @Override
    public void close() {
        connection.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
