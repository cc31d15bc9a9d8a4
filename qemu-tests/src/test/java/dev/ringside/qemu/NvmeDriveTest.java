package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.GuestShell.Outcome;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The daemon inside a guest, on NVMe drives that QEMU emulates behind an emulated IOMMU: none of the controller is of our
 * own making.
 */
@Timeout(900)
class NvmeDriveTest {
    private static final long DISK_BYTES = 48L << 20;
    /** Where the guest sees the checkout, which may be below a folder that is another one's in the guest. */
    private static final String CHECKOUT = "/tmp/checkout";

    private static final String RINGSIDE = CHECKOUT + "/scripts/ringside ";
    private static final String FIXED = "0000:00:08.0";
    private static final Duration LONG = Duration.ofMinutes(8);
    private static final Duration CLIENT = Duration.ofMinutes(2);
    /** The daemon's own client takes long to start on an emulated processor. */
    private static final String RPC =
            "perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => \"/tmp/rpc.sock\") or die;"
                    + " print $s $ARGV[0]; $s->flush; print scalar <$s>' ";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void drivePassesTheSuiteOfAllDisks() throws Exception {
        Guest guest = start(fixedDrive());
        String before = guest.run(RINGSIDE + "devices", CLIENT);
        assertThat(before).containsPattern(FIXED + " .* nvme .*nvme0n1,nvme0n2");
        assertMountedIsRefused(guest);
        DriveSpeed kernel = DriveSpeed.ofKernel(guest, "nvme0n1");
        guest.run(RINGSIDE + "bind " + FIXED, CLIENT);
        assertThat(guest.run(RINGSIDE + "devices", CLIENT)).containsPattern(FIXED + " .* vfio-pci ");

        Outcome suite = guest.tryRun(
                "java=$(. " + CHECKOUT + "/scripts/jdk.sh; echo $JAVA_HOME)/bin/java; $java"
                        + " --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xmx256m -cp " + classPath()
                        + " dev.ringside.testkit.nvme.DriveSuite " + FIXED,
                LONG);
        System.out.println(suite.output());
        assertThat(suite.status()).as(suite.output()).isZero();
        List<DriveSpeed> ours = DriveSpeed.ofRingside(guest, RINGSIDE, FIXED);
        System.out.println("4 KiB random reads, one at a time, of an emulated drive:");
        Stream.concat(Stream.of(kernel), ours.stream()).forEach(System.out::println);
        assertThat(ours).allMatch(speed -> speed.iops() > 0);

        guest.run(RINGSIDE + "unbind " + FIXED, CLIENT);
        guest.run("for i in $(seq 100); do [ -e /sys/block/nvme0n1 ] && exit 0; sleep 0.1; done; exit 1");
    }

    @Test
    void guestMemoryIsReachedWithoutCopiesAndResetsLoseNothing() {
        Guest guest = start(fixedDrive());
        guest.run(RINGSIDE + "bind " + FIXED, CLIENT);
        startDaemon(guest);
        assertThat(rpc(guest, "bdev_nvme_attach_controller", Map.of("name", "Nvme0", "trtype", "PCIe", "traddr", FIXED))
                        .toString())
                .isEqualTo("[\"Nvme0n1\",\"Nvme0n2\"]");
        JsonNode health = rpc(guest, "bdev_nvme_get_controller_health_info", Map.of("name", "Nvme0"));
        assertThat(health.path("serial_number").asString("")).isEqualTo("ringside0");
        assertThat(health.path("temperature_celsius").asInt(0)).isPositive();
        for (int n = 1; n <= 2; n++) {
            rpc(guest, "vhost_create_blk_controller", Map.of("ctrlr", "v" + n, "dev_name", "Nvme0n" + n));
            System.out.println(guest.run(load("v" + n, 5), CLIENT));
        }
        JsonNode statistics = controller(guest).path("statistics");
        assertThat(statistics.path("commands").asLong(0)).isPositive();
        assertThat(statistics.path("copied_requests").asLong(-1)).isZero();

        startLoad(guest, "v1", 30);
        for (int round = 0; round < 3; round++) {
            rpc(guest, "bdev_nvme_reset_controller", Map.of("name", "Nvme0"));
        }
        awaitFile(guest, "/tmp/load.status");
        assertThat(guest.run("cat /tmp/load.status; tail -5 /tmp/load.log")).startsWith("0\n");
        JsonNode after = controller(guest);
        System.out.println("NVMe in a guest: " + after);
        assertThat(after.path("resets").asInt(0)).isEqualTo(3);
        assertThat(after.path("state").asString("")).isEqualTo("enabled");
        assertThat(after.path("statistics").path("failed").asLong(-1)).isZero();

        rpc(guest, "bdev_nvme_detach_controller", Map.of("name", "Nvme0"));
        assertThat(rpc(guest, "bdev_get_bdevs", Map.of()).isEmpty()).isTrue();
    }

