package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.Interval;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class TopTest {
    private static final Pattern GAP = Pattern.compile(" {2,}");

    @Test
    void itShowsWhatTheControlSocketTells() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start();
                GuestRam ram = GuestRam.ofMiB(16)) {
            daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
            daemon.call("bdev_enable_histogram", "{'name': 'ram'}");
            try (BlkFrontend guest = BlkFrontend.connect(daemon.directory().resolve("c"), ram, BlkOptions.of(1, 64))) {
                for (int i = 0; i < 123; i++) {
                    guest.queue(0).read(0, 512);
                }
                List<String> shown = top(daemon);
                assertThat(shown.getFirst()).startsWith("Ringside ");
                assertThat(line(shown, "ram  ")).endsWith(" 123              0");
                assertThat(line(shown, "ram: "))
                        .contains(daemon.call("bdev_get_latency")
                                .at("/0/sentence")
                                .asString());
                assertThat(shown.stream().filter(text -> text.startsWith("reactor_")))
                        .satisfiesExactly(
                                requests -> assertThat(requests).endsWith(" 123              0"),
                                loop -> assertThat(loop).contains(" % "));
                assertThat(line(shown, "c  ")).endsWith(" 1          0  ram");
                assertThat(shown).anyMatch(text -> text.contains("INFO  bdev: ram is there"));
                assertThat(shown).noneMatch(text -> text.contains("\033"));
            }
        }
    }

    @Test
    void figuresOfDisksAndReactorsAreThoseOfTheControlSocket() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.with(RunningDaemon::onTwoCores);
                GuestRam ram = GuestRam.ofMiB(16)) {
            daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("bdev_null_create", "{'name': 'idle', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
            try (BlkFrontend guest = BlkFrontend.connect(daemon.directory().resolve("c"), ram, BlkOptions.of(2, 64))) {
                guest.queue(0).write(0, new byte[512]);
                JsonNode before = daemon.call("framework_get_status");
                for (int i = 0; i < 300; i++) {
                    guest.queue(i % 2).read(0, 4096);
                    guest.queue(0).write(i, new byte[512]);
                }
                JsonNode now = daemon.call("framework_get_status");
                Interval between = new Interval(before, now);
                List<String> shown = TopText.of(before, now).lines().toList();
                requireLine(shown, between, Interval.DISKS, "ram");
                requireLine(shown, between, Interval.DISKS, "idle");
                for (JsonNode reactor : daemon.call("bdev_get_reactor_iostat").path("reactors")) {
                    String name = reactor.path("name").asString();
                    assertThat(reactor).isEqualTo(Interval.named(now, Interval.REACTORS, name));
                    assertThat(between.rate(Interval.REACTORS, name, "num_read_ops"))
                            .isPositive();
                    requireLine(shown, between, Interval.REACTORS, name);
                }
            }
        }
    }

    /** Whether the line of a disk or a reactor says what was told of it. */
    private static void requireLine(List<String> shown, Interval between, String where, String name) {
        List<String> cells = GAP.splitAsStream(line(shown, name + " ")).toList();
        Interval.requireShown(cells.get(1), between.rate(where, name, "num_read_ops"));
        Interval.requireShown(cells.get(2), between.rate(where, name, "num_write_ops"));
        Interval.requireShown(cells.get(3), between.rate(where, name, "bytes_read"));
        Interval.requireShown(cells.get(4), between.rate(where, name, "bytes_written"));
        requireLatency(cells.get(5), between.latency(where, name, "read"));
        requireLatency(cells.get(6), between.latency(where, name, "write"));
        JsonNode counters = Interval.named(between.now(), where, name);
        assertThat(cells.get(7)).isEqualTo(counters.path("num_read_ops").asString());
        assertThat(cells.get(8)).isEqualTo(counters.path("num_write_ops").asString());
    }

    private static void requireLatency(String shown, Optional<Double> told) {
        if (told.isEmpty()) {
            assertThat(shown).isEqualTo("-");
        } else {
            Interval.requireShown(shown, told.get());
        }
    }

    @Test
    void ratesAreOfTheTimeBetween() {
        JsonNode before = status(1_000_000_000L, 100, 1_000, 500_000);
        JsonNode now = status(3_000_000_000L, 6_100, 2_049_000, 12_500_000);
        List<String> shown = TopText.of(before, now).lines().toList();
        // 6,000 reads in two seconds that took 12 ms together.
        assertThat(line(shown, "a?b").split(" {2,}|(?<=a.b) "))
                .startsWith("a?b", "3.0 k", "0", "1000.0 KiB", "0 B", "2.0 us", "-");
        assertThat(shown.getFirst()).endsWith("over 2.0 s");
    }

    @Test
    void reactorsAreShownAsTheyAreTold() {
        JsonNode before = RunningDaemon.json(
                "{'reactors': [{'busy': 1000, 'idle': 9000," + " 'lw_threads': [{'name': 'reactor_3'}]}]}");
        JsonNode now = RunningDaemon.json("{'reactors': [{'busy': 4000, 'idle': 10000,"
                + " 'lw_threads': [{'name': 'reactor_3'}]}],"
                + " 'loops': [{'name': 'reactor_3', 'stalls': 4, 'recent': {'ns': 1500}, 'worst': {'ns': 25000000}}]}");
        List<String> shown = TopText.of(before, now).lines().toList();
        assertThat(line(shown, "reactor_3").split(" {2,}"))
                .containsExactly("reactor_3", "75.0 %", "1.5 us", "25.0 ms", "4");
    }

    @Test
    void disksOfAControllerAreShownDownToTheirDevices() {
        JsonNode now = RunningDaemon.json("{'controllers': [{'ctrlr': 'c', 'sessions': [], 'backend_specific': {'scsi':"
                + " [{'luns': [{'bdev_name': 'pass'}, {'bdev_name': 'drive'}]}, {'luns': [{'bdev_name': 'sas'}]}]}}],"
                + " 'bdevs': [{'name': 'pass', 'driver_specific': {'passthru': {'base_bdev_name': 'part'}}},"
                + " {'name': 'part', 'driver_specific': {'split': {'base_bdev': 'file'}}},"
                + " {'name': 'file', 'driver_specific': {'aio': {'filename': '/srv/a'}}},"
                + " {'name': 'drive', 'driver_specific': {'nvme': [{'pci_address': '0000:3b:00.0'}]}},"
                + " {'name': 'sas', 'driver_specific': {'scsi': {'device': 'sda'}}}]}");
        assertThat(line(TopText.of(now, now).lines().toList(), "c  "))
                .endsWith("  pass > part > file > /srv/a, drive > 0000:3b:00.0, sas > sda");
    }

    @Test
    void aDaemonThatIsNotThereIsAnError() {
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setErr(new PrintWriter(err, true));
        assertThat(line.execute("top", "--once", "-r", "/nowhere/rpc.sock")).isEqualTo(ExitCode.NOT_CONNECTED);
    }

    private static List<String> top(RunningDaemon daemon) {
        StringWriter out = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        assertThat(line.execute(
                        "top",
                        "--once",
                        "--delay",
                        "0.01",
                        "-r",
                        daemon.directory().resolve("rpc.sock").toString()))
                .isZero();
        return out.toString().lines().toList();
    }

    private static String line(List<String> lines, String beginning) {
        return lines.stream()
                .filter(text -> text.startsWith(beginning))
                .findFirst()
                .orElseThrow(() -> new AssertionError(beginning + ": " + lines));
    }

    private static JsonNode status(long ticks, long reads, long bytes, long latency) {
        ObjectNode status =
                (ObjectNode) RunningDaemon.json("{'version': '1', 'tick_rate': 1000000000, 'iostat': [{}]}");
        status.put("ticks", ticks);
        ObjectNode disk = (ObjectNode) status.path("iostat").path(0);
        disk.put("name", "a\033b");
        disk.put("num_read_ops", reads);
        disk.put("bytes_read", bytes);
        disk.put("read_latency_ticks", latency);
        disk.put("num_write_ops", 0);
        disk.put("bytes_written", 0);
        return status;
    }
}
