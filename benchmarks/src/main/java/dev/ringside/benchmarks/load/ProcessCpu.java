package dev.ringside.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processor time of all threads of a process (proc(5), /proc/PID/stat). The kernel counts in steps of 10 ms.
 *
 * @param pid the process
 */
public record ProcessCpu(int pid) {
    /** The kernel tells these times in units of 1/100 s on every machine (USER_HZ). */
    private static final double TICKS_PER_SECOND = 100;

    /** Behind the name, which may hold anything, comes field 3; utime and stime are fields 14 and 15. */
    private static final int UTIME = 14 - 3;

    /**
     * Seconds in user space and in the kernel since the process began.
     *
     * @throws IOException if there is no such process
     */
    public double seconds() throws IOException {
        String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
    }
}
