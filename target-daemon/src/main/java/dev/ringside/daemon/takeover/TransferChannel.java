package dev.ringside.daemon.takeover;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.codec.JsonException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Frames over a connection between two processes. One thread; any may {@link #cancel}.
 *
 * <pre>
 *   0 "RSTO" (u32)    4 format (u32)    8 bytes of JSON (u32)    12 descriptors (u32)    16 JSON
 * </pre>
 *
 * Behind the JSON one byte comes for each 253 descriptors, or fewer, that go with it. All but these bytes goes with one
 * sendmsg(2), so that a frame without descriptors is there whole or not at all.
 */
final class TransferChannel implements AutoCloseable {
    /** The format of frames and of what is in them; another one is refused. */
    static final int FORMAT = 1;

    private static final int MAGIC = 0x4f545352;
    private static final int HEADER = 16;
    private static final int MAX_JSON = 64 << 20;
    private static final int MAX_FDS = 1 << 16;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private final UnixConnection connection;

    /** Speaks over a connection, which is closed with this object. */
    TransferChannel(UnixConnection connection) {
        this.connection = connection;
    }

    /** The process at the other end, which has connected or listened. */
    int peer() throws LinuxException {
        return connection.peerCredentials().pid();
    }

    /** Sends a frame without descriptors and without anything to say but its step. */
    void send(Step step) throws TakeoverException {
        send(step, Json.object(), List.of());
    }

    /** Sends a frame; the descriptors stay the caller's. */
    void send(Step step, ObjectNode body, List<Fd> fds) throws TakeoverException {
        body.put("step", step.text());
        byte[] json = Json.line(body);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment frame = arena.allocate(HEADER + (long) json.length, 8);
            frame.set(U32, 0, MAGIC);
            frame.set(U32, 4, FORMAT);
            frame.set(U32, 8, json.length);
            frame.set(U32, 12, fds.size());
            MemorySegment.copy(json, 0, frame, ValueLayout.JAVA_BYTE, HEADER, json.length);
            connection.send(frame, 0, frame.byteSize(), List.of());
            for (int at = 0; at < fds.size(); at += UnixConnection.MAX_FDS) {
                connection.send(frame, 0, 1, fds.subList(at, Math.min(fds.size(), at + UnixConnection.MAX_FDS)));
            }
        } catch (LinuxException e) {
            throw new TakeoverException("the other process is gone: " + e.getMessage(), e);
        }
    }

    /**
     * Waits for a frame.
     *
     * @param expected the only step that may come
     * @throws TakeoverException if something else comes, such as the other's reason to give up, or nothing within the patience
     */
    Frame receive(Step expected, Duration patience) throws TakeoverException {
        List<Fd> fds = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            connection.setReceiveTimeout(patience.toMillis());
            MemorySegment header = fill(arena, HEADER, fds);
            if (header.get(U32, 0) != MAGIC || header.get(U32, 4) != FORMAT) {
                throw new TakeoverException("the other process speaks format "
                        + Integer.toUnsignedString(header.get(U32, 4)) + " of the hand-over, this one " + FORMAT);
            }
            MemorySegment json = fill(arena, within(header.get(U32, 8), MAX_JSON), fds);
            int wanted = within(header.get(U32, 12), MAX_FDS);
            while (fds.size() < wanted) {
                fill(arena, 1, fds);
            }
            return frame(expected, Json.parse(json.toArray(ValueLayout.JAVA_BYTE)), fds);
        } catch (LinuxException | JsonException | TakeoverException e) {
            fds.forEach(Fd::close);
            if (e instanceof LinuxException linux && linux.errno() == Errno.EAGAIN) {
                throw new TakeoverException(
                        "the other process has not come to " + expected + " within " + patience.toMillis() + " ms", e);
            }
            throw e instanceof TakeoverException own ? own : new TakeoverException("hand-over: " + e.getMessage(), e);
        }
    }

    private static Frame frame(Step expected, JsonNode body, List<Fd> fds) throws TakeoverException {
        String text = body.path("step").asString("");
        Step step = Step.of(text).orElseThrow(() -> new TakeoverException("there is no step " + text));
        if (step == Step.FAILED) {
            throw new TakeoverException(body.path("reason").asString("the other process gave up"));
        }
        if (step != expected) {
            throw new TakeoverException("the other process says " + step + ", not " + expected);
        }
        return new Frame(step, body, fds);
    }

    private MemorySegment fill(Arena arena, int bytes, List<Fd> fds) throws LinuxException, TakeoverException {
        MemorySegment buffer = arena.allocate(bytes, 8);
        int got = 0;
        while (got < bytes) {
            int n = connection.receive(buffer, got, bytes - got, fds);
            if (n == 0) {
                throw new TakeoverException("the other process is gone");
            }
            got += n;
        }
        return buffer;
    }

    private static int within(int value, int limit) throws TakeoverException {
        if (value < 0 || value > limit) {
            throw new TakeoverException("a frame of " + Integer.toUnsignedString(value) + ", at most " + limit);
        }
        return value;
    }

    /** Tells the other why this process gives up, if it is still there. */
    void fail(String reason) {
        ObjectNode body = Json.object();
        body.put("reason", reason);
        try {
            connection.setSendTimeout(1000);
            send(Step.FAILED, body, List.of());
        } catch (TakeoverException | LinuxException e) {
            // It is not there to hear of it.
        }
    }

    /** Ends the connection: what the other has sent can still be received, and nothing it sends from now on. */
    void cancel() {
        try {
            connection.shutdown();
        } catch (LinuxException e) {
            // It is at its end already.
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
