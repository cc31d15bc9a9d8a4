package dev.ringside.daemon.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What two results of framework_get_status tell of the time between them, as text. */
final class TopText {
    private static final int EVENTS = 5;
    /** A line of what was done: rates, mean latencies, and the counters themselves. */
    private static final String REQUESTS = "%-20s %8s %8s %11s %11s %10s %10s %14s %14s";

    private static final String[] COUNTS = {"", "k", "M", "G"};
    private static final String[] BYTES = {"B", "KiB", "MiB", "GiB"};
    private static final String[] TIMES = {"ns", "us", "ms", "s"};
    /** What tells in the driver_specific of a bdev on which other one it stands. */
    private static final List<String> BASES = List.of("base_bdev_name", "base_bdev");
    /** What tells there which file or device it is. */
    private static final List<String> DEVICES = List.of("filename", "pci_address", "device");

    private final JsonNode before;
    private final JsonNode now;
    private final double seconds;
    private final StringBuilder text = new StringBuilder(2048);

    private TopText(JsonNode before, JsonNode now) {
        this.before = before;
        this.now = now;
        this.seconds =
                (double) (now.path("ticks").asLong() - before.path("ticks").asLong())
                        / now.path("tick_rate").asLong();
    }

    static String of(JsonNode before, JsonNode now) {
        TopText top = new TopText(before, now);
        top.line("Ringside %s, over %s s".formatted(now.path("version").asString(), tenths(top.seconds)));
        top.disks();
        top.reactors();
        top.controllers();
        top.events();
        return top.text.toString();
    }

    private void disks() {
        requests("DISK", "iostat");
        for (JsonNode latency : now.path("latency")) {
            line("%s: %s"
                    .formatted(
                            latency.path("name").asString(),
                            latency.path("sentence").asString()));
        }
    }

    /** What was done on each disk, or by each reactor. */
    private void requests(String title, String counters) {
        line("");
        line(REQUESTS.formatted(
                title, "READ/s", "WRITE/s", "READ B/s", "WRITE B/s", "READ LAT", "WRITE LAT", "READS", "WRITES"));
        Map<String, JsonNode> old = byName(before.path(counters));
        for (JsonNode one : now.path(counters)) {
            JsonNode was = old.getOrDefault(one.path("name").asString(), one);
            line(REQUESTS.formatted(
                    one.path("name").asString(),
                    scaled(rate(one, was, "num_read_ops"), COUNTS, 1000),
                    scaled(rate(one, was, "num_write_ops"), COUNTS, 1000),
                    scaled(rate(one, was, "bytes_read"), BYTES, 1024),
                    scaled(rate(one, was, "bytes_written"), BYTES, 1024),
                    latency(one, was, "read"),
                    latency(one, was, "write"),
                    one.path("num_read_ops").asLong(),
                    one.path("num_write_ops").asLong()));
        }
    }

    private void reactors() {
        requests("REACTOR", "reactor_iostat");
        line("");
        line("%-20s %8s %14s %14s %8s".formatted("LOOP", "BUSY", "LONGEST TURN", "OF ALL", "STALLS"));
        Map<String, JsonNode> old = new HashMap<>();
        before.path("reactors").forEach(reactor -> old.put(nameOf(reactor), reactor));
        Map<String, JsonNode> loops = byName(now.path("loops"));
        for (JsonNode reactor : now.path("reactors")) {
            JsonNode was = old.getOrDefault(nameOf(reactor), reactor);
            JsonNode loop = loops.getOrDefault(nameOf(reactor), reactor);
            long busy = grown(reactor, was, "busy");
            long all = busy + grown(reactor, was, "idle");
            line("%-20s %6s %% %14s %14s %8s"
                    .formatted(
                            nameOf(reactor),
                            tenths(all == 0 ? 0 : 100.0 * busy / all),
                            scaled((double) loop.at("/recent/ns").asLong(0), TIMES, 1000),
                            scaled((double) loop.at("/worst/ns").asLong(0), TIMES, 1000),
                            loop.path("stalls").asLong(0)));
        }
    }

