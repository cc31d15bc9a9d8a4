package dev.ringside.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A daemon with its web listener, on two cores where there are two, and a guest that has used its disk: it writes by the
 * first queue and reads by the second, and each is another reactor's.
 */
final class WebRig implements AutoCloseable {
    private static final int REQUESTS = 50;
    /** Less than a test may take, which would leave the process behind. */
    private static final long LIMIT_SECONDS = 90;

    final RunningDaemon daemon;
    private final GuestRam ram = GuestRam.ofMiB(16);
    private final BlkFrontend guest;
    private final HttpClient http = HttpClient.newHttpClient();

    WebRig() throws Exception {
        daemon = RunningDaemon.with(
                options -> RunningDaemon.onTwoCores(options).serving(Listener.parse("127.0.0.1:0", false)));
        daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 2048, 'block_size': 512}");
        daemon.call("bdev_null_create", "{'name': 'quo\\\"te', 'num_blocks': 2048, 'block_size': 512}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        daemon.call("bdev_enable_histogram", "{'name': 'ram', 'enable': true}");
        guest = BlkFrontend.connect(daemon.directory().resolve("c"), ram, BlkOptions.of(2, 64));
    }

    void load() throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(guest.queue(0).write(i, new byte[512]).status()).isZero();
            assertThat(guest.queue(1).read(i, 4096).status()).isZero();
        }
    }

    /** Has the guest use its disk while something else is done, which nobody else may meanwhile. */
    String loadWhile(Callable<String> other) throws Exception {
        AtomicBoolean ending = new AtomicBoolean();
        FutureTask<Boolean> loading = new FutureTask<>(() -> {
            while (!ending.get()) {
                load();
            }
            return true;
        });
        Thread.ofPlatform().name("load").start(loading);
        try {
            return other.call();
        } finally {
            ending.set(true);
            loading.get();
        }
    }

    /** Where something is served. */
    String url(String path) {
        return "http://" + daemon.daemon().options().extras().metrics().orElseThrow() + path;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url(path)))
                .timeout(Duration.ofSeconds(LIMIT_SECONDS))
                .build());
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** What a program of this machine prints on stdout; it has to be there, and to end well. */
    static String run(Path directory, String input, String debianPackage, List<String> command) throws Exception {
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError(command.getFirst() + " is missing: apt-get install " + debianPackage, e);
        }
        try (var to = process.getOutputStream()) {
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)).transferTo(to);
        }
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = Files.readString(output);
        assertThat(ended).as("%s ended in time", command.getFirst()).isTrue();
        assertThat(process.exitValue())
                .as("%s: %s%s", command.getFirst(), said, Files.readString(errors))
                .isZero();
        return said;
    }

    @Override
    public void close() throws IOException {
        guest.close();
        daemon.close();
        ram.close();
    }
}
