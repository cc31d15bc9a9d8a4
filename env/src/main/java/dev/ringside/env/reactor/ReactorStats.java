package dev.ringside.env.reactor;

import java.util.List;

/**
 * Where a reactor's time went, and what it ran.
 *
 * @param tid the kernel's id of the thread; 0 when the reactor is stepped by hand
 * @param busyNs time in turns that found work
 * @param idleNs time in turns that found none, and asleep
 * @param sleeps how often it slept
 * @param elapsedNs time since the reactor began
 */
public record ReactorStats(
        String name,
        int core,
        int tid,
        boolean interruptMode,
        long busyNs,
        long idleNs,
        long sleeps,
        long elapsedNs,
        List<PollerStats> active,
        List<PollerStats> timed) {

    /** Makes the lists unmodifiable. */
    public ReactorStats {
        active = List.copyOf(active);
        timed = List.copyOf(timed);
    }
}
