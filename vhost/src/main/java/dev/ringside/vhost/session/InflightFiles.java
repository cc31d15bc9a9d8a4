package dev.ringside.vhost.session;

import java.util.HashSet;
import java.util.Set;

/**
 * The files of requests in flight that the sessions of a controller use. A front end that connects again may be faster than
 * the end of its old session, which waits for what is in flight there: the new one must not take these requests up before
 * they have been answered. Any thread.
 */
public final class InflightFiles {
    private final Set<String> used = new HashSet<>();

    /** Makes one without files. */
    public InflightFiles() {}

    /** Waits until no other session uses a file, and uses it. */
    synchronized void join(String file) {
        boolean interrupted = false;
        while (!used.add(file)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does not use a file any more. */
    synchronized void leave(String file) {
        used.remove(file);
        notifyAll();
    }
}
