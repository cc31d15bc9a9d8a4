package dev.ringside.daemon.target;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one change of the target be made at a time, whoever asks for it. What only looks does not take it, and whoever
 * has to wait for a guest or a device gives it back first. Any thread.
 */
public final class ControlLock {
    private final ReentrantLock lock = new ReentrantLock();

    /** Makes one that nobody holds. */
    public ControlLock() {}

    /** Makes a change when those before it have been made. */
    public <T> T change(Callable<T> work) throws Exception {
        lock.lock();
        try {
            return work.call();
        } finally {
            lock.unlock();
        }
    }
}
