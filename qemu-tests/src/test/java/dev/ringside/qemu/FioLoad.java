package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/**
 * fio that runs in a guest while something else is done to it: it writes at random and reads back what it wrote, until it
 * is told to stop.
 *
 * @param name of the load, and of its files in the guest's /tmp
 * @param disk the guest's name of the disk that it uses
 */
record FioLoad(String name, String disk) {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Starts a load on a whole disk. */
    static FioLoad onDisk(Guest guest, String disk, String... options) {
        return start(guest, disk, "/dev/" + disk, options);
    }

    /** Starts a load on a file, which is made, of a file system that is mounted. */
    static FioLoad onFile(Guest guest, String disk, String file, String... options) {
        return start(guest, disk, file, options);
    }

    private static FioLoad start(Guest guest, String disk, String file, String... options) {
        return start(
                guest,
                disk,
                "--filename=" + file + " --rw=randwrite --verify=crc32c --verify_backlog=64 --verify_fatal=1"
                        + " --verify_dump=0 --verify_state_save=0 " + String.join(" ", options));
    }

    /** Starts a load on a whole disk that verifies nothing and goes on when requests fail. */
    static FioLoad despiteErrors(Guest guest, String disk) {
        return start(guest, disk, "--filename=/dev/" + disk + " --rw=randrw --continue_on_error=io");
    }

    private static FioLoad start(Guest guest, String disk, String job) {
        FioLoad load = new FioLoad("fio-" + disk, disk);
        String command = "fio --output-format=json --name=" + load.name + " --bs=4k --size=32m --direct=1"
                + " --ioengine=libaio --iodepth=16 --time_based --runtime=600 " + job;
        String files = "/tmp/" + load.name;
        guest.run("rm -f " + files + ".*; ({ " + command + " & echo $! >" + files + ".pid; wait $!; } >" + files
                + ".out 2>&1; touch " + files + ".over) >/dev/null 2>&1 &");
        load.awaitProgress(guest);
        return load;
    }

    /** Waits until the disk has completed some hundred more requests; fails when the load is over. */
    void awaitProgress(Guest guest) {
        guest.run(
                "count() { awk '{print $1 + $5}' /sys/block/" + disk + "/stat; }; want=$(($(count) + 300));"
                        + " while [ ! -e /tmp/" + name
                        + ".over ]; do [ $(count) -ge $want ] && exit 0; sleep 0.1; done;"
                        + " cat /tmp/" + name + ".out; exit 1",
                PATIENCE);
    }

    /** Requests that the disk has completed in a second, over some seconds. */
    double requestsPerSecond(Guest guest, int seconds) {
        String look = "awk '{print $1}' /proc/uptime; awk '{print $1 + $5}' /sys/block/" + disk + "/stat; ";
        List<Double> seen = guest.run(look + "sleep " + seconds + "; " + look)
                .lines()
                .map(Double::parseDouble)
                .toList();
        return (seen.get(3) - seen.get(1)) / (seen.get(2) - seen.get(0));
    }

    /** Ends the load, which has not met an error nor read anything else than it wrote. */
    FioReport stop(Guest guest) {
        assertThat(guest.tryRun("[ -e /tmp/" + name + ".over ]", PATIENCE).status())
                .as("%s had ended: %s", name, guest.run("cat /tmp/" + name + ".out"))
                .isNotZero();
        FioReport report = interrupt(guest);
        assertThat(report.error()).as("%s: %s", name, report).isZero();
        assertThat(report.reads()).isPositive();
        assertThat(report.writes()).isPositive();
        return report;
    }

    /** Ends the load, whatever it has met. */
    FioReport interrupt(Guest guest) {
        guest.run("kill -INT $(cat /tmp/" + name + ".pid)");
        return end(guest);
    }

    /** Waits for the end of the load, whatever its cause. */
    FioReport end(Guest guest) {
        guest.run("while [ ! -e /tmp/" + name + ".over ]; do sleep 0.1; done", PATIENCE);
        return FioReport.parse(guest.run("cat /tmp/" + name + ".out")).getFirst();
    }
}
