package dev.ringside.env.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a thread has run, in nanoseconds (proc(5), /proc/self/task/TID/stat). The kernel counts in steps of 10 ms.
 *
 * @param userNs in user space
 * @param systemNs in the kernel
 */
public record ThreadCpu(long userNs, long systemNs) {
    /** The kernel tells these times in units of 1/100 s on every machine (USER_HZ). */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** The fields of the line are numbered from 1; behind the name, which may hold anything, comes field 3. */
    private static final int FIRST_FIELD = 3;

    private static final int UTIME = 14;
    private static final int STIME = 15;

    /**
     * Reads the times of a thread of this process.
     *
     * @param tid the kernel's number of it, see {@link CpuSet#currentTid}
     * @throws IOException when there is no such thread
     */
    public static ThreadCpu of(int tid) throws IOException {
        String line = Files.readString(Path.of("/proc/self/task/" + tid + "/stat"));
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return new ThreadCpu(
                Long.parseLong(fields[UTIME - FIRST_FIELD]) * NANOS_PER_TICK,
                Long.parseLong(fields[STIME - FIRST_FIELD]) * NANOS_PER_TICK);
    }
}
