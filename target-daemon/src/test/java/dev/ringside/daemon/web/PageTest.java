package dev.ringside.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ringside.daemon.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page, in headless Chromium. Its picture is kept in target/screenshots. */
class PageTest {
    private static final Pattern CELL =
            Pattern.compile("data-(?:bdev|reactor)=\"([^\"]*)\" data-counter=\"([^\"]*)\">(\\d+)<");
    /** A value below a chart, or a line in it. */
    private static final Pattern CHART = Pattern.compile("data-(?:bdev|reactor)=\"([^\"]*)\" data-chart=\"([^\"]*)\""
            + " data-series=\"([^\"]*)\"(?: d=\"([^\"]*)\")?>([^<]*)<");
    /** How far below the top of a chart a point of its line is. */
    private static final Pattern HEIGHT = Pattern.compile("[ML][0-9.]+ ([0-9.]+)");

    private static final int LINE_HEIGHT = 70;
    private static final Pattern STATE = Pattern.compile("data-ticks=\"(\\d+)\"");
    private static final List<String> COUNTERS =
            List.of("num_read_ops", "bytes_read", "num_write_ops", "bytes_written", "num_unmap_ops", "bytes_unmapped");

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
    void numbersAreThoseOfTheControlSocket() throws Exception {
        Path image = Files.write(directory.resolve("image"), new byte[1 << 20]);
        rig.daemon.call("bdev_aio_create", "{'name': 'file', 'filename': '" + image + "'}");
        rig.daemon.call("bdev_passthru_create", "{'name': 'pass', 'base_bdev_name': 'file'}");
        rig.daemon.call("vhost_create_blk_controller", "{'ctrlr': 'd', 'dev_name': 'pass'}");
        rig.load();
        JsonNode before = reactors();
        String page = chromium(rig.url("/"), "--dump-dom");
        Map<String, Map<String, Long>> shown = counters(page);
        requireBetween(before, shown, reactors());
        JsonNode stats = rig.daemon.call("bdev_get_iostat").path("bdevs");
        JsonNode byReactor = rig.daemon.call("bdev_get_reactor_iostat").path("reactors");
        assertThat(shown).hasSize(stats.size() + byReactor.size());
        for (JsonNode all : List.of(stats, byReactor)) {
            all.forEach(one -> assertThat(shown.get(one.path("name").asString().replace("\"", "&quot;")))
                    .containsAllEntriesOf(COUNTERS.stream()
                            .collect(Collectors.toMap(
                                    name -> name, name -> one.path(name).asLong()))));
        }
        assertThat(page)
                .contains(rig.daemon.call("bdev_get_latency").at("/0/sentence").asString())
                .contains("reactor_")
                .containsPattern("<li>c <small>[^<]*, 1 guest</small><ul><li>ram <small>Malloc disk</small>")
                .containsPattern("<li>d <small>[^<]*, 0 guests</small><ul><li>pass <small>passthru</small><ul>"
                        + "<li>file <small>AIO disk</small><ul><li>" + Pattern.quote(image.toString())
                        + "</li></ul></li></ul></li></ul></li>")
                .contains("ram is there: Malloc disk")
                .doesNotContain("no answer");
    }

    @Test
    void chartsShowWhatTheControlSocketTellsOfTheTimeBetween() throws Exception {
        try (StatusRecorder between = new StatusRecorder(rig)) {
            String page = rig.loadWhile(() -> chromium(between.url(), "--dump-dom"));
            List<JsonNode> told = between.until(ticks(page));
            assertThat(told).hasSizeGreaterThan(2);
            Map<String, Shown> charts = charts(page);
            JsonNode reactors = told.getLast().path("reactors");
            // Of the disks and of the reactors: three charts with two values; a reactor has two charts more.
            assertThat(charts).hasSize(2 * 6 + reactors.size() * 8);
            requireCharts(told, Interval.DISKS, "ram", "ram", charts);
            requireCharts(told, Interval.DISKS, "quo\"te", "quo&quot;te", charts);
            Interval last = new Interval(told.get(told.size() - 2), told.getLast());
            for (int i = 0; i < reactors.size(); i++) {
                String name = reactors.path(i).at("/lw_threads/0/name").asString();
                requireCharts(told, Interval.REACTORS, name, name, charts);
                long busy = grown(last, i, "busy");
                Interval.requireShown(
                        of(charts, name, "busy", "busy").text(), 100.0 * busy / (busy + grown(last, i, "idle")));
                Interval.requireShown(
                        of(charts, name, "loop", "turn").text(),
                        told.getLast().path("loops").path(i).at("/recent/ns").asDouble());
            }
            // The page's time passes fast, so that a single interval may be too short for a request.
            Interval all = new Interval(told.getFirst(), told.getLast());
            assertThat(all.rate(Interval.DISKS, "ram", "num_read_ops")).isPositive();
            assertThat(sum(all, "num_write_ops")).isPositive();
        }
    }

