package dev.ringside.rpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule for the wire, against a real socket. */
class WireTest {
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

    @Test
    void prettyPrintedWithoutNewline() throws IOException {
        String request = "{\n  \"jsonrpc\": \"2.0\",\n  \"method\": \"echo\",\n  \"id\": 1\n}";
        RawClient client = fixture.client();
        assertThat(client.send(request).line()).isEqualTo(result("1", "\"nothing\""));
        assertThat(client.send(request).line()).isEqualTo(result("1", "\"nothing\""));
    }

    @Test
    void byteByByte() throws IOException {
        String request = "{\"method\": \"echo\", \"params\": {\"value\": [1.5, \"a\\n\u20ac\"]}, \"id\": \"x\"}";
        assertThat(fixture.client().sendByteByByte(request).line())
                .isEqualToIgnoringCase(result("\"x\"", "[1.5,\"a\\n\\u20ac\"]"));
    }

    @Test
    void splitInsideACharacter() throws IOException {
        byte[] request = echo("\"\ud83d\ude00\"").getBytes(StandardCharsets.UTF_8);
        int inside = new String(request, StandardCharsets.ISO_8859_1).indexOf('\u00f0') + 2;
        RawClient client = fixture.client();
        client.send(java.util.Arrays.copyOf(request, inside));
        client.send(java.util.Arrays.copyOfRange(request, inside, request.length));
        assertThat(client.line()).isEqualToIgnoringCase(result("1", "\"\\ud83d\\ude00\""));
    }

    @Test
    void answersAreAscii() throws IOException {
        String answer = fixture.client()
                .send(echo("\"\u00e9\u20ac\ud83d\ude00\\u0000\""))
                .line();
        assertThat(answer).isEqualToIgnoringCase(result("1", "\"\\u00e9\\u20ac\\ud83d\\ude00\\u0000\""));
        assertThat(answer.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    }

    @Test
    void pipelinedWithAnythingBetween() throws IOException {
        RawClient client = fixture.client();
        client.send(echo("1") + echo("2") + "\n" + echo("3") + "\r\n\t " + echo("4"));
        for (int i = 1; i <= 4; i++) {
            assertThat(client.line()).isEqualTo(result("1", Integer.toString(i)));
        }
    }

    @Test
    void pipelinedRequestsSeeEachOthersEffects() throws IOException {
        StringBuilder requests = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            requests.append("{\"method\":\"note\",\"params\":{\"word\":\"" + i + "\"}}");
            expected.append(i == 0 ? "" : ", ").append(i);
        }
        RawClient client = fixture.client().send(requests + "{\"method\":\"noted\",\"id\":1}");
        assertThat(client.line()).isEqualTo(result("1", "\"[" + expected + "]\""));
    }

    @Test
    void answersComeInTheOrderOfCompletion() throws IOException {
        RawClient client = fixture.client();
        client.send("{\"method\":\"wait\",\"id\":1}" + "{\"method\":\"echo\",\"id\":2}");
        assertThat(client.line()).isEqualTo(result("2", "\"nothing\""));
        fixture.release.countDown();
        assertThat(client.line()).isEqualTo(result("1", "\"waited\""));
    }

