package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * How fast blocks are read from a drive in a guest: by fio through the kernel's own
 * driver, and by {@code perf hw} on bare queues and through the block layer. What an emulated drive takes says nothing of real
 * ones; that all of it works is what is tested.
 *
 * @param driver whose figures these are
 * @param meanNanos mean latency
 */
record DriveSpeed(String driver, double iops, double meanNanos) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** An emulated processor takes so long to compile what runs often; the kernel is compiled already. */
    private static final int WARM_UP_S = 12;

    /** Reads of 4 KiB, one at a time. */
    static final Shape USUAL = new Shape(4096, 1);

    /**
     * What is read at random places.
     *
     * @param bytes of a read
     * @param depth reads at a time
     */
    record Shape(int bytes, int depth) {}

    /** Through the kernel's driver, which has the drive. */
    static DriveSpeed ofKernel(VfioGuest guest, String disk, Shape shape) {
        String printed = guest.guest()
                .run(
                        "fio --output-format=json --name=kernel --filename=/dev/" + disk + " --rw=randread --bs="
                                + shape.bytes + " --iodepth=" + shape.depth
                                + " --direct=1 --ioengine=libaio --time_based --ramp_time=1 --runtime=2",
                        PATIENCE);
        JsonNode read = JsonSocket.JSON
                .readTree(printed.substring(printed.indexOf('{')))
                .path("jobs")
                .path(0)
                .path("read");
        return new DriveSpeed(
                "kernel, fio",
                read.path("iops").asDouble(0),
                read.path("lat_ns").path("mean").asDouble(0));
    }

    /**
     * Past the block layer and through it, on a drive that vfio-pci has.
     *
     * @param calls that make the disk, as a configuration has them
     * @param disk its name
     */
    static List<DriveSpeed> ofRingside(VfioGuest guest, String calls, String disk, Shape shape) {
        guest.run("echo '{\"subsystems\": [{\"subsystem\": \"bdev\", \"config\": [" + calls + "]}]}' >/tmp/drive.json");
        String printed =
                guest.ringsideAtLast("perf hw --config /tmp/drive.json --bdev " + disk + " --queue-depth " + shape.depth
                        + " --block-size " + shape.bytes + " --warm-up " + WARM_UP_S + " --time 1.5 --json"
                        + " 2>/tmp/perf.err || { cat /tmp/perf.err; exit 1; }");
        JsonNode both = JsonSocket.JSON.readTree(printed);
        return List.of(of(both.path("hardware"), "bare queues"), of(both.path("block_layer"), "block layer"));
    }

    private static DriveSpeed of(JsonNode load, String driver) {
        assertThat(load.path("errors").path("io").asLong(-1)).isZero();
        return new DriveSpeed(
                driver,
                load.path("iops").asDouble(0),
                load.path("latency_us").path("mean").asDouble(0) * 1e3);
    }

    /** Whether a read takes less time. */
    boolean isFasterThan(DriveSpeed other) {
        return meanNanos < other.meanNanos;
    }

    /** The same, and how long a read takes in proportion to another driver's. */
    String beside(DriveSpeed other) {
        return String.format(Locale.ROOT, "%s, %.2f of %s", this, meanNanos / other.meanNanos, other.driver);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%-12s %,8.0f IOPS, mean %,10.0f ns", driver, iops, meanNanos);
    }
}
