package dev.ringside.bdev.nvme;

import dev.ringside.env.reactor.ThreadEnd;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of a controller: does what it is given, one after the other, and looks after the controller in between. */
final class ControllerThread {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);
    private static final long TICK_MS = 100;

    private final NvmeController controller;
    private final LinkedBlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final Thread thread;
    private @Nullable Runnable ending;

    ControllerThread(NvmeController controller) {
        this.controller = controller;
        this.thread = new Thread(this::run, "nvme-" + controller.name());
        thread.setDaemon(true);
    }

    /** What may find the controller in trouble. */
    interface Task {
        void run() throws IOException;
    }

    void start() {
        thread.start();
    }

    /** Does something, after what was given before; any thread. Trouble is the controller's. */
    void execute(Task task) {
        tasks.add(task);
    }

    /** Does something and hands its result out; any thread. Trouble is the caller's, and the controller's, too. */
    <T> CompletableFuture<T> call(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                result.complete(work.call());
            } catch (IOException e) {
                result.completeExceptionally(e);
                throw e;
            } catch (Exception | Error e) {
                result.completeExceptionally(e);
            }
        });
        if (!thread.isAlive()) {
            result.completeExceptionally(
                    new NvmeException(NvmeException.Kind.GONE, controller.name() + " is " + controller.state()));
        }
        return result;
    }

    /** Does a last thing, and ends; returns when it has ended. Not on a reactor. */
    void end(Runnable last) {
        tasks.add(() -> ending = last);
        ThreadEnd.await(thread);
    }

    private void run() {
        long nextTick = System.nanoTime();
        while (ending == null) {
            long now = System.nanoTime();
            if (now - nextTick >= 0) {
                nextTick = now + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
                attempt(controller::tick);
            }
            attempt(next(nextTick - System.nanoTime()));
        }
        Runnable last = ending;
        attempt(last::run);
        // Those that still wait are told that the controller is closed.
        for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
            attempt(task);
        }
    }

    private Task next(long waitNs) {
        try {
            Task task = tasks.poll(Math.max(0, waitNs), TimeUnit.NANOSECONDS);
            return task == null ? () -> {} : task;
        } catch (InterruptedException e) {
            // Nobody interrupts this thread.
            return () -> {};
        }
    }

    private void attempt(Task task) {
        try {
            task.run();
        } catch (IOException e) {
            controller.trouble(e);
        } catch (InternalError e) {
            // Registers that are not mapped any more: the system has taken the device away.
            controller.trouble(new NvmeException(NvmeException.Kind.GONE, "its registers are not there: " + e));
        } catch (RuntimeException | Error e) {
            LOG.error("{}: a defect of the driver", controller.name(), e);
        }
    }
}
