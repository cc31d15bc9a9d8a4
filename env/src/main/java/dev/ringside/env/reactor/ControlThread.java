package dev.ringside.env.reactor;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread of something that has to be waited for, such as a controller: does what it is given, one after the other, and looks
 * after its charge in between.
 */
public final class ControlThread {
    private static final long TICK_MS = 100;

    private final Duty duty;
    private final LinkedBlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final Thread thread;
    private @Nullable Runnable ending;

    /** Makes one that does nothing before {@link #start}. */
    public ControlThread(String name, Duty duty) {
        this.duty = duty;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** What may find the thread's charge in trouble. */
    public interface Task {
        /** Does it. On the thread. */
        void run() throws IOException;
    }

    /** What the thread looks after; called on the thread. */
    public interface Duty {

        /** What is done again and again, ten times a second. */
        void tick() throws IOException;

        /** Something did not go as it should. */
        void trouble(IOException problem);

        /** What it means that mapped memory is not there any more. */
        IOException vanished(InternalError error);

        /** Code is wrong. */
        void defect(Throwable thrown);

        /** What those are told who want something after the end; any thread. */
        IOException ended();
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Does something, after what was given before; any thread. Trouble is the duty's. */
    public void execute(Task task) {
        tasks.add(task);
    }

    /** Does something and hands its result out; any thread. Trouble is the caller's, and the duty's, too. */
    public <T> CompletableFuture<T> call(Callable<T> work) {
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
            result.completeExceptionally(duty.ended());
        }
        return result;
    }

    /** Does a last thing, and ends; returns when it has ended. Not on a reactor. */
    public void end(Runnable last) {
        tasks.add(() -> ending = last);
        ThreadEnd.await(thread);
    }

    private void run() {
        long nextTick = System.nanoTime();
        while (ending == null) {
            long now = System.nanoTime();
            if (now - nextTick >= 0) {
                nextTick = now + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
                attempt(duty::tick);
            }
            attempt(next(nextTick - System.nanoTime()));
        }
        Runnable last = ending;
        attempt(last::run);
        // Those that still wait are told that it is over.
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
            duty.trouble(e);
        } catch (InternalError e) {
            // Registers that are not mapped any more: the system has taken the device away.
            duty.trouble(duty.vanished(e));
        } catch (RuntimeException | Error e) {
            duty.defect(e);
        }
    }
}
