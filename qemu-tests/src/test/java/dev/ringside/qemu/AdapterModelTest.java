package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The model of MPI 2.5 and 2.6 adapters, on which the driver mpt3sas is tested, is driven by the kernel's own mpt3sas in a
 * guest: what both of ours might misread alike, this one does not.
 */
@Timeout(400)
class AdapterModelTest {
    private static final Duration LONG = Duration.ofMinutes(3);

    /** Of each of two adapters: one at it, with blocks of 512 bytes, one behind an expander, with 4096, one behind two. */
    private static final int DISKS = 6;

    /** SAS address of the disk with the number 0. */
    private static final long FIRST_ADDRESS = 0x5000_c500_0000_0000L;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void kernelDrivesTheModel() throws Exception {
        Path monitor = bed.socket("plug.qmp");
        Process models = bed.launch(
                bed.log("models.log"),
                TestkitProgram.command(
                        "dev.ringside.testkit.mpt3sas.AdapterForGuest",
                        monitor.toString(),
                        "port0",
                        "SAS3008",
                        "port1",
                        "SAS3816"),
                Map.of(),
                false);
        // An emulated processor does not see the interrupts of a proxy device (they go by KVM): the kernel polls for
        // them
        // at each tick of a timer that is interrupt 0.
        Guest guest = bed.guest("models")
                .vcpus(1)
                .kernelArguments("irqpoll nolapic_timer nohz=off")
                .device("-S", "-qmp", "unix:" + monitor + ",server=on,wait=off")
                .device("-device", "pcie-root-port,id=port0,chassis=1")
                .device("-device", "pcie-root-port,id=port1,chassis=2")
                .start();

        guest.run("chroot /proc/1/root modprobe mpt3sas", LONG);
        awaitDisks(guest, DISKS);
        assertThat(guest.run("dmesg").lines())
                .filteredOn(line -> line.contains("FWVersion(16.00.10.00)"))
                .hasSize(2);
        assertThat(guest.run("ls /sys/class/sas_expander").lines()).hasSize(4);
        assertThat(guest.run("cat /sys/block/sd*/queue/logical_block_size | sort | uniq -c | xargs")
                        .strip())
                .isEqualTo("2 4096 4 512");

        writeAndVerify(guest);
        // What the driver asks the IOC for by task management.
        for (String reset : List.of("--device", "--target")) {
            guest.run("for disk in /dev/sd?; do sg_reset " + reset + " $disk || exit 1; done", LONG);
        }
        // And a reset of each adapter, which has a disk with this address.
        guest.run(
                "for disk in /sys/block/sd*/device/scsi_device/*:0:0:0; do"
                        + " sg_reset --host /dev/$(echo $disk | cut -d/ -f4) || exit 1; done",
                LONG);
        writeAndVerify(guest);
        assertThat(guest.run("dmesg")).doesNotContain("I/O error");

        // At the adapter itself, and behind two expanders in a row.
        goAndComeBack(guest, models, 0, 1);
        goAndComeBack(guest, models, 1, 6);
        writeAndVerify(guest);
        assertThat(guest.run("dmesg")).doesNotContain("fault_state");

        guest.kill();
        assertThat(models.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(bed.logText("models.log")).doesNotContain("violation").contains("adapters: done");
    }

    /** A disk goes while it is read, and comes back: the kernel takes it away and finds it again. */
    private static void goAndComeBack(Guest guest, Process models, int adapter, int disk) throws IOException {
        String address = String.format("0x%016x", FIRST_ADDRESS + disk);
        String name = guest.run(
                        "basename $(dirname $(dirname $(grep -l " + address + " /sys/block/sd*/device/sas_address)))")
                .strip();
        guest.run("((fio --name=gone --filename=/dev/" + name
                + " --rw=randread --direct=1 --ioengine=libaio --iodepth=8 --time_based --runtime=120 >/tmp/gone 2>&1;"
                + " echo $? >/tmp/gone.status) >/dev/null 2>&1 &); for i in $(seq 100); do"
                + " [ $(awk '{print $1}' /sys/block/" + name + "/inflight) -gt 0 ] && exit 0; sleep 0.1; done; exit 1");
        order(models, "remove " + adapter + " " + disk);
        awaitDisks(guest, DISKS - 1);
        guest.run("for i in $(seq 300); do [ -s /tmp/gone.status ] && exit 0; sleep 0.1; done; exit 1");
        assertThat(guest.run("cat /tmp/gone.status; rm /tmp/gone.status").strip())
                .as(guest.run("cat /tmp/gone"))
                .isNotEqualTo("0");
        order(models, "add " + adapter + " " + disk);
        awaitDisks(guest, DISKS);
        assertThat(guest.run("cat /sys/block/sd*/device/sas_address")).contains(address);
    }

    private static void order(Process models, String line) throws IOException {
        models.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        models.getOutputStream().flush();
    }

    private static void awaitDisks(Guest guest, int count) {
        guest.run(
                "for i in $(seq 600); do [ $(ls -d /sys/block/sd* | wc -l) = " + count
                        + " ] && exit 0; sleep 0.1; done; ls /sys/block; dmesg | tail -30; exit 1",
                LONG);
    }

    /** Random blocks, of 4 to 512 KiB so that lists need chains, on all disks at once. */
    private static void writeAndVerify(Guest guest) {
        String said = guest.run(
                "fio --ioengine=libaio --direct=1 --rw=randrw --bsrange=4k-512k --iodepth=8 --size=12m"
                        + " --verify=crc32c --verify_fatal=1 --do_verify=1"
                        + " $(for disk in /dev/sd?; do echo --name=${disk##*/} --filename=$disk; done)",
                LONG);
        assertThat(said.lines().filter(line -> line.contains(": err= 0")).count())
                .as(said)
                .isEqualTo(DISKS);
    }
}
