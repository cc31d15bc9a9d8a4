package dev.ringside.env.reactor;

import java.util.List;

/**
 * The longest turn of a reactor's loop in some time: as long as that, whatever came had to wait.
 *
 * @param ns how long it was; 0 if there was no turn
 * @param endedNs when it ended, as {@link System#nanoTime} tells it
 * @param ran what found work in it; empty if the time went elsewhere, to the kernel or to the JVM
 * @param stalls how many turns took {@value #STALL_NS} ns or more since the reactor began
 */
public record LongestLoop(long ns, long endedNs, List<Part> ran, long stalls) {
    /** From here on a turn is a stall, in ns. */
    public static final long STALL_NS = 10_000_000;

    /** Makes the list unmodifiable. */
    public LongestLoop {
        ran = List.copyOf(ran);
    }

    /** Whether it was a stall. */
    public boolean stalled() {
        return ns >= STALL_NS;
    }

    /**
     * Something that ran.
     *
     * @param name of the poller, or {@code messages}
     * @param work that it found
     */
    public record Part(String name, int work) {}
}
