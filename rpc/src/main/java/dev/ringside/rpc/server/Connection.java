package dev.ringside.rpc.server;

import dev.ringside.rpc.codec.DecodedValue;
import dev.ringside.rpc.codec.JsonException;
import dev.ringside.rpc.codec.JsonStreamDecoder;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.Execution;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One client. Reads, decodes and writes on the selector's thread, which owns it; requests run on the lane's
 * threads and come back through {@link #answer}.
 */
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final JsonNode NO_ID = JsonNodeFactory.instance.nullNode();
    /** Reading pauses while more than this has been read and not been answered. */
    private static final int MOST_OUTSTANDING = 1024;

    private static final long MOST_OUTSTANDING_BYTES = 1024 * 1024;
    /** How long a client that is being closed may go without reading its answers. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** How long we keep reading for nothing after the last answer, so that a client still writing gets to read it. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    private enum Phase {
        /** Requests are read. */
        SERVING,
        /** The client has closed its half, or we stop: outstanding answers are sent, then it is closed. */
        FINISHING,
        /** An error was sent that ends the connection: the same, but what still comes is read and dropped. */
        CONDEMNED,
        /** All is sent and our half is closed; what still comes is dropped until the client closes, or for a while. */
        LINGERING
    }

    private final SocketChannel channel;
    private final SelectionKey key;
    private final MethodRegistry methods;
    private final RpcLimits limits;
    private final RequestLane lane;
    private final Runnable attention;
    private final JsonStreamDecoder decoder;
    private final Outbox outbox;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong outstandingBytes = new AtomicLong();
    private Phase phase = Phase.SERVING;
    private boolean inputEnded;
    private long deadline;

    /** @param attention asks the selector's thread to call {@link #update} */
    Connection(
            SocketChannel channel,
            SelectionKey key,
            MethodRegistry methods,
            RpcLimits limits,
            RequestLane lane,
            java.util.function.Consumer<Connection> attention) {
        this.channel = channel;
        this.key = key;
        this.methods = methods;
        this.limits = limits;
        this.lane = lane;
        this.attention = () -> attention.accept(this);
        this.decoder = new JsonStreamDecoder(limits.request());
        this.outbox = new Outbox(limits.answerBytes());
    }

    /** Sends an error that belongs to no request, after the answers that are due before it, and closes. */
    void condemn(RpcException error, long now) {
        LOG.warn("RPC client closed: {}", error.getMessage());
        start(new Request.Invalid(NO_ID, error), 0);
        phase = Phase.CONDEMNED;
        deadline = now + STALL_NANOS;
    }

    /** No more requests from this client; what is outstanding is still answered. */
    void finish() {
        if (phase == Phase.SERVING) {
            phase = Phase.FINISHING;
        }
    }

    /** Reads and writes what is possible. */
    void ready(ByteBuffer buffer, long now) throws IOException {
        if (key.isReadable()) {
            read(buffer, now);
        }
        update(now);
    }

    /** Writes what waits, moves on to the next phase, closes at the end. */
    void update(long now) throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            if (outbox.writeTo(channel) > 0) {
                deadline = now + STALL_NANOS;
            }
        } catch (IOException e) {
            // It does not want to know; what it has sent before it went is done all the same.
            outbox.discard();
        }
        if (phase == Phase.SERVING && outbox.isOverflowed()) {
            phase = Phase.CONDEMNED;
            deadline = now + STALL_NANOS;
        }
        boolean allSent = outbox.isEmpty() && (outstanding.get() == 0 || outbox.isOverflowed());
        switch (phase) {
            case SERVING -> {}
            case FINISHING -> {
                if (allSent) {
                    close();
                    return;
                }
            }
            case CONDEMNED -> {
                if (allSent && inputEnded) {
                    close();
                    return;
                }
                if (allSent) {
                    channel.shutdownOutput();
                    phase = Phase.LINGERING;
                    deadline = now + LINGER_NANOS;
                }
            }
            case LINGERING -> {
                if (inputEnded) {
                    close();
                    return;
                }
            }
        }
        key.interestOps(interest());
    }

    /** Whether {@link #tick} has something to watch. */
    boolean timed() {
        return phase == Phase.LINGERING || phase == Phase.CONDEMNED;
    }

    /** Closes a client whose time is over. */
    void tick(long now) {
        boolean waitsForMethods = outbox.isEmpty() && outstanding.get() > 0 && phase == Phase.CONDEMNED;
        if (timed() && !waitsForMethods && now - deadline > 0) {
            close();
        }
    }

    /** Whether the client only waits to be closed, and nothing is lost by doing it now. */
    boolean isLingering() {
        return phase == Phase.LINGERING;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes at once; requests that have been received run to their end unheard. */
    void close() {
        outbox.discard();
        decoder.close();
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing an RPC client", e);
        }
    }

    private int interest() {
        boolean busy = outstanding.get() > MOST_OUTSTANDING || outstandingBytes.get() > MOST_OUTSTANDING_BYTES;
        boolean read = !inputEnded && (phase == Phase.SERVING ? !busy : phase != Phase.FINISHING);
        return (read ? SelectionKey.OP_READ : 0) | (outbox.isEmpty() ? 0 : SelectionKey.OP_WRITE);
    }

    private void read(ByteBuffer buffer, long now) throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        try {
            if (count < 0) {
                inputEnded = true;
                if (phase == Phase.SERVING) {
                    phase = Phase.FINISHING;
                    decoder.end(this::received);
                }
            } else if (phase == Phase.SERVING) {
                decoder.feed(buffer.array(), buffer.arrayOffset(), count, this::received);
            }
        } catch (JsonException e) {
            String what = e.isLimit() ? "Request too large: " : "Parse error: ";
            condemn(RpcException.parseError(what + e.getMessage()), now);
        }
    }

    private void received(DecodedValue value) {
        JsonNode root = value.value();
        if (!root.isArray()) {
            start(Request.of(root, value), value.length());
        } else if (root.isEmpty()) {
            RpcException error = RpcException.invalidRequest("a batch must not be empty");
            start(new Request.Invalid(NO_ID, error), value.length());
        } else {
            startBatch(value);
        }
    }

    private void start(Request request, int length) {
        begin(length);
        lane.add(new RequestLane.Task(
                isConcurrent(request), () -> answer(Answers.run(request, methods), request.id(), length)));
    }

    private void startBatch(DecodedValue value) {
        JsonNode root = value.value();
        begin(value.length());
        Batch batch = new Batch(root.size(), limits.answerBytes());
        for (int i = 0; i < root.size(); i++) {
            int index = i;
            Request request = Request.of(root.get(i), value);
            lane.add(new RequestLane.Task(isConcurrent(request), () -> {
                if (batch.put(index, Answers.run(request, methods))) {
                    byte @Nullable [] joined = batch.joined();
                    answer(joined, NO_ID, value.length());
                }
            }));
        }
    }

    private boolean isConcurrent(Request request) {
        return request instanceof Request.Call call && methods.execution(call.method()) == Execution.CONCURRENT;
    }

    private void begin(int length) {
        outstanding.incrementAndGet();
        outstandingBytes.addAndGet(length);
    }

    /** Any thread: a request is done. */
    private void answer(byte @Nullable [] answer, JsonNode id, int length) {
        if (answer == null || answer.length > 0) {
            if (outbox.put(answer, id)) {
                LOG.warn("RPC client closed: more than {} bytes of answers wait for it", limits.answerBytes());
            }
        }
        outstandingBytes.addAndGet(-length);
        outstanding.decrementAndGet();
        attention.run();
    }
}
