package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A call in another thread that is known to be blocked in the kernel. */
record Blocked<T>(CompletableFuture<T> result) {
    /** Starts the call, and returns when its thread is inside the system call of that number. */
    static <T> Blocked<T> in(int systemCall, Callable<T> call) throws Exception {
        CompletableFuture<Integer> tid = new CompletableFuture<>();
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            tid.complete(CpuSet.currentTid());
            try {
                result.complete(call.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        Path where = Path.of("/proc/self/task/" + tid.get(10, TimeUnit.SECONDS) + "/syscall");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!result.isDone() && !Files.readString(where).startsWith(systemCall + " ")) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            Thread.onSpinWait();
        }
        assertThat(result).isNotDone();
        return new Blocked<>(result);
    }

    T get() throws Exception {
        return result.get(20, TimeUnit.SECONDS);
    }
}
