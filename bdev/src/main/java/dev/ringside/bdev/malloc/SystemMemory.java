package dev.ringside.bdev.malloc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much memory the machine could give, so that a RAM disk it cannot hold is refused and not killed later. */
final class SystemMemory {
    private static final long KIB = 1024;

    private SystemMemory() {}

    /** Bytes that the system can hand out without swapping, and what is free in its pool of huge pages. */
    static long available() throws IOException {
        return available(Files.readAllLines(Path.of("/proc/meminfo")));
    }

    static long available(List<String> meminfo) {
        return (value(meminfo, "MemAvailable:") + value(meminfo, "HugePages_Free:") * value(meminfo, "Hugepagesize:"))
                * KIB;
    }

    private static long value(List<String> meminfo, String key) {
        for (String line : meminfo) {
            if (line.startsWith(key)) {
                return Long.parseLong(
                        line.substring(key.length()).replace("kB", "").strip());
            }
        }
        return 0;
    }
}
