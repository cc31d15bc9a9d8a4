package dev.ringside.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.RunningDaemon;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The metrics, as Prometheus sees them. */
class MetricsTest {
    @TempDir
    private Path directory;

    private WebRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new WebRig();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        rig.load();
        HttpResponse<String> answer = rig.get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(WebRig.run(directory, answer.body(), "prometheus", List.of("promtool", "check", "metrics")))
                .isEmpty();
    }

    @Test
    void namesStay() throws Exception {
        List<String> names = rig.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.substring("# TYPE ".length()))
                .toList();
        assertThat(names)
                .containsExactly(
                        "ringside_build_info gauge",
                        "ringside_reactor_busy_seconds_total counter",
                        "ringside_reactor_idle_seconds_total counter",
                        "ringside_reactor_sleeps_total counter",
                        "ringside_reactor_longest_loop_seconds gauge",
                        "ringside_reactor_stalls_total counter",
                        "ringside_bdev_operations_total counter",
                        "ringside_bdev_bytes_total counter",
                        "ringside_bdev_errors_total counter",
                        "ringside_bdev_operation_seconds_total counter",
                        "ringside_bdev_latency_seconds histogram",
                        "ringside_vhost_connected gauge",
                        "ringside_vhost_requests_in_flight gauge",
                        "ringside_vhost_events_total counter");
    }

    @Test
    void numbersAreThoseOfTheControlSocket() throws Exception {
        rig.load();
        Map<String, Double> samples = samples();
        JsonNode stats = rig.daemon.call("bdev_get_iostat", "{'name': 'ram'}").at("/bdevs/0");
        assertThat(samples)
                .containsEntry(
                        "ringside_bdev_operations_total{bdev=\"ram\",type=\"read\"}",
                        stats.path("num_read_ops").asDouble())
                .containsEntry(
                        "ringside_bdev_bytes_total{bdev=\"ram\",type=\"write\"}",
                        stats.path("bytes_written").asDouble())
                .containsEntry("ringside_bdev_operations_total{bdev=\"quo\\\"te\",type=\"read\"}", 0.0)
                .containsEntry("ringside_vhost_connected{controller=\"c\"}", 1.0)
                .containsEntry("ringside_vhost_events_total{controller=\"c\",kind=\"sessions\"}", 1.0);
        JsonNode device = rig.daemon.call("bdev_get_latency").at("/0/spans/device");
        String latency = "{bdev=\"ram\",span=\"device\"";
        double count = device.path("count").asDouble();
        assertThat(samples)
                .containsEntry("ringside_bdev_latency_seconds_count" + latency + "}", count)
                .containsEntry("ringside_bdev_latency_seconds_bucket" + latency + ",le=\"+Inf\"}", count);
        List<Double> buckets = IntStream.rangeClosed(9, 33)
                .mapToObj(power -> samples.getOrDefault(
                        "ringside_bdev_latency_seconds_bucket" + latency + ",le=\"" + (1L << power) / 1e9 + "\"}",
                        -1.0))
                .toList();
        assertThat(buckets).isSorted().doesNotContain(-1.0);
        assertThat(buckets.getLast()).isEqualTo(count);
    }

    @Test
    void nothingCanBeChanged() throws Exception {
        HttpRequest post = HttpRequest.newBuilder(URI.create(rig.url("/status.json")))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        assertThat(rig.send(post).statusCode()).isEqualTo(405);
        assertThat(rig.get("/../etc/passwd").statusCode()).isEqualTo(404);
        assertThat(rig.get("/page.html/x").statusCode()).isEqualTo(404);
        HttpRequest head = HttpRequest.newBuilder(URI.create(rig.url("/metrics")))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = rig.send(head);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics", "/status.json", "/nothing"})
    void aBrowserIsToldToLoadNothingFromElsewhere(String path) throws Exception {
        assertThat(rig.get(path).headers().allValues("Content-Security-Policy"))
                .containsExactly("default-src 'self'; frame-ancestors 'none'");
    }

    @Test
    void whoDoesNotFinishARequestKeepsNobodyWaiting() throws Exception {
        InetSocketAddress address =
                rig.daemon.daemon().options().extras().metrics().orElseThrow().address();
        try (Socket slow = new Socket(address.getAddress(), address.getPort())) {
            slow.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 10; i++) {
                assertThat(rig.get("/metrics").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void nobodyElseIsServedUnlessThatWasAskedForTwice() {
        assertThatThrownBy(() -> Listener.parse("0.0.0.0:9464", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--metrics-anywhere");
        assertThat(Listener.parse("0.0.0.0:9464", true)).hasToString("0.0.0.0:9464");
        assertThat(Listener.parse("127.0.0.1:9464", false)).hasToString("127.0.0.1:9464");
        assertThat(Listener.parse("[::1]:80", false).address().getPort()).isEqualTo(80);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"9464", "127.0.0.1", ":9464", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x"})
    void addressesAreChecked(String text) {
        assertThatThrownBy(() -> Listener.parse(text, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as 127.0.0.1:9464");
    }

    @Test
    void anAddressInUseKeepsTheDaemonFromStarting() {
        Listener taken = rig.daemon.daemon().options().extras().metrics().orElseThrow();
        assertThatThrownBy(() ->
                        RunningDaemon.with(options -> options.serving(taken)).close())
                .hasMessageContaining("cannot serve metrics on " + taken);
    }

    private Map<String, Double> samples() throws Exception {
        Function<String, Integer> split = line -> line.lastIndexOf(' ');
        return rig.get("/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, split.apply(line)),
                        line -> Double.valueOf(line.substring(split.apply(line) + 1))));
    }
}
