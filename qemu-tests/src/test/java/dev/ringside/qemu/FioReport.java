package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What fio says about one job.
 *
 * @param job the job's name
 * @param error 0, or the errno of the first failure (a verification that fails is EILSEQ)
 * @param failed how many requests failed of a job that goes on after that; 0 of others
 * @param reads completed reads, those that verify included
 * @param writes completed writes
 * @param longestNanos the longest time that a read or a write took, in ns
 */
record FioReport(String job, int error, long failed, long reads, long writes, long longestNanos) {
    private static final String VERIFY = "fio --output-format=json --direct=1 --ioengine=libaio --iodepth=16"
            + " --rw=randwrite --verify=crc32c --verify_backlog=256 --verify_fatal=1 --verify_dump=0"
            + " --verify_state_save=0 --time_based --runtime=";

    /**
     * Writes at random and reads back what was written, in blocks of 4 KiB and of 64 KiB at once, on all disks at once.
     *
     * @param disks names like vda; each has 192 MiB or more
     */
    static List<FioReport> verify(Guest guest, int seconds, String... disks) {
        StringBuilder command = new StringBuilder(VERIFY).append(seconds);
        for (String disk : disks) {
            command.append(" --name=" + disk + "-4k --filename=/dev/" + disk + " --bs=4k --offset=0 --size=32m");
            command.append(" --name=" + disk + "-64k --filename=/dev/" + disk + " --bs=64k --offset=64m --size=128m");
        }
        List<FioReport> reports = parse(guest.run(command.toString(), Duration.ofSeconds(seconds + 90L)));
        assertThat(reports).hasSize(2 * disks.length).allSatisfy(report -> {
            assertThat(report.error()).isZero();
            assertThat(report.reads()).isPositive();
            assertThat(report.writes()).isPositive();
        });
        return reports;
    }

    /** Parses what {@code fio --output-format=json} printed; text before the JSON is skipped. */
    static List<FioReport> parse(String output) {
        int start = output.indexOf('{');
        if (start < 0) {
            throw new IllegalArgumentException("fio printed no JSON: " + output);
        }
        List<FioReport> reports = new ArrayList<>();
        for (JsonNode job : JsonSocket.JSON.readTree(output.substring(start)).get("jobs")) {
            JsonNode read = job.get("read");
            JsonNode write = job.get("write");
            reports.add(new FioReport(
                    job.get("jobname").asString(),
                    Math.max(job.get("error").asInt(), job.path("first_error").asInt(0)),
                    job.path("total_err").asLong(0),
                    read.get("total_ios").asLong(),
                    write.get("total_ios").asLong(),
                    Math.max(longest(read), longest(write))));
        }
        return reports;
    }

    private static long longest(JsonNode direction) {
        return direction.path("clat_ns").path("max").asLong(0);
    }
}
