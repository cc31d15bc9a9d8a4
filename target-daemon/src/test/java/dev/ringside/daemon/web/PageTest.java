package dev.ringside.daemon.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The page, in headless Chromium. Its picture is kept in target/screenshots. */
class PageTest {
    private static final Pattern CELL = Pattern.compile("data-bdev=\"([^\"]*)\" data-counter=\"([^\"]*)\">(\\d+)<");
    private static final Pattern TICKS =
            Pattern.compile("data-reactor=\"(\\d+)\" data-counter=\"(busy|idle)\">(\\d+)<");
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
        String page = chromium("--dump-dom");
        requireBetween(before, page, reactors());
        Map<String, Map<String, Long>> shown = new HashMap<>();
        Matcher cells = CELL.matcher(page);
        while (cells.find()) {
            shown.computeIfAbsent(cells.group(1), name -> new HashMap<>())
                    .put(cells.group(2), Long.valueOf(cells.group(3)));
        }
        JsonNode stats = rig.daemon.call("bdev_get_iostat").path("bdevs");
        assertThat(shown).hasSize(stats.size());
        stats.forEach(bdev -> {
            Map<String, Long> expected = new HashMap<>();
            COUNTERS.forEach(name -> expected.put(name, bdev.path(name).asLong()));
            assertThat(shown.get(bdev.path("name").asString().replace("\"", "&quot;")))
                    .isEqualTo(expected);
        });
        assertThat(page)
                .contains(rig.daemon.call("bdev_get_latency").at("/0/sentence").asString())
                .contains("reactor_")
                .contains("<li>c <small>")
                .contains("<li>ram <small>Malloc disk</small>")
                .contains("<li>pass <small>passthru</small><ul><li>file <small>AIO disk</small><ul><li>" + image
                        + "</li>")
                .contains("ram is there: Malloc disk")
                .doesNotContain("no answer");
    }

    @Test
    void aPictureIsKept() throws Exception {
        Path picture = Files.createDirectories(Path.of("target", "screenshots"))
                .resolve("page.png")
                .toAbsolutePath();
        Files.deleteIfExists(picture);
        rig.loadWhile(() -> chromium("--screenshot=" + picture, "--window-size=1280,1000"));
        assertThat(picture).isNotEmptyFile();
    }

    private JsonNode reactors() throws IOException {
        return rig.daemon.call("framework_get_reactors").path("reactors");
    }

    /** Whether the page shows what a reactor's clocks said at some time between. */
    private static void requireBetween(JsonNode before, String page, JsonNode after) {
        Map<String, Long> shown = new HashMap<>();
        Matcher ticks = TICKS.matcher(page);
        while (ticks.find()) {
            shown.put(ticks.group(1) + ticks.group(2), Long.valueOf(ticks.group(3)));
        }
        assertThat(shown).hasSize(2 * before.size());
        for (int i = 0; i < before.size(); i++) {
            for (String name : List.of("busy", "idle")) {
                assertThat(shown.get(before.path(i).path("lcore").asString() + name))
                        .as(name)
                        .isBetween(
                                before.path(i).path(name).asLong(),
                                after.path(i).path(name).asLong());
            }
        }
    }

    /** Some seconds of the page's time, which passes faster than ours. */
    private String chromium(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--user-data-dir=" + directory.resolve("profile"),
                "--virtual-time-budget=4000"));
        command.addAll(List.of(options));
        command.add(rig.url("/"));
        return WebRig.run(directory, "", "chromium", command);
    }
}