    /** All the values and lines of a disk's or a reactor's requests. */
    private static void requireCharts(
            List<JsonNode> told, String where, String name, String escaped, Map<String, Shown> charts) {
        requireChart(
                told,
                of(charts, escaped, "iops", "read"),
                one -> Optional.of(one.rate(where, name, "num_read_ops")),
                of(charts, escaped, "iops", "write"),
                one -> Optional.of(one.rate(where, name, "num_write_ops")));
        requireChart(
                told,
                of(charts, escaped, "bandwidth", "read"),
                one -> Optional.of(one.rate(where, name, "bytes_read")),
                of(charts, escaped, "bandwidth", "write"),
                one -> Optional.of(one.rate(where, name, "bytes_written")));
        requireChart(
                told,
                of(charts, escaped, "latency", "read"),
                one -> one.latency(where, name, "read"),
                of(charts, escaped, "latency", "write"),
                one -> one.latency(where, name, "write"));
    }

    /** Whether both lines of a chart have a point for each figure, of the right height, and the last one in words. */
    private static void requireChart(
            List<JsonNode> told,
            Shown read,
            Function<Interval, Optional<Double>> reads,
            Shown write,
            Function<Interval, Optional<Double>> writes) {
        List<Optional<Double>> ofReads = figures(told, reads);
        List<Optional<Double>> ofWrites = figures(told, writes);
        double top = Stream.concat(ofReads.stream(), ofWrites.stream())
                .flatMap(Optional::stream)
                .max(Double::compare)
                .orElse(0.0);
        requireSeries(ofReads, top, read);
        requireSeries(ofWrites, top, write);
    }

    private static List<Optional<Double>> figures(List<JsonNode> told, Function<Interval, Optional<Double>> figure) {
        List<Optional<Double>> figures = new ArrayList<>();
        for (int i = 1; i < told.size(); i++) {
            figures.add(figure.apply(new Interval(told.get(i - 1), told.get(i))));
        }
        return figures;
    }

    private static void requireSeries(List<Optional<Double>> figures, double top, Shown shown) {
        List<Double> points = figures.stream().flatMap(Optional::stream).toList();
        List<Double> heights = new ArrayList<>();
        Matcher height = HEIGHT.matcher(shown.line());
        while (height.find()) {
            heights.add(Double.valueOf(height.group(1)));
        }
        assertThat(heights).as(shown.line()).hasSameSizeAs(points);
        for (int i = 0; i < points.size(); i++) {
            double part = top == 0 ? 0 : points.get(i) / top;
            assertThat(heights.get(i)).isCloseTo(1 + LINE_HEIGHT * (1 - part), within(0.06));
        }
        Optional<Double> last = figures.getLast();
        if (last.isEmpty()) {
            assertThat(shown.text()).isEqualTo("-");
        } else {
            Interval.requireShown(shown.text(), last.get());
        }
    }

    private static long grown(Interval last, int reactor, String counter) {
        return last.now().path("reactors").path(reactor).path(counter).asLong()
                - last.before().path("reactors").path(reactor).path(counter).asLong();
    }

    private static double sum(Interval interval, String counter) {
        double sum = 0;
        for (JsonNode reactor : interval.now().path(Interval.REACTORS)) {
            sum += interval.rate(Interval.REACTORS, reactor.path("name").asString(), counter);
        }
        return sum;
    }