    @Test
    void aSlowMethodDoesNotHoldUpOtherClients() throws Exception {
        fixture.client().send("{\"method\":\"wait\",\"id\":1}");
        assertThat(fixture.waiting.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(fixture.client().send(echo("1")).line()).isEqualTo(result("1", "1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"text\"", "\"\"", "7", "-1", "18446744073709551615", "1.50", "\"\\u00e9\"", "1E+30"})
    void idsComeBackAsTheyWere(String id) throws IOException {
        assertThat(fixture.client()
                        .send("{\"method\":\"echo\",\"id\":" + id + "}")
                        .line())
                .isEqualToIgnoringCase(result(id, "\"nothing\""));
    }

    @Test
    void withoutIdASuccessIsSilentAndAnErrorIsNot() throws IOException {
        RawClient client = fixture.client();
        client.send("{\"method\":\"note\",\"params\":{\"word\":\"a\"}}");
        client.send("{\"method\":\"note\",\"params\":{\"word\":\"b\"},\"id\":null}");
        client.send("{\"method\":\"fail\",\"params\":{\"errno\":19}}");
        client.send("{\"method\":\"fail\",\"params\":{\"errno\":17},\"id\":null}");
        client.send("{\"method\":\"noted\",\"id\":1}");
        assertThat(client.line()).isEqualTo(error("null", -19, "No such device"));
        assertThat(client.line()).isEqualTo(error("null", -17, "File exists"));
        assertThat(client.line()).isEqualTo(result("1", "\"[a, b]\""));
    }

    @Test
    void paramsAbsentNullAndEmptyMeanTheSame() throws IOException {
        RawClient client = fixture.client();
        for (String params : new String[] {"", ",\"params\":null", ",\"params\":{}"}) {
            client.send("{\"method\":\"echo\",\"id\":1" + params + "}");
            assertThat(client.line()).isEqualTo(result("1", "\"nothing\""));
        }
    }

    @Test
    void versionMayBeAbsent() throws IOException {
        RawClient client = fixture.client();
        assertThat(client.send("{\"method\":\"echo\",\"id\":1}").line()).isEqualTo(result("1", "\"nothing\""));
        assertThat(client.send("{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}")
                        .line())
                .isEqualTo(result("1", "\"nothing\""));
    }

    @Test
    void integersOf64BitsStayIntegers() throws IOException {
        RawClient client = fixture.client();
        client.send(
                "{\"method\":\"limits\",\"params\":{\"signed\":9223372036854775807,\"unsigned\":18446744073709551615},"
                        + "\"id\":1}");
        assertThat(client.line()).isEqualTo(result("1", "[9223372036854775807,18446744073709551615]"));
        client.send("{\"method\":\"limits\",\"params\":{\"signed\":-9223372036854775808},\"id\":1}");
        assertThat(client.line()).isEqualTo(result("1", "[-9223372036854775808,0]"));
        assertThat(client.send(echo("[9223372036854775807,18446744073709551615]"))
                        .line())
                .isEqualTo(result("1", "[9223372036854775807,18446744073709551615]"));
    }

    @Test
    void batches() throws IOException {
        RawClient client = fixture.client();
        client.send("[{\"method\":\"note\",\"params\":{\"word\":\"a\"}}, 1, {\"method\":\"noted\",\"id\":1}, [], {},"
                + "{\"method\":\"nothing\",\"id\":2}, {\"method\":\"fail\",\"params\":{\"errno\":19}}, {\"id\":3}]");
        assertThat(client.line())
                .isEqualTo("["
                        + String.join(
                                ",",
                                error("null", -32600, "a request must be an object"),
                                result("1", "\"[a]\""),
                                error("null", -32600, "a request must be an object"),
                                error("null", -32600, "method must be a string"),
                                error("2", -32601, "Method not found: 'nothing'"),
                                error("null", -19, "No such device"),
                                error("3", -32600, "method must be a string"))
                        + "]");
    }

    @Test
    void anEmptyBatchIsAnError() throws IOException {
        assertThat(fixture.client().send(" [ ]").line()).isEqualTo(error("null", -32600, "a batch must not be empty"));
    }

    @Test
    void aBatchOfNotificationsIsSilent() throws IOException {
        RawClient client = fixture.client();
        client.send(
                "[{\"method\":\"note\",\"params\":{\"word\":\"a\"}},{\"method\":\"note\",\"params\":{\"word\":\"b\"}}]");
        assertThat(client.send("{\"method\":\"noted\",\"id\":1}").line()).isEqualTo(result("1", "\"[a, b]\""));
    }

    @Test
    void aBatchIsAnsweredWhenAllIsDone() throws IOException {
        RawClient client = fixture.client();
        client.send("[{\"method\":\"wait\",\"id\":1},{\"method\":\"echo\",\"id\":2}]" + echo("0"));
        assertThat(client.line()).isEqualTo(result("1", "0"));
        fixture.release.countDown();
        assertThat(client.line()).isEqualTo("[" + result("1", "\"waited\"") + "," + result("2", "\"nothing\"") + "]");
    }

    @Test
    void aHalfClosedClientGetsWhatIsOutstanding() throws Exception {
        RawClient client = fixture.client();
        client.send("{\"method\":\"wait\",\"id\":1}{\"method\":\"big\",\"params\":{\"size\":1000000},\"id\":2}")
                .finish();
        assertThat(fixture.waiting.poll(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(client.line()).hasSize(result("2", "\"\"").length() + 1_000_000);
        fixture.release.countDown();
        assertThat(client.untilEnd()).isEqualTo(List.of(result("1", "\"waited\"")));
    }

    @Test
    void aHalfClosedClientWithNothingOutstandingIsClosed() throws IOException {
        assertThat(fixture.client().finish().untilEnd()).isEmpty();
        assertThat(fixture.client().send(echo("1")).finish().untilEnd()).containsExactly(result("1", "1"));
    }

    @Test
    void whatAClientStartedRunsToItsEndWithoutIt() throws Exception {
        try (RawClient client = fixture.client()) {
            client.send("{\"method\":\"wait\",\"params\":{\"word\":\"done\"},\"id\":1}");
            assertThat(fixture.waiting.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(fixture.client().send(echo("1")).line()).isEqualTo(result("1", "1"));
        fixture.release.countDown();
        assertThat(fixture.ended.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(fixture.client().send("{\"method\":\"noted\",\"id\":1}").line())
                .isEqualTo(result("1", "\"[done]\""));
    }

    @Test
    void aClientThatSendsAndGoesIsServed() throws Exception {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            requests.append(echo("\"" + "x".repeat(30) + "\""));
        }
        requests.append("{\"method\":\"wait\",\"params\":{\"word\":\"last\"},\"id\":1}");
        fixture.release.countDown();
        try (RawClient client = fixture.client()) {
            client.send(requests.toString());
        }
        assertThat(fixture.ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(fixture.noted).containsExactly("last");
    }

    static String echo(String value) {
        return "{\"method\":\"echo\",\"params\":{\"value\":" + value + "},\"id\":1}";
    }

    static String result(String id, String result) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}";
    }

    static String error(String id, int code, String message) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\""
                + message.replace("\"", "\\\"") + "\"}}";
    }
}
