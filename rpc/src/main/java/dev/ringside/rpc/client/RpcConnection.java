package dev.ringside.rpc.client;

import dev.ringside.rpc.codec.DecodedValue;
import dev.ringside.rpc.codec.JsonException;
import dev.ringside.rpc.codec.JsonLimits;
import dev.ringside.rpc.codec.JsonStreamDecoder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import tools.jackson.databind.JsonNode;

/** A connection that carries whatever bytes it is given, and splits what comes back into JSON values. One thread. */
public final class RpcConnection implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Duration timeout;
    private final JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.TRUSTED);
    private final Queue<JsonNode> received = new ArrayDeque<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private boolean ended;

    private RpcConnection(SocketChannel channel, Selector selector, Duration timeout) throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.timeout = timeout;
        channel.configureBlocking(false);
        this.key = channel.register(selector, SelectionKey.OP_READ);
    }

    /**
     * Connects.
     *
     * @param timeout how long to wait for the other side each time it has to do something; positive
     * @throws ConnectException nobody listens there, or we may not connect; the message says which
     */
    public static RpcConnection connect(Path path, Duration timeout) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            Selector selector = Selector.open();
            try {
                return new RpcConnection(channel, selector, timeout);
            } catch (IOException e) {
                selector.close();
                throw e;
            }
        } catch (IOException e) {
            channel.close();
            throw refused(path, e);
        }
    }

    /** Sends text, in UTF-8. */
    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends bytes.
     *
     * @throws SocketTimeoutException the other side did not take them
     */
    public void send(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        channel.write(out);
        while (out.hasRemaining()) {
            await(SelectionKey.OP_WRITE);
            channel.write(out);
        }
    }

    /** Closes our half: the other side sees the end of the stream, and can still answer. */
    public void finishSending() throws IOException {
        channel.shutdownOutput();
    }

    /**
     * The next value; empty at the end of the stream.
     *
     * @throws SocketTimeoutException none came in time
     * @throws IOException what came is not JSON, or the connection broke
     */
    public Optional<JsonNode> receive() throws IOException {
        try {
            while (received.isEmpty() && !ended) {
                await(SelectionKey.OP_READ);
                buffer.clear();
                int count = channel.read(buffer);
                if (count < 0) {
                    ended = true;
                    decoder.end(this::keep);
                } else {
                    decoder.feed(buffer.array(), 0, count, this::keep);
                }
            }
        } catch (JsonException e) {
            throw new IOException("the daemon sent something that is not JSON: " + e.getMessage(), e);
        }
        return Optional.ofNullable(received.poll());
    }

    @Override
    public void close() throws IOException {
        decoder.close();
        try (selector) {
            channel.close();
        }
    }

    private void keep(DecodedValue value) {
        received.add(value.value());
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            long left = (deadline - System.nanoTime()) / 1_000_000 + 1;
            if (left <= 0) {
                throw new SocketTimeoutException("no answer within " + timeout.toMillis() + " ms");
            }
            selector.select(left);
            boolean ready = !selector.selectedKeys().isEmpty();
            selector.selectedKeys().clear();
            if (ready) {
                return;
            }
        }
    }

    private static IOException refused(Path path, IOException e) {
        String why;
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            why = "there is no socket at " + path + ": is the daemon running?";
        } else if (e instanceof ConnectException) {
            why = "nobody listens on " + path + ": is the daemon running?";
        } else {
            why = "cannot connect to " + path + ": " + e.getMessage();
        }
        ConnectException refused = new ConnectException(why);
        refused.initCause(e);
        return refused;
    }
}
