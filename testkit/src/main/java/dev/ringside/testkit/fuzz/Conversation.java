package dev.ringside.testkit.fuzz;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.Reply;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Messages whose answers nobody knows beforehand. What has been answered is seen at a GET_FEATURES: all that comes before its
 * reply are replies to what was sent before it.
 */
final class Conversation implements AutoCloseable {
    private static final int ROOM = 64 << 10;

    private final UnixConnection connection;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment in = arena.allocate(ROOM, 8);
    private int filled;
    private long offered;
    private int refused;

    Conversation(Path socket) throws LinuxException {
        connection = UnixConnection.connect(socket);
        connection.setReceiveTimeout(FrontendSocket.DEADLINE_MS);
        connection.setSendTimeout(FrontendSocket.DEADLINE_MS);
    }

    /** Sends a message with a true header. */
    void send(FrontendRequest request, int flags, byte[] payload, Fd... fds) throws IOException {
        raw(FrontendSocket.message(request, flags, payload), List.of(fds));
    }

    /** Sends bytes. */
    void raw(byte[] bytes, List<Fd> fds) throws IOException {
        if (bytes.length == 0) {
            return;
        }
        try (Arena sent = Arena.ofConfined()) {
            connection.send(sent.allocateFrom(ValueLayout.JAVA_BYTE, bytes), 0, bytes.length, fds);
        } catch (LinuxException e) {
            throw ended(e);
        }
    }

    /**
     * Waits until all that was sent has been dealt with.
     *
     * @return the replies to what was sent since the last call; their descriptors are the caller's to close
     * @throws ConversationEnded if the back end has closed the connection
     * @throws IOException if it does not answer
     */
    List<Reply> sync() throws IOException {
        send(FrontendRequest.GET_FEATURES, MessageHeader.VERSION, new byte[0]);
        List<Reply> replies = new ArrayList<>();
        while (true) {
            Reply reply;
            try {
                reply = receive();
            } catch (IOException e) {
                replies.forEach(each -> each.fds().forEach(Fd::close));
                throw e;
            }
            if (reply.request() == FrontendRequest.GET_FEATURES.code()) {
                offered = reply.u64();
                return replies;
            }
            boolean acknowledgement = reply.payload().limit() == Long.BYTES && reply.u64() == 1;
            refused += acknowledgement ? 1 : 0;
            replies.add(reply);
        }
    }

    /** The reply to a request among several; empty if there is none. */
    static Optional<Reply> of(List<Reply> replies, FrontendRequest request) {
        return replies.stream()
                .filter(reply -> reply.request() == request.code())
                .findFirst();
    }

    /** The features that were offered, as of the last {@link #sync}. */
    long offered() {
        return offered;
    }

    /** How many requests were refused with an answer. */
    int refused() {
        return refused;
    }

    private Reply receive() throws IOException {
        List<Fd> fds = new ArrayList<>();
        fill(MessageHeader.BYTES, fds);
        int payload = in.get(ValueLayout.JAVA_INT_UNALIGNED, MessageHeader.SIZE);
        if (payload < 0 || payload > ROOM - MessageHeader.BYTES) {
            throw new IOException("a reply of " + Integer.toUnsignedString(payload) + " bytes was announced");
        }
        int flags = in.get(ValueLayout.JAVA_INT_UNALIGNED, MessageHeader.FLAGS);
        if (flags != Reply.FLAGS) {
            throw new IOException("a reply has flags 0x" + Integer.toHexString(flags));
        }
        fill(MessageHeader.BYTES + payload, fds);
        byte[] bytes = in.asSlice(MessageHeader.BYTES, payload).toArray(ValueLayout.JAVA_BYTE);
        int request = in.get(ValueLayout.JAVA_INT_UNALIGNED, MessageHeader.REQUEST);
        int taken = MessageHeader.BYTES + payload;
        MemorySegment.copy(in, taken, in, 0, filled - taken);
        filled -= taken;
        return new Reply(request, flags, ByteBuffer.wrap(bytes), fds, 1);
    }

    private void fill(int wanted, List<Fd> fds) throws IOException {
        while (filled < wanted) {
            int n;
            try {
                // No more than is wanted: descriptors belong to the message that they came with.
                n = connection.receive(in, filled, wanted - filled, fds);
            } catch (LinuxException e) {
                if (e.errno() == Errno.EAGAIN) {
                    throw new IOException("no answer came within " + FrontendSocket.DEADLINE_MS + " ms", e);
                }
                throw ended(e);
            }
            if (n == 0) {
                throw new ConversationEnded();
            }
            filled += n;
        }
    }

    private static IOException ended(LinuxException e) {
        boolean closed = e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET;
        return closed ? new ConversationEnded() : e;
    }

    @Override
    public void close() {
        connection.close();
        arena.close();
    }
}
