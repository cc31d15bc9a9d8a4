package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that is killed again and again under a guest's load, and started again with the same configuration. */
class CrashRecoveryTest {
    private static final long DISK_BYTES = 256L << 20;
    private static final int CRASHES = 20;
    /** Returns 2 s later, or later still if the disk has not done anything since. */
    private static final String TWO_SECONDS_OF_WORK =
            "writes() { awk '{print $5}' /sys/block/vda/stat; }; before=$(writes);"
                    + " sleep 2; for i in $(seq 600); do [ $(writes) -gt $before ] && exit 0; sleep 0.1; done; exit 1";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void theGuestSeesNoErrorAndLosesNothing(boolean packed) throws IOException {
        Path config = configuration(bed.disk("File0", DISK_BYTES));
        RingsideDaemon daemon = new RingsideDaemon(bed, "0x1", "-c", config.toString());
        VhostUserDisk disk = VhostUserDisk.at(daemon.socketOf("vhost.File0"))
                .queues(2)
                .packed(packed)
                .reconnect(1);
        Guest guest = bed.guest("guest").disk(disk).start();
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        FioLoad load = FioLoad.onDisk(guest, "vda");

        for (int crash = 1; crash <= CRASHES; crash++) {
            guest.run(TWO_SECONDS_OF_WORK, Duration.ofSeconds(90));
            daemon.kill();
            daemon = new RingsideDaemon(bed, "0x1", "-c", config.toString());
        }

        load.awaitProgress(guest);
        load.stop(guest);
        assertThat(guest.run("dmesg | grep -c -E 'I/O error|critical' || true").strip())
                .isEqualTo("0");
        assertThat(daemon.stop()).isZero();
    }

    private Path configuration(Path file) throws IOException {
        Path config = file.resolveSibling("config.json");
        return Files.writeString(config, """
                {"subsystems": [
                  {"subsystem": "bdev", "config": [{"method": "bdev_aio_create",
                    "params": {"name": "File0", "filename": "%s", "block_size": 512}}]},
                  {"subsystem": "vhost_blk", "config": [{"method": "vhost_create_blk_controller",
                    "params": {"ctrlr": "vhost.File0", "dev_name": "File0", "cpumask": "0x1"}}]}]}
                """.formatted(file));
    }
}
