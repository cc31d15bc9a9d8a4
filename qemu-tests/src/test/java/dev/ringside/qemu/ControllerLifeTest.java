package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.GuestShell.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests come, look, crash, and come again; the daemon goes while they are there. */
class ControllerLifeTest {
    private static final long DISK_BYTES = 64L << 20;
    private static final String BACKGROUND_FIO = "(fio --name=load --filename=/dev/vda --rw=randwrite --bs=4k"
            + " --direct=1 --ioengine=libaio --iodepth=16 --time_based --runtime=120 >/tmp/fio.log 2>&1 &)";
    private static final String LOAD_RUNS =
            "for i in $(seq 300); do n=$(cut -c 1- /sys/block/vda/stat | awk '{print $5}'); [ $n -gt 100 ] && exit 0;"
                    + " sleep 0.1; done; cat /tmp/fio.log; exit 1";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void guestSeesSizeAndSerial() {
        DiskServer server = DiskServer.start(bed);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(server.serveMemory("Malloc0", DISK_BYTES)))
                .start();

        assertThat(guest.run("cat /sys/block/vda/serial").strip()).isEqualTo(server.serialOf("Malloc0"));
        assertThat(guest.run("blockdev --getsize64 --getss /dev/vda")).isEqualTo(DISK_BYTES + "\n512\n");
    }

    @Test
    void readOnlyDiskRefusesWrites() {
        Path file = bed.disk("File0", DISK_BYTES);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(DiskServer.start(bed).serveFile("File0", file, true)))
                .start();

        assertThat(guest.run("cat /sys/block/vda/ro").strip()).isEqualTo("1");
        Outcome write =
                guest.tryRun("dd if=/dev/urandom of=/dev/vda bs=4k count=1 oflag=direct", Duration.ofSeconds(60));
        assertThat(write.status()).as(write.output()).isNotZero();
        guest.run("cmp -n 64M /dev/vda /dev/zero");
    }

    @Test
    void nextGuestAttachesAfterOneIsKilledUnderLoad() {
        DiskServer server = DiskServer.start(bed);
        VhostUserDisk disk =
                VhostUserDisk.at(server.serveMemory("Malloc0", DISK_BYTES)).queues(2);
        for (int round = 0; round < 2; round++) {
            Guest guest = bed.guest("killed-" + round).disk(disk).start();
            guest.run(BACKGROUND_FIO);
            guest.run(LOAD_RUNS);
            guest.kill();
        }

        Guest next = bed.guest("next").disk(disk).start();
        next.run("fio --name=verify --filename=/dev/vda --rw=randwrite --bs=4k --size=8m --direct=1 --ioengine=libaio"
                + " --iodepth=16 --verify=crc32c --verify_fatal=1 --verify_state_save=0");
    }

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void driverLetsGoOfTheDiskAndTakesItAgainBesideAnotherDisk(boolean packed) {
        DiskServer server = DiskServer.start(bed);
        Guest.Builder machine = bed.guest("guest");
        for (String name : List.of("Malloc0", "Malloc1")) {
            machine.disk(VhostUserDisk.at(server.serveMemory(name, DISK_BYTES))
                    .queues(2)
                    .packed(packed));
        }
        Guest guest = machine.start();
        FioLoad load = FioLoad.onDisk(guest, "vdb");
        String device = guest.run("basename $(readlink /sys/block/vda/device)").strip();
        String driver = "/sys/bus/virtio/drivers/virtio_blk/";
        for (int round = 1; round <= 5; round++) {
            String pattern = "yes round-" + round;
            guest.run(pattern + " | dd of=/dev/vda bs=1M count=4 iflag=fullblock oflag=direct status=none");
            guest.run("(while dd if=/dev/vda of=/dev/null bs=4k iflag=direct 2>/dev/null; do :; done &)"
                    + " >/dev/null 2>&1; sleep 0.2; echo " + device + " >" + driver + "unbind");
            load.awaitProgress(guest);
            guest.run("echo " + device + " >" + driver + "bind");
            guest.run(pattern + " | cmp -n 4M - /dev/vda");
        }
        load.stop(guest);
    }

    @Test
    void daemonStopsCleanlyUnderAttachedGuest() {
        DiskServer server = DiskServer.start(bed);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(server.serveMemory("Malloc0", DISK_BYTES)))
                .start();
        guest.run(BACKGROUND_FIO);
        guest.run(LOAD_RUNS);

        assertThat(server.stop()).isZero();
    }
}
