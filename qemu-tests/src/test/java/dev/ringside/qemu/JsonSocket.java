package dev.ringside.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** A UNIX socket over which JSON values come and go, without any framing. A thread of its own reads. */
final class JsonSocket implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private final String name;
    private final SocketChannel channel;
    private final BlockingQueue<JsonNode> values = new LinkedBlockingQueue<>();
    private volatile @Nullable Throwable end;

    private JsonSocket(String name, SocketChannel channel) {
        this.name = name;
        this.channel = channel;
        Thread.ofPlatform().daemon().name("json-" + name).start(this::read);
    }

    /** Connects, again and again while the socket does not exist or nobody listens, until the time is over. */
    static JsonSocket connect(String name, Path path, Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        while (true) {
            try {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                try {
                    channel.connect(UnixDomainSocketAddress.of(path));
                    return new JsonSocket(name, channel);
                } catch (IOException e) {
                    channel.close();
                    throw e;
                }
            } catch (IOException e) {
                if (deadline.passed()) {
                    throw new IllegalStateException(name + ": no connection to " + path + " in " + deadline, e);
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private void read() {
        try (InputStream in = Channels.newInputStream(channel);
                MappingIterator<JsonNode> incoming =
                        JSON.readerFor(JsonNode.class).readValues(in)) {
            while (incoming.hasNextValue()) {
                values.add(incoming.nextValue());
            }
            end = new IOException(name + ": the other side closed the connection");
        } catch (IOException | JacksonException e) {
            end = e;
        }
        values.add(JSON.missingNode());
    }

    /** Sends a value, pretty-printed and without a newline after it, as SPDK's client does. */
    void send(JsonNode value) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(value.toPrettyString());
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new IllegalStateException(name + ": cannot send " + value, e);
        }
    }

    /** The next value. Fails when none comes in time or the connection is over. */
    JsonNode receive(Deadline deadline) {
        try {
            JsonNode value = values.poll(Math.max(0, deadline.nanosLeft()), TimeUnit.NANOSECONDS);
            if (value == null) {
                throw new IllegalStateException(name + ": nothing came in " + deadline);
            }
            if (value.isMissingNode()) {
                throw new IllegalStateException(name + ": the connection is over", end);
            }
            return value;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(name + ": interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
