package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Disks that grow, vanish or are exchanged while a guest uses them. */
class DiskChangesTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE_MIB = 64;
    private static final int GROWN_MIB = 96;
    private static final int EIO = 5;
    private static final int SWAPS = 10;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    private RingsideDaemon daemon;

    @BeforeEach
    void start() {
        daemon = new RingsideDaemon(bed);
    }

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void theGuestSeesAtOnceThatADiskHasGrown(boolean packed) throws IOException {
        Path file = bed.disk("File0", (long) SIZE_MIB * MIB);
        daemon.rpc("bdev_null_create", Map.of("name", "Null0", "num_blocks", SIZE_MIB * MIB / 512, "block_size", 512));
        Guest guest = guest(
                packed,
                daemon.serve("Null0"),
                daemon.serveMemory("Malloc0", (long) SIZE_MIB * MIB),
                daemon.serveFile("File0", file, false));
        FioLoad load = FioLoad.onDisk(guest, "vdb");

        daemon.rpc("bdev_null_resize", Map.of("name", "Null0", "new_size", GROWN_MIB));
        daemon.rpc("bdev_malloc_resize", Map.of("name", "Malloc0", "new_size", GROWN_MIB));
        try (RandomAccessFile longer = new RandomAccessFile(file.toFile(), "rw")) {
            longer.setLength((long) GROWN_MIB * MIB);
        }
        daemon.rpc("bdev_aio_rescan", Map.of("name", "File0"));

        for (String disk : List.of("vda", "vdb", "vdc")) {
            guest.run("for i in $(seq 300); do [ $(blockdev --getsize64 /dev/" + disk + ") = " + (long) GROWN_MIB * MIB
                    + " ] && exit; sleep 0.1; done; exit 1");
            assertThat(guest.run("dmesg | grep 'new size'")).contains("[" + disk + "]");
        }
        load.awaitProgress(guest);
        load.stop(guest);
        for (String disk : List.of("vdb", "vdc")) {
            String end = "yes " + disk + " | dd of=/dev/" + disk + " bs=1M count=1 iflag=fullblock oflag=direct seek=";
            guest.run(end + (GROWN_MIB - 1));
            guest.run("yes " + disk + " | cmp -n 1M -i 0:" + (GROWN_MIB - 1) + "M - /dev/" + disk);
            assertThat(guest.tryRun(end + GROWN_MIB, Duration.ofSeconds(30)).status())
                    .isNotZero();
        }
        assertThat(errors(guest)).isEmpty();
        assertThat(daemon.stop()).isZero();
    }

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void requestsFailWhenTheDiskIsGoneAndAnotherDiskGoesOn(boolean packed) {
        Guest guest = guest(
                packed,
                daemon.serveMemory("Malloc0", (long) SIZE_MIB * MIB),
                daemon.serveFile("File0", bed.disk("File0", (long) SIZE_MIB * MIB), false));
        FioLoad lost = FioLoad.onDisk(guest, "vda");
        FioLoad kept = FioLoad.onDisk(guest, "vdb");

        daemon.rpc("bdev_malloc_delete", Map.of("name", "Malloc0"));

        assertThat(lost.end(guest).error()).isEqualTo(EIO);
        assertThat(guest.tryRun("dd if=/dev/vda of=/dev/null bs=4k count=1 iflag=direct", Duration.ofSeconds(30))
                        .status())
                .isNotZero();
        kept.awaitProgress(guest);
        JsonNode controllers = daemon.rpc("vhost_get_controllers", Map.of());
        assertThat(controllers).hasSize(2);
        assertThat(controllers)
                .allSatisfy(controller -> assertThat(
                                controller.at("/sessions/0/started").asBoolean())
                        .isTrue());
        assertThat(errors(guest).lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("vda"));

        daemon.rpc(
                "bdev_malloc_create", Map.of("name", "Malloc1", "num_blocks", SIZE_MIB * MIB / 512, "block_size", 512));
        daemon.rpc("vhost_controller_swap_bdev", Map.of("ctrlr", "vhost.Malloc0", "dev_name", "Malloc1"));
        FioLoad found = FioLoad.onDisk(guest, "vda");
        found.stop(guest);
        kept.stop(guest);
        assertThat(daemon.stop()).isZero();
    }

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void disksAreExchangedUnderLoad(boolean packed) {
        Path file = bed.disk("File0", (long) SIZE_MIB * MIB);
        List<String> bdevs = List.of("Aio", "Uring");
        for (String bdev : bdevs) {
            daemon.rpc(
                    "bdev_" + bdev.toLowerCase(Locale.ROOT) + "_create",
                    Map.of("name", bdev, "filename", file.toString(), "block_size", 512, "shared", true));
        }
        Guest guest = guest(packed, daemon.serve("Aio"));
        FioLoad load = FioLoad.onDisk(guest, "vda");

        for (int swap = 1; swap <= SWAPS; swap++) {
            String next = bdevs.get(swap % 2);
            long before = daemon.requests(next);
            daemon.rpc("vhost_controller_swap_bdev", Map.of("ctrlr", "vhost.Aio", "dev_name", next));
            load.awaitProgress(guest);
            assertThat(daemon.requests(next)).isGreaterThan(before + 200);
        }

        load.stop(guest);
        assertThat(errors(guest)).isEmpty();
        assertThat(daemon.stop()).isZero();
    }

    private Guest guest(boolean packed, Path... controllers) {
        Guest.Builder machine = bed.guest("guest");
        for (Path controller : controllers) {
            machine.disk(VhostUserDisk.at(controller).queues(2).packed(packed));
        }
        Guest guest = machine.start();
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        return guest;
    }

    /** What the guest's kernel says of failed requests. */
    private static String errors(Guest guest) {
        return guest.run("dmesg | grep -E 'I/O error|critical' || true");
    }
}
