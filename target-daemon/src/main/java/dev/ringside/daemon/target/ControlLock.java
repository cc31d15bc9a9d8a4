package dev.ringside.daemon.target;

import dev.ringside.rpc.error.RpcException;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one change of the target be made at a time, whoever asks for it. What only looks does not take it, and whoever
 * has to wait for a guest or a device gives it back first. Any thread.
 */
public final class ControlLock {
    private final ReentrantLock lock = new ReentrantLock();
    /** Told of each change that was made, by whoever made it. */
    private Runnable afterwards = () -> {};
    /** Why nothing may be changed any more. */
    private @Nullable String ended;

    /** Makes one that nobody holds. */
    public ControlLock() {}

    /** Has somebody told of each change from now on, before the next one may be made. */
    public void afterEach(Runnable told) {
        lock.lock();
        try {
            afterwards = told;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a change when those before it have been made.
     *
     * @throws RpcException if nothing may be changed any more, or it cannot be kept
     */
    public <T> T change(Callable<T> work) throws Exception {
        lock.lock();
        try {
            if (ended != null) {
                throw RpcException.wrongState(ended);
            }
            T result = work.call();
            if (lock.getHoldCount() == 1 && ended == null) {
                afterwards.run();
            }
            return result;
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing be changed any more; by whoever makes a change now. */
    public void end(String why) {
        if (!lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("only a change can be the last one");
        }
        ended = why;
    }
}
