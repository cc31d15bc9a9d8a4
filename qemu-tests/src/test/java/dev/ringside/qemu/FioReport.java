package dev.ringside.qemu;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What fio says about one job.
 *
 * @param job the job's name
 * @param error 0, or the errno of the first failure (a verification that fails is EILSEQ)
 * @param reads completed reads, those that verify included
 * @param writes completed writes
 */
record FioReport(String job, int error, long reads, long writes) {
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
                    job.get("error").asInt(),
                    read.get("total_ios").asLong(),
                    write.get("total_ios").asLong()));
        }
        return reports;
    }
}
