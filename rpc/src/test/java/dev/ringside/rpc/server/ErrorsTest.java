package dev.ringside.rpc.server;

import static dev.ringside.rpc.server.WireTest.echo;
import static dev.ringside.rpc.server.WireTest.error;
import static dev.ringside.rpc.server.WireTest.result;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.rpc.schema.FrameworkState;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each row of the table of errors, against a real socket. */
class ErrorsTest {
    @TempDir
    Path dir;

    private ServerFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = new ServerFixture(dir);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"nonsense", "{\"a\" 1}", "[1,,2]", "{'a':1}", "]", "{\"method\":\"echo\",\"id\":NaN}", "\"\\q"})
    void notJsonIsAnsweredThenClosed(String text) throws IOException {
        RawClient client = fixture.client();
        assertThat(client.send(echo("1") + text).line()).isEqualTo(result("1", "1"));
        assertThat(client.line())
                .startsWith("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error: ");
        assertThat(client.line()).isEqualTo("EOF");
    }

    @Test
    void illFormedUtf8IsNotJson() throws IOException {
        RawClient client = fixture.client();
        client.send("{\"method\":\"").send(new byte[] {(byte) 0xc3, '('});
        assertThat(client.line()).contains("-32700", "UTF-8");
        assertThat(client.line()).isEqualTo("EOF");
    }

    @Test
    void aTruncatedRequestIsNotJson() throws IOException {
        RawClient client = fixture.client();
        client.send("{\"method\":\"echo\"").finish();
        assertThat(client.line()).contains("-32700");
        assertThat(client.line()).isEqualTo("EOF");
    }

    @Test
    void requestsBeforeTheErrorAreStillAnswered() throws IOException {
        RawClient client = fixture.client();
        client.send("{\"method\":\"wait\",\"id\":7} nonsense");
        assertThat(client.line()).contains("-32700");
        fixture.release.countDown();
        assertThat(client.line()).isEqualTo(result("7", "\"waited\""));
        assertThat(client.line()).isEqualTo("EOF");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`5 `|null|a request must be an object",
                "\"text\"|null|a request must be an object",
                "`null `|null|a request must be an object",
                "{}|null|method must be a string",
                "{\"id\":4}|4|method must be a string",
                "{\"method\":1,\"id\":4}|4|method must be a string",
                "{\"method\":null,\"id\":4}|4|method must be a string",
                "{\"jsonrpc\":\"1.0\",\"method\":\"echo\",\"id\":4}|4|jsonrpc must be \\\"2.0\\\", not \\\"1.0\\\"",
                "{\"jsonrpc\":2.0,\"method\":\"echo\",\"id\":4}|4|jsonrpc must be \\\"2.0\\\", not 2.0",
                "{\"jsonrpc\":null,\"method\":\"echo\",\"id\":4}|4|jsonrpc must be \\\"2.0\\\", not null",
                "{\"method\":\"echo\",\"id\":true}|null|id must be a string, a number or null",
                "{\"method\":\"echo\",\"id\":[1]}|null|id must be a string, a number or null",
                "{\"method\":\"echo\",\"id\":{}}|null|id must be a string, a number or null",
                "{\"method\":\"echo\",\"params\":5,\"id\":4}|4|params must be an object",
                "{\"method\":\"echo\",\"params\":\"a\",\"id\":4}|4|params must be an object",
                "{\"method\":\"echo\",\"extra\":1,\"id\":4}|4|a request has no member 'extra'",
                "{\"method\":\"echo\",\"method\":\"echo\",\"id\":4}|4|the request has 'method' more than once",
            })
    void jsonButNoRequest(String request, String id, String message) throws IOException {
        RawClient client = fixture.client();
        assertThat(client.send(request).line())
                .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32600,\"message\":\"" + message
                        + "\"}}");
        assertThat(client.send(echo("1")).line()).isEqualTo(result("1", "1"));
    }

    @Test
    void noSuchMethod() throws IOException {
        assertThat(fixture.client().send("{\"method\":\"no\u00fc\",\"id\":1}").line())
                .isEqualToIgnoringCase(error("1", -32601, "Method not found: 'no\\u00fc'"));
        assertThat(fixture.client()
                        .send("{\"method\":\"" + "x".repeat(100_000) + "\",\"id\":1}")
                        .line())
                .hasSizeLessThan(300);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"colour\":1}|unknown parameter 'colour': limits takes signed, unsigned",
                "{\"signed\":1,\"signed\":1}|parameter 'signed' is given more than once",
                "{\"signed\":1,\"\\u0073igned\":2}|parameter 'signed' is given more than once",
                "{\"signed\":\"1\"}|'signed' must be an integer from -9223372036854775808 to 9223372036854775807, not \\\"1\\\"",
                "{\"signed\":9223372036854775808}|'signed' must be an integer from -9223372036854775808 to",
                "{\"unsigned\":18446744073709551616}|'unsigned' must be an integer from 0 to 18446744073709551615, not",
                "{\"unsigned\":-1}|'unsigned' must be an integer from 0 to 18446744073709551615, not -1",
                "[1,2]|parameters are taken by name",
                "[]|parameters are taken by name",
            })
    void badParameters(String params, String message) throws IOException {
        String answer = fixture.client()
                .send("{\"method\":\"limits\",\"params\":" + params + ",\"id\":1}")
                .line();
        assertThat(answer).startsWith("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"");
        assertThat(answer).contains(message);
    }

    @Test
    void missingParameter() throws IOException {
        assertThat(fixture.client().send("{\"method\":\"note\",\"id\":1}").line())
                .isEqualTo(error("1", -32602, "missing parameter 'word': a string"));
    }

    @Test
    void duplicateBelowAParameter() throws IOException {
        assertThat(fixture.client().send(echo("[{\"a\":1,\"a\":1}]")).line())
                .isEqualTo(error("1", -32602, "parameter 'a' is given more than once"));
    }

    @Test
    void vhostFailuresAreInvalidParameters() throws IOException {
        assertThat(fixture.client().send("{\"method\":\"vhost_fail\",\"id\":1}").line())
                .isEqualTo(error("1", -32602, "File exists"));
    }

    @Test
    void ourFault() throws IOException {
        RawClient client = fixture.client();
        assertThat(client.send("{\"method\":\"fault\",\"id\":1}").line())
                .isEqualTo(error("1", -32603, "Internal error in fault; the daemon's log says more"));
        assertThat(client.send(echo("1")).line()).isEqualTo(result("1", "1"));
    }

    @Test
    void wrongState() throws IOException {
        RawClient client = fixture.client();
        assertThat(client.send("{\"method\":\"early\",\"id\":1}").line())
                .isEqualTo(error("1", -1, "early may be called only before framework_start_init"));
        fixture.methods.enter(FrameworkState.STARTUP);
        assertThat(client.send("{\"method\":\"early\",\"id\":1}").line()).isEqualTo(result("1", "true"));
        assertThat(client.send("{\"method\":\"echo\",\"id\":1}").line())
                .isEqualTo(error("1", -1, "echo may be called only after framework_start_init"));
        assertThat(client.send("{\"method\":\"rpc_get_methods\",\"params\":{\"current\":true},\"id\":1}")
                        .line())
                .isEqualTo(result("1", "[\"early\",\"rpc_get_methods\"]"));
    }

    @ParameterizedTest
    @CsvSource({"19, No such device", "17, File exists", "16, Device or resource busy"})
    void errno(int errno, String text) throws IOException {
        assertThat(fixture.client()
                        .send("{\"method\":\"fail\",\"params\":{\"errno\":" + errno + "},\"id\":1}")
                        .line())
                .isEqualTo(error("1", -errno, text));
    }
}
