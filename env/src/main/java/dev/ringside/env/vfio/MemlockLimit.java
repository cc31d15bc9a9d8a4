package dev.ringside.env.vfio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory this process may lock, for the message when it is too little. */
final class MemlockLimit {
    private static final String KEY = "Max locked memory";

    private MemlockLimit() {}

    /** What to do when memory could not be locked. */
    static String advice(long bytes, long mappedBytes) {
        return "the device has to reach " + bytes + " bytes more than the " + mappedBytes
                + " it reaches now, and they have to be locked in memory; the limit of locked memory (ulimit -l,"
                + " LimitMEMLOCK= of a systemd unit) is " + limit()
                + " and holds for all processes without CAP_IPC_LOCK";
    }

    /** The soft limit: "unlimited" or a number of bytes. */
    static String limit() {
        try {
            return parse(Files.readString(Path.of("/proc/self/limits")));
        } catch (IOException e) {
            return "unknown";
        }
    }

    static String parse(String limits) {
        return limits.lines()
                .filter(line -> line.startsWith(KEY))
                .map(line -> line.substring(KEY.length()).strip().split("\\s+", 2)[0])
                .map(value -> value.equals("unlimited") ? value : value + " bytes")
                .findFirst()
                .orElse("unknown");
    }
}
