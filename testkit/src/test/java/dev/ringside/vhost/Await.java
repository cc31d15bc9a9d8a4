package dev.ringside.vhost;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another thread does. */
public final class Await {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);

    private Await() {}

    /** Waits until a condition holds, and fails if it does not within the deadline. */
    public static void until(String what, Callable<Boolean> condition) {
        long end = System.nanoTime() + DEADLINE_NS;
        try {
            while (!condition.call()) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError("not within 20 s: " + what);
                }
                LockSupport.parkNanos(50_000);
            }
        } catch (Exception e) {
            throw new AssertionError(what, e);
        }
    }
}
