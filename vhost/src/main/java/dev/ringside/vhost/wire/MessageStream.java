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
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment in = arena.allocate(MessageHeader.BYTES + FrontendRequest.MAX_PAYLOAD, 8);
    private final MemorySegment out = arena.allocate(MessageHeader.BYTES + FrontendRequest.MAX_PAYLOAD, 8);

    /** Reads from and writes to a connection. Owned by the constructing thread. */
    public MessageStream(UnixConnection connection) {
        this.connection = connection;
    }

    /**
     * Waits for the next message.
     *
     * @return empty when the front end has closed the connection between two messages
     * @throws ProtocolException if what came is malformed; the connection is of no use after that
     * @throws LinuxException if the connection failed
     */
    public Optional<Message> next() throws ProtocolException, LinuxException {
        List<Fd> fds = new ArrayList<>();
        try {
            if (!receive(0, MessageHeader.BYTES, fds, "a header")) {
                return Optional.empty();
            }
            Message message = parse(fds);
            fds = List.of();
            return Optional.of(message);
        } finally {
            fds.forEach(Fd::close);
        }
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
        arena.close();
    }

    private Message parse(List<Fd> fds) throws ProtocolException, LinuxException {
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
        if (size > 0 && !receive(MessageHeader.BYTES, size, fds, request + "'s payload")) {
            throw new ProtocolException("the connection ended inside " + request);
        }
        if (fds.size() > request.maxFds()) {
            throw new ProtocolException(request + " came with " + fds.size() + " descriptors, at most "
                    + request.maxFds() + " are allowed");
        }
        return new Message(request, flags, in.asSlice(MessageHeader.BYTES, size), List.copyOf(fds));
    }

    /** Fills a part of the buffer; false if the stream ended before its first byte. */
    private boolean receive(long offset, long length, List<Fd> fds, String what)
            throws ProtocolException, LinuxException {
        long got = 0;
        while (got < length) {
            int n = connection.receive(in, offset + got, length - got, fds);
            if (n == 0) {
                if (got == 0) {
                    return false;
                }
                throw new ProtocolException("the connection ended inside " + what);
            }
            got += n;
        }
        return true;
    }
}
