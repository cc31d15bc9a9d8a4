package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * How fast one request after the other is read from a drive in a guest, in blocks of 4 KiB: by fio through the kernel's own
 * driver, and by {@code perf hw} on bare queues and through the block layer. What an emulated drive takes says nothing of real
 * ones; that all of it works is what is tested.
 *
 * @param driver whose figures these are
 * @param meanNanos mean latency
 */
record DriveSpeed(String driver, double iops, double meanNanos) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Through the kernel's driver, which has the drive. */
    static DriveSpeed ofKernel(VfioGuest guest, String disk) {
        String printed = guest.guest()
                .run(
                        "fio --output-format=json --name=kernel --filename=/dev/" + disk
                                + " --rw=randread --bs=4k --iodepth=1 --direct=1 --ioengine=libaio --time_based --runtime=2",
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
     * Through the block layer and past it, on a drive that vfio-pci has.
     *
     * @param address of the controller
     */
    static List<DriveSpeed> ofRingside(VfioGuest guest, String address) {
        guest.run("echo '{\"subsystems\": [{\"subsystem\": \"bdev\", \"config\": [{\"method\":"
                + " \"bdev_nvme_attach_controller\", \"params\": {\"name\": \"Nvme0\", \"trtype\": \"PCIe\", \"traddr\": \""
                + address + "\"}}]}]}' >/tmp/drive.json");
        String printed = guest.ringside(
                "perf hw --config /tmp/drive.json --bdev Nvme0n1 --queue-depth 1 --warm-up 2 --time 1.5 --json"
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

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%-12s %,8.0f IOPS, mean %,10.0f ns", driver, iops, meanNanos);
    }
}
