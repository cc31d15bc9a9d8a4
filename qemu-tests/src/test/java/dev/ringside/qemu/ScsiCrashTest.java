package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A daemon that is killed again and again under a guest's load on SCSI disks, one with split rings and one with packed
 * ones, and started again with the same configuration. QEMU can reconnect such controllers from 8.2 on.
 */
class ScsiCrashTest {
    private static final long DISK_BYTES = 64L << 20;
    private static final int CRASHES = 5;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void theGuestSeesNoErrorAndLosesNothing() throws IOException {
        Path config = configuration(bed.disk("split", DISK_BYTES), bed.disk("packed", DISK_BYTES));
        RingsideDaemon daemon = new RingsideDaemon(bed, "0x1", "-c", config.toString());
        Guest guest = guest(daemon);
        guest.run("for i in $(seq 300); do [ -b /dev/sda ] && [ -b /dev/sdb ] && exit 0; sleep 0.1; done; exit 1");
        assertThat(guest.run("cat /sys/bus/scsi/devices/?:0:0:0/../../../features | cut -c 35"))
                .isEqualTo("0\n1\n");
        String names = "for d in sda sdb; do sg_vpd -p di /dev/$d; sg_vpd -p sn /dev/$d; done";
        String before = guest.run(names);
        guest.run("sg_persist --out --register --param-sark=0x1 --param-aptpl /dev/sda");
        guest.run("sg_persist --out --reserve --param-rk=0x1 --prout-type=3 /dev/sda");
        FioLoad split = FioLoad.onDisk(guest, "sda");
        FioLoad packed = FioLoad.onDisk(guest, "sdb");

        for (int crash = 1; crash <= CRASHES; crash++) {
            daemon.kill();
            daemon = new RingsideDaemon(bed, "0x1", "-c", config.toString());
            split.awaitProgress(guest);
            packed.awaitProgress(guest);
        }

        split.stop(guest);
        packed.stop(guest);
        assertThat(guest.run("dmesg | grep -E 'I/O error|critical|timing out|abort' || true"))
                .isEmpty();
        assertThat(guest.run(names)).isEqualTo(before);
        assertThat(guest.run("sg_persist --in --read-reservation /dev/sda")).contains("Key=0x1", "Exclusive Access");
        assertThat(daemon.stop()).isZero();
    }

    private Guest guest(RingsideDaemon daemon) {
        Guest.Builder machine = bed.guest("guest").recentQemu();
        for (String ring : new String[] {"split", "packed"}) {
            machine.device("-chardev", "socket,id=" + ring + ",reconnect-ms=200,path=" + daemon.socketOf(ring));
            machine.device(
                    "-device",
                    "vhost-user-scsi-pci,chardev=" + ring + ",num_queues=2,packed="
                            + (ring.equals("packed") ? "on" : "off"));
        }
        return machine.start();
    }

    private static Path configuration(Path split, Path packed) throws IOException {
        Path config = split.resolveSibling("config.json");
        return Files.writeString(config, """
                {"subsystems": [
                  {"subsystem": "bdev", "config": [
                    {"method": "bdev_aio_create", "params": {"name": "split", "filename": "%s",
                      "block_size": 512, "uuid": "f1d6f5b8-5a1d-4a55-9f3e-6a5a4ff4b3c1"}},
                    {"method": "bdev_aio_create", "params": {"name": "packed", "filename": "%s",
                      "block_size": 512, "uuid": "f1d6f5b8-5a1d-4a55-9f3e-6a5a4ff4b3c2"}}]},
                  {"subsystem": "vhost_scsi", "config": [
                    {"method": "vhost_create_scsi_controller", "params": {"ctrlr": "split"}},
                    {"method": "vhost_scsi_controller_add_target",
                      "params": {"ctrlr": "split", "scsi_target_num": 0, "bdev_name": "split"}},
                    {"method": "vhost_create_scsi_controller", "params": {"ctrlr": "packed"}},
                    {"method": "vhost_scsi_controller_add_target",
                      "params": {"ctrlr": "packed", "scsi_target_num": 0, "bdev_name": "packed"}}]}]}
                """.formatted(split, packed));
    }
}