    @Test
    void driveIsPulledOutUnderLoadAndComesBack() {
        Path disk = bed.disk("hot", DISK_BYTES);
        String[] port = {"-device", "pcie-root-port,id=slot0,chassis=1,addr=9"};
        Guest guest = start(Stream.concat(
                        Arrays.stream(port),
                        Stream.of(
                                "-drive",
                                "file=" + disk + ",if=none,id=hot,format=raw",
                                "-device",
                                "nvme,id=hotdrive,bus=slot0,serial=hot0,drive=hot"))
                .toArray(String[]::new));
        String address = guest.run("basename $(readlink -f /sys/class/nvme/nvme0/device)")
                .strip();
        guest.run(RINGSIDE + "bind " + address, CLIENT);
        startDaemon(guest);
        rpc(guest, "bdev_nvme_set_hotplug", Map.of("enable", true, "period_us", 200_000));
        rpc(guest, "bdev_get_bdevs", Map.of("name", "HotInNvme0n1", "timeout", 30_000));
        rpc(guest, "vhost_create_blk_controller", Map.of("ctrlr", "hot", "dev_name", "HotInNvme0n1"));
        startLoad(guest, "hot", 60);

        guest.qmp().execute("device_del", Map.of("id", "hotdrive"));
        guest.qmp().awaitEvent("DEVICE_DELETED", Duration.ofSeconds(60));
        awaitFile(guest, "/tmp/load.status");
        assertThat(guest.run("cat /tmp/load.status").strip()).isNotEqualTo("0");
        assertThat(rpc(guest, "bdev_nvme_get_controllers", Map.of()).isEmpty()).isTrue();
        // Whatever went wrong on the way is in the log, which is the console.
        assertThat(bed.logText("nvme.console.log")).doesNotContain("Exception");
        assertThat(rpc(guest, "bdev_get_bdevs", Map.of()).isEmpty()).isTrue();

        rpc(guest, "vhost_delete_controller", Map.of("ctrlr", "hot"));
        guest.qmp()
                .execute(
                        "device_add",
                        Map.of("driver", "nvme", "id", "again", "bus", "slot0", "serial", "hot0", "drive", "hot"));
        guest.run("for i in $(seq 100); do [ -e /sys/class/nvme/nvme*/device ] && exit 0; sleep 0.1; done; exit 1");
        guest.run(RINGSIDE + "bind " + address, CLIENT);
        rpc(guest, "bdev_get_bdevs", Map.of("name", "HotInNvme0n1", "timeout", 30_000));
        rpc(guest, "vhost_create_blk_controller", Map.of("ctrlr", "hot", "dev_name", "HotInNvme0n1"));
        guest.run(load("hot", 3), CLIENT);
    }

    private String[] fixedDrive() {
        return new String[] {
            "-drive",
            "file=" + bed.disk("small-blocks", DISK_BYTES) + ",if=none,id=d1,format=raw",
            "-drive",
            "file=" + bed.disk("large-blocks", DISK_BYTES) + ",if=none,id=d2,format=raw",
            "-device",
            "nvme,id=ctl,serial=ringside0,addr=8",
            "-device",
            "nvme-ns,drive=d1,bus=ctl,nsid=1,logical_block_size=512,physical_block_size=512",
            "-device",
            "nvme-ns,drive=d2,bus=ctl,nsid=2,logical_block_size=4096,physical_block_size=4096"
        };
    }

