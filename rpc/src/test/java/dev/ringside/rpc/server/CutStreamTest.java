package dev.ringside.rpc.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of requests cut at random places is answered as the uncut one. */
class CutStreamTest {
    private static final String[] REQUESTS = {
        WireTest.echo("\"h\u00e9 \u20ac \ud83d\ude00 \\ud83d\\ude00 \\\\\\\" ]}\""),
        WireTest.echo("[18446744073709551615, -1.5e3, true, null, {\"a\": [{}]}]"),
        "{\n  \"jsonrpc\": \"2.0\",\n  \"method\": \"limits\",\n  \"params\": {\n    \"unsigned\": 7\n  },\n  \"id\": \"x\"\n}",
        "[{\"method\":\"echo\",\"id\":1},{\"method\":\"echo\"},5,{\"method\":\"none\",\"id\":2}]",
        "{\"method\":\"echo\"}",
        "[]",
        "{}",
        "17 ",
        "\"text\"",
        "{\"method\":\"fail\",\"params\":{\"errno\":19}}",
        "{\"method\":\"big\",\"params\":{\"size\":3000},\"id\":1.5}"
    };

    @TempDir
    Path dir;

    @Test
    void cutsMakeNoDifference() throws IOException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("CutStreamTest seed " + seed);
        Random random = new Random(seed);
        try (ServerFixture fixture = new ServerFixture(dir)) {
            for (int round = 0; round < 60; round++) {
                byte[] stream = stream(random);
                List<String> whole = answers(fixture, stream, new int[] {stream.length});
                int[] cuts = random.ints(random.nextInt(1, 60), 0, stream.length + 1)
                        .sorted()
                        .toArray();
                assertThat(answers(fixture, stream, cuts)).as("seed %d", seed).isEqualTo(whole);
            }
        }
    }

    private static byte[] stream(Random random) {
        StringBuilder stream = new StringBuilder();
        int count = random.nextInt(1, 30);
        for (int i = 0; i < count; i++) {
            stream.append(REQUESTS[random.nextInt(REQUESTS.length)]);
            stream.append(" \n".repeat(random.nextInt(3)));
        }
        return stream.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> answers(ServerFixture fixture, byte[] stream, int[] cuts) throws IOException {
        try (RawClient client = fixture.client()) {
            int from = 0;
            for (int cut : cuts) {
                client.send(Arrays.copyOfRange(stream, from, cut));
                from = cut;
            }
            return client.send(Arrays.copyOfRange(stream, from, stream.length))
                    .finish()
                    .untilEnd();
        }
    }
}
