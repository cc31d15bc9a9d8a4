package dev.ringside.rpc.server;

import static dev.ringside.rpc.server.WireTest.echo;
import static dev.ringside.rpc.server.WireTest.result;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopTest {
    @TempDir
    Path dir;

    @Test
    void outstandingRequestsAreAnsweredBeforeTheEnd() throws Exception {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            RawClient idle = fixture.client().send(echo("1"));
            assertThat(idle.line()).isEqualTo(result("1", "1"));
            RawClient client = fixture.client().send("{\"method\":\"wait\",\"id\":1}");
            assertThat(fixture.waiting.poll(10, TimeUnit.SECONDS)).isNotNull();
            CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
                try {
                    fixture.server.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(idle.line()).isEqualTo("EOF");
            assertThat(Files.exists(fixture.path)).isFalse();
            assertThat(closing).isNotDone();
            fixture.release.countDown();
            assertThat(client.untilEnd()).containsExactly(result("1", "\"waited\""));
            closing.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aMethodThatNeverEndsDoesNotKeepItFromStopping() throws Exception {
        try (ServerFixture fixture = new ServerFixture(dir)) {
            RawClient client = fixture.client().send("{\"method\":\"wait\",\"id\":1}");
            assertThat(fixture.waiting.poll(10, TimeUnit.SECONDS)).isNotNull();
            fixture.server.close();
            assertThat(client.line()).isEqualTo("EOF");
        }
    }
}