    /** A guest with an IOMMU, the checkout in it, and the drivers loaded. */
    private Guest start(String... devices) {
        Guest guest = bed.guest("nvme")
                .memory(1536)
                .kernelArguments("intel_iommu=on no_timer_check")
                .device("-machine", "kernel-irqchip=split", "-device", "intel-iommu,intremap=on,caching-mode=on")
                .device(
                        "-virtfs",
                        "local,path=" + Scripts.ROOT
                                + ",mount_tag=checkout,security_model=none,readonly=on,multidevs=remap")
                .device(devices)
                .start();
        guest.run("mkdir " + CHECKOUT + " && mount -t 9p -o"
                + " trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro checkout " + CHECKOUT);
        guest.run("chroot /proc/1/root modprobe -a nvme vfio_pci vfio_iommu_type1");
        guest.run(
                "for i in $(seq 100); do ls /sys/class/nvme/*/nvme*n1 >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1");
        return guest;
    }

    private static void assertMountedIsRefused(Guest guest) {
        guest.run("mkfs.ext4 -q /dev/nvme0n2 && mount /dev/nvme0n2 /mnt/a");
        Outcome refused = guest.tryRun(RINGSIDE + "bind " + FIXED, CLIENT);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("/dev/nvme0n2 is in use");
        guest.run("umount /mnt/a");
    }

    private static void startDaemon(Guest guest) {
        guest.run("(" + RINGSIDE + "serve -m 0x3 -S /tmp -r /tmp/rpc.sock --log-level DEBUG >/tmp/daemon.out"
                + " 2>/dev/ttyS0 &)");
        guest.run(
                "for i in $(seq 600); do grep -q '^ringside: ready' /tmp/daemon.out && exit 0; sleep 0.1; done; exit 1",
                CLIENT);
    }

    private static String load(String controller, int seconds) {
        return RINGSIDE + "perf vhost -s /tmp/" + controller + " -p randrw -d 16 -b 4096 --range 8M --verify -w 0 -t "
                + seconds;
    }

    /** Begins a load, and returns when the drive works at it. */
    private static void startLoad(Guest guest, String controller, int seconds) {
        long before = commands(guest);
        guest.run("((" + load(controller, seconds) + "; echo $? >/tmp/load.status) >/tmp/load.log 2>&1 &)");
        Deadline deadline = Deadline.in(CLIENT);
        while (commands(guest) < before + 100) {
            assertThat(deadline.nanosLeft()).as("time until the load runs").isPositive();
            guest.run("sleep 0.5");
        }
    }

    private static long commands(Guest guest) {
        return controller(guest).path("statistics").path("commands").asLong(0);
    }

    private static void awaitFile(Guest guest, String file) {
        guest.run("for i in $(seq 1800); do [ -s " + file + " ] && exit 0; sleep 0.1; done; exit 1", LONG);
    }

    private static JsonNode rpc(Guest guest, String method, Map<String, ?> params) {
        ObjectNode request = JsonSocket.JSON.createObjectNode().put("id", 1).put("method", method);
        request.set("params", JsonSocket.JSON.valueToTree(params));
        JsonNode answer = JsonSocket.JSON.readTree(guest.run(RPC + "'" + request + "'", CLIENT));
        assertThat(answer.has("result")).as(method + ": " + answer).isTrue();
        return answer.get("result");
    }

    private static JsonNode controller(Guest guest) {
        return rpc(guest, "bdev_nvme_get_controllers", Map.of())
                .path(0)
                .path("ctrlrs")
                .path(0);
    }

    /** What the suite needs, as the guest sees it. */
    private static String classPath() throws URISyntaxException {
        Path assertj = Path.of(Assertions.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Stream<String> modules = Stream.of("env", "bdev", "bdev-nvme", "testkit")
                .map(module -> CHECKOUT + "/" + module + "/target/classes");
        Stream<String> libraries = Stream.of("slf4j-api", "logback-classic", "logback-core")
                .map(name -> CHECKOUT + "/target-daemon/target/ringside/lib/" + name + ".jar");
        return Stream.of(modules, libraries, Stream.of(assertj.toString()))
                .flatMap(entries -> entries)
                .collect(Collectors.joining(":"));
    }
}
