package dev.ringside.rpc.server;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs the requests of one connection on virtual threads: they start in the order in which they came; one
 * that is concurrent does not keep the next from starting. Safe for use by any thread.
 */
final class RequestLane {
    private final ThreadFactory threads;
    private final Queue<Task> waiting = new ArrayDeque<>();
    private boolean running;

    /** What is to run, and whether those behind it wait for its end. */
    record Task(boolean concurrent, Runnable work) {}

    RequestLane(ThreadFactory threads) {
        this.threads = threads;
    }

    void add(Task task) {
        synchronized (waiting) {
            waiting.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        threads.newThread(this::run).start();
    }

    private void run() {
        for (Task task = next(); task != null; task = next()) {
            if (task.concurrent()) {
                threads.newThread(task.work()).start();
            } else {
                task.work().run();
            }
        }
    }

    private @Nullable Task next() {
        synchronized (waiting) {
            Task task = waiting.poll();
            running = task != null;
            return task;
        }
    }
}
