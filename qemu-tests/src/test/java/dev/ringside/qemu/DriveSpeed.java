package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * How fast a drive is read in a guest: by fio through the kernel's own driver, whose best turn counts, and by {@code perf hw} on bare
 * queues and through the block layer. What an emulated drive takes says nothing of real ones; how the three compare does.
 *
 * @param reads what is read
 * @param driver whose figures these are
 * @param meanNanos mean latency
 */
record DriveSpeed(Reads reads, String driver, double iops, double meanNanos) {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /**
     * Everybody is measured warm. An emulated processor takes so long, in all loads together, to compile what runs often of ours;
     * the kernel is compiled already, and fio warms up before each of its turns.
     */
    private static final int WARM_UP_S = 6;

    private static final int LEAST_WARM_UP_S = 2;
    /** How often the kernel's driver is measured: its best counts, and ours has one turn. */
    private static final int KERNEL_TURNS = 3;

    /** One read of 4 KiB at a time, at random: what each run compares. */
    static final Reads USUAL = new Reads("randread", 4096, 1);

    /** What the documentation shows. */
    private static final List<Reads> ALL = Stream.of(
                    Stream.of(1, 4, 16, 64).map(depth -> new Reads("randread", 4096, depth)),
                    Stream.of(1, 8).map(depth -> new Reads("read", 131_072, depth)),
                    Stream.of(1, 8).map(depth -> new Reads("read", 262_144, depth)))
            .flatMap(each -> each)
            .toList();

    /**
     * A load.
     *
     * @param pattern "randread" or "read", as fio and {@code perf hw} have it
     * @param bytes of a read
     * @param depth reads at a time
     */
    record Reads(String pattern, int bytes, int depth) {
        @Override
        public String toString() {
            return (bytes >> 10) + " KiB " + (pattern.startsWith("rand") ? "random" : "sequential") + ", depth "
                    + depth;
        }
    }

    /**
     * The same reads in three ways.
     *
     * @param bare on bare queues
     * @param layered through the block layer
     */
    record Comparison(DriveSpeed kernel, DriveSpeed bare, DriveSpeed layered) {
        /** Whether both of ours take less than the kernel. */
        boolean oursAreFaster() {
            return bare.meanNanos < kernel.meanNanos && layered.meanNanos < kernel.meanNanos;
        }

        private String row() {
            return "| " + kernel.reads + " | " + kernel.cells() + " | " + bare.cells() + bare.beside(kernel) + " | "
                    + layered.cells() + layered.beside(kernel) + " |";
        }

        /** A table, as the documentation has it. */
        static String table(List<Comparison> rows) {
            return "| reads | kernel: MiB/s | IOPS | mean | bare queues: MiB/s | IOPS | mean, ratio |"
                    + " block layer: MiB/s | IOPS | mean, ratio |\n"
                    + "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
                    + rows.stream().map(Comparison::row).collect(Collectors.joining("\n"));
        }
    }

    /** What is to be compared: what the test insists on, or with {@code -Ddrives.table=all} all that the documentation shows. */
    static List<Reads> wanted() {
        return System.getProperty("drives.table", "usual").equals("all") ? ALL : List.of(USUAL);
    }

    /** Through the kernel's driver, which has the drive: the best of some turns, the one with the lowest mean latency. */
    static DriveSpeed ofKernel(VfioGuest guest, String disk, Reads reads) {
        String turns = IntStream.range(0, KERNEL_TURNS)
                .mapToObj(turn -> " --name=turn" + turn + " --stonewall")
                .collect(Collectors.joining());
        String printed = guest.guest()
                .run(
                        "fio --output-format=json --name=global --filename=/dev/" + disk + " --rw=" + reads.pattern
                                + " --bs=" + reads.bytes + " --iodepth=" + reads.depth
                                + " --direct=1 --ioengine=libaio --time_based --ramp_time=500ms --runtime=1" + turns,
                        PATIENCE);
        JsonNode jobs = JsonSocket.JSON
                .readTree(printed.substring(printed.indexOf('{')))
                .path("jobs");
        assertThat(jobs).hasSize(KERNEL_TURNS);
        return IntStream.range(0, KERNEL_TURNS)
                .mapToObj(turn -> ofFio(reads, jobs.path(turn).path("read")))
                .min(Comparator.comparingDouble(DriveSpeed::meanNanos))
                .orElseThrow();
    }

    private static DriveSpeed ofFio(Reads reads, JsonNode read) {
        assertThat(read.path("total_ios").asLong(0)).isPositive();
        return new DriveSpeed(
                reads,
                "kernel",
                read.path("iops").asDouble(0),
                read.path("lat_ns").path("mean").asDouble(0));
    }

    /**
     * Past the block layer and through it, in one process, on a drive that vfio-pci has.
     *
     * @param calls that make the disk, as a configuration has them
     * @param disk its name
     * @param kernel what the kernel's driver has read, and how fast
     */
    static List<Comparison> compare(VfioGuest guest, String calls, String disk, List<DriveSpeed> kernel) {
        guest.run("echo '{\"subsystems\": [{\"subsystem\": \"bdev\", \"config\": [" + calls + "]}]}' >/tmp/drive.json");
        String loads = kernel.stream()
                .map(DriveSpeed::reads)
                .map(reads -> reads.pattern + ":" + reads.bytes + ":" + reads.depth)
                .collect(Collectors.joining(","));
        int warmUp = Math.max(LEAST_WARM_UP_S, WARM_UP_S / kernel.size());
        String printed = guest.ringside(
                "perf hw --config /tmp/drive.json --bdev " + disk + " --loads " + loads + " --warm-up " + warmUp
                        + " --time 1.5 --json 2>/tmp/perf.err || { cat /tmp/perf.err; exit 1; }",
                PATIENCE);
        JsonNode found = JsonSocket.JSON.readTree(printed).path("loads");
        assertThat(found).hasSameSizeAs(kernel);
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            DriveSpeed reference = kernel.get(i);
            comparisons.add(new Comparison(
                    reference,
                    of(reference.reads, found.get(i).path("hardware"), "bare queues"),
                    of(reference.reads, found.get(i).path("block_layer"), "block layer")));
        }
        return comparisons;
    }

    private static DriveSpeed of(Reads reads, JsonNode load, String driver) {
        assertThat(load.path("errors").path("io").asLong(-1)).isZero();
        assertThat(load.path("workload").path("queue_depth").asInt(0)).isEqualTo(reads.depth);
        return new DriveSpeed(
                reads,
                driver,
                load.path("iops").asDouble(0),
                load.path("latency_us").path("mean").asDouble(0) * 1e3);
    }

    private String cells() {
        return String.format(
                Locale.ROOT, "%,.1f | %,.0f | %,.0f µs", iops * reads.bytes / (1 << 20), iops, meanNanos / 1e3);
    }

    /** How long a read takes in proportion to another driver's. */
    private String beside(DriveSpeed other) {
        return String.format(Locale.ROOT, ", %.2f", meanNanos / other.meanNanos);
    }
}
