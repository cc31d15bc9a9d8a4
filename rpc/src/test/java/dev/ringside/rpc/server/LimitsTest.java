package dev.ringside.rpc.server;

import static dev.ringside.rpc.server.WireTest.echo;
import static dev.ringside.rpc.server.WireTest.error;
import static dev.ringside.rpc.server.WireTest.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.rpc.codec.JsonLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Past each limit: an error that names it, then the end. */
class LimitsTest {
    private static final int KIB = 1024;

    @TempDir
    Path dir;

    @Test
    void bytes() throws IOException {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            int rest = 256 * KIB - echo("\"\"").length();
            RawClient client = fixture.client();
            assertThat(client.send(echo("\"" + "x".repeat(rest) + "\"")).line()).hasSizeGreaterThan(rest);
            assertLimit(client, echo("\"" + "x".repeat(rest + 1) + "\""), "262144 bytes");
            assertLimit(fixture.client(), "\"" + "x".repeat(3_000_000), "262144 bytes");
        }
    }

    @Test
    void whiteSpaceBetweenRequestsIsFree() throws IOException {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            RawClient client = fixture.client().send(" \n".repeat(300 * KIB)).send(echo("1"));
            assertThat(client.line()).isEqualTo(result("1", "1"));
        }
    }

    @Test
    void values() throws IOException {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            // The request, its method, params and id, and the array.
            int rest = 8192 - 5;
            RawClient client = fixture.client();
            assertThat(client.send(echo("[" + "1,".repeat(rest - 1) + "1]")).line())
                    .contains("\"result\"");
            assertLimit(client, echo("[" + "1,".repeat(rest) + "1]"), "8192 values");
        }
    }

    @Test
    void depth() throws IOException {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            RawClient client = fixture.client();
            assertThat(client.send(echo("[".repeat(62) + "]".repeat(62))).line())
                    .contains("\"result\"");
            assertLimit(client, echo("[".repeat(63) + "]".repeat(63)), "64 levels");
        }
    }

    @Test
    void connections() throws IOException {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                RawClient client = fixture.client();
                clients.add(client);
                assertThat(client.send(echo("1")).line()).isEqualTo(result("1", "1"));
            }
            RawClient refused = fixture.client();
            assertThat(refused.send(echo("1")).line())
                    .isEqualTo(error("null", -16, "Device or resource busy: the limit of 64 connections"));
            assertThat(refused.line()).isEqualTo("EOF");
            for (RawClient client : clients) {
                assertThat(client.send(echo("2")).line()).isEqualTo(result("1", "2"));
            }
            // Half-closing and reading the end makes sure that the server has let go of it.
            assertThat(clients.getFirst().finish().line()).isEqualTo("EOF");
            assertThat(fixture.client().send(echo("3")).line()).isEqualTo(result("1", "3"));
        }
    }

    @Test
    void answers() throws IOException {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            RawClient client = fixture.client();
            client.send("{\"method\":\"big\",\"params\":{\"size\":33000000},\"id\":1}");
            assertThat(client.line()).hasSizeGreaterThan(33_000_000);
            client.send("{\"method\":\"big\",\"params\":{\"size\":33554433},\"id\":2}");
            assertThat(client.line())
                    .isEqualTo(
                            error(
                                    "2",
                                    -105,
                                    "No buffer space available: the limit of 33554432 bytes of answers that wait for this client"));
            assertThat(client.line()).isEqualTo("EOF");
        }
    }

    @Test
    void answersThatNobodyReads() throws IOException {
        RpcLimits small = new RpcLimits(JsonLimits.REQUEST, 4, 1_000_000);
        try (ServerFixture fixture = new ServerFixture(dir, small)) {
            RawClient client = fixture.client();
            for (int i = 0; i < 100; i++) {
                client.send("{\"method\":\"big\",\"params\":{\"size\":100000},\"id\":1}");
            }
            List<String> answers = client.untilEnd();
            assertThat(answers.getLast()).contains("\"code\":-105", "1000000 bytes");
            assertThat(answers.subList(0, answers.size() - 1)).allMatch(a -> a.length() > 100_000);
            assertThat(answers).hasSizeLessThan(100);
        }
    }

    @Test
    void answersOfABatch() throws IOException {
        RpcLimits small = new RpcLimits(JsonLimits.REQUEST, 4, 1_000_000);
        try (ServerFixture fixture = new ServerFixture(dir, small)) {
            String member = "{\"method\":\"big\",\"params\":{\"size\":300000},\"id\":1}";
            RawClient client = fixture.client();
            assertThat(client.send("[" + member + "," + member + "]").line()).hasSizeGreaterThan(600_000);
            client.send("[" + String.join(",", member, member, member, member) + "]");
            assertThat(client.line()).contains("\"id\":null", "\"code\":-105", "1000000 bytes");
            assertThat(client.line()).isEqualTo("EOF");
        }
    }

    private static void assertLimit(RawClient client, String request, String limit) throws IOException {
        assertThat(client.send(request).line())
                .startsWith(
                        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Request too large: ")
                .contains("limit of " + limit);
        assertThat(client.line()).isEqualTo("EOF");
    }
}
