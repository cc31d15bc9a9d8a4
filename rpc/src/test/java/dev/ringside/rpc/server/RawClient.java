package dev.ringside.rpc.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Bytes to and from a socket, with nothing of the code under test in between. */
final class RawClient implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();

    RawClient(Path path) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient send(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            channel.write(out);
        }
        return this;
    }

    RawClient sendByteByByte(String text) throws IOException {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            send(new byte[] {b});
        }
        return this;
    }

    RawClient finish() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** One answer, without its newline; "EOF" at the end of the stream. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (in.hasRemaining()) {
                byte b = in.get();
                if (b == '\n') {
                    return line.toString(StandardCharsets.ISO_8859_1);
                }
                line.write(b);
            }
            in.clear();
            int count = channel.read(in);
            in.flip();
            if (count < 0) {
                return line.size() == 0 ? "EOF" : line + " EOF";
            }
        }
    }

    /** All answers until the server closes. */
    List<String> untilEnd() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.equals("EOF"); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
