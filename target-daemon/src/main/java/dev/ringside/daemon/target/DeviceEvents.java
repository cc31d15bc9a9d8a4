package dev.ringside.daemon.target;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Follows what devices do of themselves, one change after the other and with the lock, on a thread of its own: theirs must not
 * wait. Any thread.
 */
final class DeviceEvents implements AutoCloseable {
    private final ControlLock control;
    private final String device;
    private final Logger log;
    private final ScheduledExecutorService work;

    /**
     * Begins.
     *
     * @param thread name of the thread
     * @param device what messages call one of the devices, such as "a SCSI host"
     * @param log where these go
     */
    DeviceEvents(ControlLock control, String thread, String device, Logger log) {
        this.control = control;
        this.device = device;
        this.log = log;
        this.work = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, thread);
            made.setDaemon(true);
            return made;
        });
    }

    /** Makes a change after those before it, unless this is closed; a failure goes to the log. */
    void follow(Callable<?> change) {
        try {
            work.execute(() -> make(change));
        } catch (RejectedExecutionException e) {
            log.debug("a change of {} came at the end", device, e);
        }
    }

    private void make(Callable<?> change) {
        try {
            control.change(change);
        } catch (Exception | Error e) {
            // Nobody else would tell.
            log.error("a change of {} was not followed", device, e);
        }
    }

    /** Does something again and again, without the lock, until it is cancelled or this is closed. */
    ScheduledFuture<?> repeat(Runnable task, long periodUs) {
        return work.scheduleWithFixedDelay(task, periodUs, periodUs, TimeUnit.MICROSECONDS);
    }

    /** Follows what came until now, and nothing else. */
    @Override
    public void close() {
        work.shutdown();
    }
}
