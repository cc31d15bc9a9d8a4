package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** SAS disks behind QEMU's LSI 1068, driven inside a guest: neither adapter nor disks are of our own making. */
@Timeout(600)
class SasDiskTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final String ADAPTER = "0000:00:08.0";

    /** Bytes of a read, and reads at a time. */
    private static final int[][] SHAPES = {{4096, 1}, {4096, 32}, {131_072, 1}};

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void driverPassesTheSuiteOfDrivers() {
        VfioGuest guest = start();
        guest.ringside("bind " + ADAPTER);
        assertThat(guest.ringside("devices")).containsPattern(ADAPTER + " .* vfio-pci ");
        guest.program("dev.ringside.testkit.mptsas.AdapterSuite", ADAPTER);
    }

    /** The same disk in the same guest: the kernel's driver with fio, and then ours. */
    @Test
    void oneReadAtATimeTakesLessThanThroughTheKernel() {
        VfioGuest guest = start();
        guest.run("chroot /proc/1/root modprobe mptsas");
        guest.run("for i in $(seq 100); do [ -b /dev/sda ] && exit 0; sleep 0.1; done; exit 1");
        StringBuilder table = new StringBuilder("bytes depth: kernel IOPS, mean; user space IOPS, mean\n");
        double[][] kernel = new double[SHAPES.length][];
        for (int i = 0; i < SHAPES.length; i++) {
            kernel[i] = kernel(guest, SHAPES[i][0], SHAPES[i][1]);
        }
        guest.ringside("bind " + ADAPTER);
        double ratio = 0;
        for (int i = 0; i < SHAPES.length; i++) {
            double[] ours = userSpace(guest, SHAPES[i][0], SHAPES[i][1]);
            table.append(String.format(
                    Locale.ROOT,
                    "%d %d: %.0f, %.1f us; %.0f, %.1f us%n",
                    SHAPES[i][0],
                    SHAPES[i][1],
                    kernel[i][0],
                    kernel[i][1],
                    ours[0],
                    ours[1]));
            if (i == 0) {
                ratio = ours[1] / kernel[i][1];
            }
        }
        System.out.println(table);
        assertThat(ratio).as("latency, ours to the kernel's\n" + table).isLessThan(1);
    }

    private static double[] kernel(VfioGuest guest, int bytes, int depth) {
        JsonNode read = JsonSocket.JSON
                .readTree(guest.guest()
                        .run(
                                "fio --name=k --filename=/dev/sda --ioengine=libaio --direct=1 --rw=randread --bs="
                                        + bytes
                                        + " --iodepth=" + depth + " --time_based --ramp_time=1 --runtime=3"
                                        + " --output-format=json",
                                VfioGuest.CLIENT))
                .path("jobs")
                .path(0)
                .path("read");
        return new double[] {
            read.path("iops").asDouble(0), read.path("lat_ns").path("mean").asDouble(0) / 1e3
        };
    }

    private static double[] userSpace(VfioGuest guest, int bytes, int depth) {
        JsonNode report = JsonSocket.JSON.readTree(
                guest.ringside("perf hw " + ADAPTER + " -w 1 -t 3 --json -b " + bytes + " -d " + depth));
        return new double[] {
            report.path("iops").asDouble(0),
            report.path("latency_us").path("mean").asDouble(0)
        };
    }

    /** A guest with an adapter that no driver has, and disks with blocks of 512, 4096 and 512 bytes. */
    private VfioGuest start() {
        List<String> arguments = new ArrayList<>(List.of("-device", "mptsas1068,id=sas,addr=8"));
        for (int target = 0; target < 3; target++) {
            int block = target == 1 ? 4096 : 512;
            arguments.addAll(List.of(
                    // Not -drive, which goes with the device.
                    "-blockdev",
                    "driver=raw,node-name=d" + target + ",file.driver=file,file.filename="
                            + bed.disk("disk" + target, DISK_BYTES),
                    "-device",
                    "scsi-hd,id=hd" + target + ",bus=sas.0,scsi-id=" + target + ",drive=d" + target
                            + ",wwn=0x5000c50015ea71a" + target + ",serial=ringside" + target + ",logical_block_size="
                            + block + ",physical_block_size=" + block));
        }
        return VfioGuest.start(bed, "sas", List.of(), arguments.toArray(String[]::new));
    }
}