    @Test
    void aPictureIsKept() throws Exception {
        Path picture = Files.createDirectories(Path.of("target", "screenshots"))
                .resolve("page.png")
                .toAbsolutePath();
        Files.deleteIfExists(picture);
        rig.loadWhile(() -> chromium(rig.url("/"), "--screenshot=" + picture, "--window-size=1280,1400"));
        assertThat(picture).isNotEmptyFile();
    }

    private JsonNode reactors() throws IOException {
        return rig.daemon.call("framework_get_reactors").path("reactors");
    }

    /** The cells of the tables, by the disk's or the reactor's name and the counter's. */
    private static Map<String, Map<String, Long>> counters(String page) {
        Map<String, Map<String, Long>> shown = new HashMap<>();
        Matcher cells = CELL.matcher(page);
        while (cells.find()) {
            shown.computeIfAbsent(cells.group(1), name -> new HashMap<>())
                    .put(cells.group(2), Long.valueOf(cells.group(3)));
        }
        return shown;
    }

    /** What a chart shows of one series. */
    private record Shown(String text, String line) {}

    /** What the charts show, by disk or reactor, chart, and series. */
    private static Map<String, Shown> charts(String page) {
        Map<String, String> lines = new HashMap<>();
        Map<String, String> texts = new HashMap<>();
        Matcher parts = CHART.matcher(page);
        while (parts.find()) {
            String key = parts.group(1) + "/" + parts.group(2) + "/" + parts.group(3);
            if (parts.group(4) == null) {
                String text = parts.group(5);
                assertThat(text).startsWith(parts.group(3) + " ");
                texts.put(key, text.substring(parts.group(3).length() + 1));
            } else {
                lines.put(key, parts.group(4));
            }
        }
        assertThat(lines).hasSameSizeAs(texts);
        Map<String, Shown> shown = new HashMap<>();
        texts.forEach((key, text) -> shown.put(key, new Shown(text, lines.getOrDefault(key, ""))));
        return shown;
    }

    private static Shown of(Map<String, Shown> charts, String name, String chart, String series) {
        Shown shown = charts.get(name + "/" + chart + "/" + series);
        assertThat(shown).as(name + " " + chart + " " + series).isNotNull();
        return shown;
    }

    private static long ticks(String page) {
        Matcher state = STATE.matcher(page);
        assertThat(state.find()).isTrue();
        return Long.parseLong(state.group(1));
    }

    /** Whether the page shows what a reactor's clocks said at some time between. */
    private static void requireBetween(JsonNode before, Map<String, Map<String, Long>> shown, JsonNode after) {
        for (int i = 0; i < before.size(); i++) {
            Map<String, Long> reactor =
                    shown.getOrDefault(before.path(i).at("/lw_threads/0/name").asString(), Map.of());
            for (String name : List.of("busy", "idle")) {
                assertThat(reactor.get(name))
                        .as(name)
                        .isBetween(
                                before.path(i).path(name).asLong(),
                                after.path(i).path(name).asLong());
            }
        }
    }

    /** Some seconds of the page's time, which passes faster than ours; nobody but this machine can be found meanwhile. */
    private String chromium(String url, String... options) throws Exception {
        Path log = directory.resolve("net.json");
        List<String> command = new ArrayList<>(List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--user-data-dir=" + directory.resolve("profile"),
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--log-net-log=" + log,
                "--virtual-time-budget=4000"));
        command.addAll(List.of(options));
        command.add(url);
        String output = WebRig.run(directory, "", "chromium", command);
        requireRequestsOnlyTo(url.substring(0, url.lastIndexOf('/')), log);
        return output;
    }

    /** Whether the page has asked its own server for everything; what else is in the log the browser does of itself. */
    private static void requireRequestsOnlyTo(String origin, Path log) throws IOException {
        JsonNode events = JsonMapper.shared().readTree(log).path("events");
        assertThat(StreamSupport.stream(events.spliterator(), false)
                        .map(event -> event.path("params"))
                        .filter(request ->
                                request.path("initiator").asString("").equals(origin))
                        .map(request -> request.path("url").asString()))
                .contains(origin + "/page.css", origin + "/page.js", origin + "/status.json")
                .allSatisfy(url -> assertThat(url).startsWith(origin + "/"));
    }
}
