package dev.ringside.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks under the name of another site gets nothing. */
class HostHeaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.0.0.1:9464",
                "[::1]",
                "[::1]:9464",
                "[::ffff:127.0.0.1]:80",
                "localhost",
                "LocalHost:9464",
                "192.0.2.1:"
            })
    void addressesAreThisMachines(String host) {
        assertThat(HostHeader.isOfThisMachine(host, "HTTP/1.1")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "evil.example:9464",
                "localhost.evil.example",
                "127.0.0.1.evil.example:9464",
                "127.0.0.1:9464.evil.example",
                "127.0.0.1, evil.example",
                "[evil.example]",
                "cafe",
                "::1",
                "[::1",
                ":9464"
            })
    void namesMayBeOtherSites(String host) {
        assertThat(HostHeader.isOfThisMachine(host, "HTTP/1.1")).isFalse();
    }

    @Test
    void onlyTheOldProtocolNeedsNone() {
        assertThat(HostHeader.isOfThisMachine(null, "HTTP/1.0")).isTrue();
        assertThat(HostHeader.isOfThisMachine(null, "HTTP/1.1")).isFalse();
    }

    @Test
    void aSiteWhoseNameLeadsHereGetsNothing() throws Exception {
        Listener loopback = Listener.parse("127.0.0.1:0", false);
        try (RunningDaemon daemon = RunningDaemon.with(options -> options.serving(loopback))) {
            for (String path : List.of("/", "/metrics", "/status.json")) {
                assertThat(status(daemon, path + " HTTP/1.1\r\nHost: evil.example:9464"))
                        .isEqualTo("421");
                assertThat(status(daemon, path + " HTTP/1.0\r\nHost: evil.example"))
                        .isEqualTo("421");
                assertThat(status(daemon, path + " HTTP/1.1\r\nHost: localhost:9464"))
                        .isEqualTo("200");
                assertThat(status(daemon, path + " HTTP/1.0")).isEqualTo("200");
            }
        }
    }

    /** Whoever opened it to others is asked under the names that they know the machine by. */
    @Test
    void whereOthersMayAskNamesAreGood() throws Exception {
        Listener everywhere = Listener.parse("0.0.0.0:0", true);
        try (RunningDaemon daemon = RunningDaemon.with(options -> options.serving(everywhere))) {
            assertThat(status(daemon, "/metrics HTTP/1.1\r\nHost: storage.example:9464"))
                    .isEqualTo("200");
        }
    }

    /** The number in the answer's first line. */
    private static String status(RunningDaemon daemon, String request) throws IOException {
        int port = daemon.daemon()
                .options()
                .extras()
                .metrics()
                .orElseThrow()
                .address()
                .getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET " + request + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            String line = answer.readLine();
            assertThat(line).isNotNull();
            assertThat(line).startsWith("HTTP/1.1 ");
            return line.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
        }
    }
}