    private void controllers() {
        line("");
        line("%-20s %8s %10s  %s".formatted("CONTROLLER", "GUESTS", "IN FLIGHT", "DISKS > DEVICES"));
        Map<String, JsonNode> bdevs = byName(now.path("bdevs"));
        for (JsonNode controller : now.path("controllers")) {
            long inFlight = 0;
            for (JsonNode session : controller.path("sessions")) {
                inFlight += session.path("inflight_task_cnt").asLong();
            }
            line("%-20s %8s %10s  %s"
                    .formatted(
                            controller.path("ctrlr").asString(),
                            controller.path("sessions").size(),
                            inFlight,
                            disksOf(controller.path("backend_specific"), bdevs)));
        }
    }

    private void events() {
        line("");
        int left = EVENTS;
        for (JsonNode event : now.path("events")) {
            if (left-- == 0) {
                break;
            }
            line("%s %-5s %s: %s"
                    .formatted(
                            event.path("time").asString(),
                            event.path("level").asString(),
                            event.path("component").asString(),
                            event.path("text").asString()));
        }
    }

    private static String disksOf(JsonNode specific, Map<String, JsonNode> bdevs) {
        List<String> names = new ArrayList<>();
        if (specific.at("/block/bdev").isString()) {
            names.add(specific.at("/block/bdev").asString());
        }
        for (JsonNode target : specific.path("scsi")) {
            for (JsonNode lun : target.path("luns")) {
                names.add(lun.path("bdev_name").asString());
            }
        }
        return names.stream().map(name -> downToDevice(name, bdevs)).collect(Collectors.joining(", "));
    }

    /** A bdev, what it stands on, and so on: {@code pass > base > /srv/vm.img}. */
    private static String downToDevice(String name, Map<String, JsonNode> bdevs) {
        JsonNode bdev = bdevs.get(name);
        if (bdev == null) {
            return name;
        }
        JsonNode specific = bdev.path("driver_specific");
        return any(specific, BASES)
                .map(base -> downToDevice(base, bdevs))
                .or(() -> any(specific, DEVICES))
                .map(below -> name + " > " + below)
                .orElse(name);
    }

    private static Optional<String> any(JsonNode specific, List<String> members) {
        return members.stream()
                .map(specific::findValue)
                .filter(Objects::nonNull)
                .map(JsonNode::asString)
                .findFirst();
    }

    private static String latency(JsonNode one, JsonNode was, String type) {
        long operations = grown(one, was, "num_" + type + "_ops");
        return operations == 0
                ? "-"
                : scaled((double) grown(one, was, type + "_latency_ticks") / operations, TIMES, 1000);
    }

    private double rate(JsonNode one, JsonNode was, String counter) {
        return seconds > 0 ? grown(one, was, counter) / seconds : 0;
    }

    /** Counters may have been set to 0 meanwhile. */
    private static long grown(JsonNode after, JsonNode was, String counter) {
        return Math.max(0, after.path(counter).asLong() - was.path(counter).asLong());
    }

    private static String nameOf(JsonNode reactor) {
        return reactor.at("/lw_threads/0/name").asString();
    }

    private static Map<String, JsonNode> byName(JsonNode array) {
        Map<String, JsonNode> byName = new HashMap<>();
        array.forEach(one -> byName.put(one.path("name").asString(), one));
        return byName;
    }

    private static String scaled(double value, String[] units, int base) {
        double left = value;
        int unit = 0;
        while (left >= base && unit < units.length - 1) {
            left /= base;
            unit++;
        }
        String number = unit == 0 ? String.format(Locale.ROOT, "%.0f", left) : tenths(left);
        return units[unit].isEmpty() ? number : number + " " + units[unit];
    }

    private static String tenths(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private void line(String shown) {
        // What a name or a message contains must not reach the terminal as a code.
        text.append(shown.replaceAll("\\p{Cntrl}", "?")).append('\n');
    }
}
