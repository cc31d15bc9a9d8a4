package dev.ringside.vhost.wire;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Messages from and to a front end over a connection. One thread; the connection stays the caller's to close. */
public final class MessageStream implements AutoCloseable {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int REPLY_FLAGS = MessageHeader.VERSION | MessageHeader.REPLY;

    private final UnixConnection connection;
    private final Turnstile turnstile;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment in = arena.allocate(MessageHeader.BYTES + FrontendRequest.MAX_PAYLOAD, 8);
    private final MemorySegment out = arena.allocate(MessageHeader.BYTES + FrontendRequest.MAX_PAYLOAD, 8);
    /** How much of the message that is being read has come, and its descriptors. */
    private int filled;

    private List<Fd> fds = new ArrayList<>();

    /**
     * Reads from and writes to a connection. Owned by the constructing thread.
     *
     * @param turnstile passed before each read
     */
    public MessageStream(UnixConnection connection, Turnstile turnstile) {
        this.connection = connection;
        this.turnstile = turnstile;
    }

    /** What has been read of a message that has not come whole. */
    public byte[] unread() {
        return in.asSlice(0, filled).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The descriptors of a message that has not come whole; they stay the stream's. */
    public List<Fd> unreadFds() {
        return List.copyOf(fds);
    }

    /**
     * Goes on inside a message of which another stream has read a part; before the first message.
     *
     * @param start at most a message
     * @param startFds the stream's to close
     */
    public void resume(byte[] start, List<Fd> startFds) {
        fds.addAll(startFds);
        MemorySegment.copy(start, 0, in, ValueLayout.JAVA_BYTE, 0, start.length);
        filled = start.length;
    }

    /**
     * Waits for the next message.
     *
     * @return empty when the front end has closed the connection between two messages, or the turnstile is closed
     * @throws ProtocolException if what came is malformed; the connection is of no use after that
     * @throws LinuxException if the connection failed
     */
    public Optional<Message> next() throws ProtocolException, LinuxException {
        if (!fill(MessageHeader.BYTES, "a header")) {
            return Optional.empty();
        }
        FrontendRequest request = checkHeader();
        int size = in.get(U32, MessageHeader.SIZE);
        if (!fill(MessageHeader.BYTES + size, request + "'s payload")) {
            return Optional.empty();
        }
        if (fds.size() > request.maxFds()) {
            throw new ProtocolException(request + " came with " + fds.size() + " descriptors, at most "
                    + request.maxFds() + " are allowed");
        }
        MemorySegment payload = in.asSlice(MessageHeader.BYTES, size);
        Message message = new Message(request, in.get(U32, MessageHeader.FLAGS), payload, List.copyOf(fds));
        filled = 0;
        fds = new ArrayList<>();
        return Optional.of(message);
    }

    /** Answers a request with a 64-bit number. */
    public void reply(FrontendRequest request, long value) throws LinuxException {
        try (Arena reply = Arena.ofConfined()) {
            MemorySegment payload = reply.allocate(ValueLayout.JAVA_LONG_UNALIGNED);
            payload.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
            reply(request, payload, List.of());
        }
    }

    /** Answers a request with a payload and descriptors, in one piece. */
    public void reply(FrontendRequest request, MemorySegment payload, List<Fd> fds) throws LinuxException {
        out.set(U32, MessageHeader.REQUEST, request.code());
        out.set(U32, MessageHeader.FLAGS, REPLY_FLAGS);
        out.set(U32, MessageHeader.SIZE, (int) payload.byteSize());
        MemorySegment.copy(payload, 0, out, MessageHeader.BYTES, payload.byteSize());
        connection.send(out, 0, MessageHeader.BYTES + payload.byteSize(), fds);
    }

    @Override
    public void close() {
        fds.forEach(Fd::close);
        arena.close();
    }

    private FrontendRequest checkHeader() throws ProtocolException {
        int code = in.get(U32, MessageHeader.REQUEST);
        int flags = in.get(U32, MessageHeader.FLAGS);
        int size = in.get(U32, MessageHeader.SIZE);
        FrontendRequest request = FrontendRequest.of(code)
                .orElseThrow(
                        () -> new ProtocolException("request " + Integer.toUnsignedString(code) + " is not known"));
        if ((flags & MessageHeader.VERSION_MASK) != MessageHeader.VERSION) {
            throw new ProtocolException(
                    request + " has version " + (flags & MessageHeader.VERSION_MASK) + ", 1 is allowed");
        }
        if ((flags & MessageHeader.REPLY) != 0) {
            throw new ProtocolException(request + " is marked as a reply");
        }
        if (size < request.minPayload() || size > request.maxPayload()) {
            throw new ProtocolException(request + " has a payload of " + Integer.toUnsignedString(size) + " bytes, "
                    + request.minPayload() + " to " + request.maxPayload() + " are allowed");
        }
        return request;
    }

    /** Reads on to an offset of the buffer; false if the stream ended before a message, or the turnstile is closed. */
    private boolean fill(int end, String what) throws ProtocolException, LinuxException {
        while (filled < end) {
            if (!turnstile.await()) {
                return false;
            }
            int n = connection.receive(in, filled, end - filled, fds);
            if (n == 0) {
                if (filled == 0) {
                    return false;
                }
                throw new ProtocolException("the connection ended inside " + what);
            }
            filled += n;
            // A message that never ends must not bring descriptors without end.
            if (fds.size() > UnixConnection.MAX_FDS) {
                throw new ProtocolException(what + " came with " + fds.size() + " descriptors so far, at most "
                        + UnixConnection.MAX_FDS + " are allowed");
            }
        }
        return true;
    }
}
