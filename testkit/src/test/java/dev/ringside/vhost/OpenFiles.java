package dev.ringside.vhost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Descriptors of this process. */
public final class OpenFiles {
    private OpenFiles() {}

    /** How many are open. */
    public static long count() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** How many ranges of guest memory are mapped, in the tests and in the target together. */
    public static long guestMappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("memfd:guest-ram")).count();
        }
    }
}
