package dev.ringside.env.reactor;

/** Waits for threads to end. */
public final class ThreadEnd {
    private ThreadEnd() {}

    /** Returns when a thread has ended. An interrupt does not end the wait, and is kept. Not on a reactor. */
    public static void await(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
