package dev.ringside.daemon.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a core did since the machine was started, in units of 1/100 s (proc_stat(5)).
 *
 * @param user in user space
 * @param system in the kernel
 * @param irq in interrupt handlers
 */
public record CoreTimes(long user, long system, long irq) {
    private static final Path STAT = Path.of("/proc/stat");

    // Fields of a line, behind the core's name in field 0.
    private static final int USER = 1;
    private static final int SYSTEM = 3;
    private static final int IRQ = 6;

    /**
     * Reads the times of a core.
     *
     * @throws IOException if the kernel does not tell them
     */
    public static CoreTimes of(int core) throws IOException {
        return parse(Files.readAllLines(STAT), core);
    }

    static CoreTimes parse(List<String> lines, int core) throws IOException {
        String start = "cpu" + core + " ";
        for (String line : lines) {
            if (line.startsWith(start)) {
                String[] fields = line.split(" ", -1);
                return new CoreTimes(
                        Long.parseLong(fields[USER]), Long.parseLong(fields[SYSTEM]), Long.parseLong(fields[IRQ]));
            }
        }
        throw new IOException(STAT + " has no line for core " + core);
    }
}
