package dev.ringside.benchmarks.start;

import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The first thing that a client asks on a socket, on a connection of its own: whoever answers accepts connections. */
final class FirstQuestion {
    /** VHOST_USER_GET_FEATURES. */
    static final FirstQuestion VHOST = new FirstQuestion(getFeatures());
    /** A method that every SPDK-like server has. */
    static final FirstQuestion RPC = new FirstQuestion(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"spdk_get_version\"}".getBytes(StandardCharsets.UTF_8));

    private static final int PRACTICE = 200;

    private final byte[] question;

    private FirstQuestion(byte[] question) {
        this.question = question;
    }

    private static byte[] getFeatures() {
        ByteBuffer header = ByteBuffer.allocate(MessageHeader.BYTES).order(ByteOrder.nativeOrder());
        header.putInt(MessageHeader.REQUEST, FrontendRequest.GET_FEATURES.code());
        header.putInt(MessageHeader.FLAGS, MessageHeader.VERSION);
        return header.array();
    }

    /**
     * Connects, asks, and waits for the beginning of the answer.
     *
     * @throws IOException if nobody listens or the connection is closed without an answer
     */
    void ask(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(question));
            if (channel.read(ByteBuffer.allocate(1)) < 1) {
                throw new IOException("closed without an answer");
            }
        }
    }

    /** Asks a server in this process, so that what is measured later is not the asking. */
    static void practise() throws IOException {
        Path directory = Files.createTempDirectory("ringside");
        Path socket = directory.resolve("practice");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().name("practice").start(() -> answer(server));
            for (int i = 0; i < PRACTICE; i++) {
                VHOST.ask(socket);
                RPC.ask(socket);
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(directory);
        }
    }

    private static void answer(ServerSocketChannel server) {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                client.read(ByteBuffer.allocate(MessageHeader.BYTES));
                client.write(ByteBuffer.allocate(1));
            } catch (IOException e) {
                // It was closed: the practice is over.
                return;
            }
        }
    }
}
