package dev.ringside.benchmarks.start;

import dev.ringside.benchmarks.load.LoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A server's process from the moment it is asked for; ended with {@link #close}. Its output goes to stderr. */
public final class FreshServer implements AutoCloseable {
    private static final long LONGEST_NS = 30_000_000_000L;
    private static final long BETWEEN_TRIES_NS = 1_000_000;
    private static final int STOP_SECONDS = 10;

    private final Process process;
    private final long startNs;

    private FreshServer(Process process, long startNs) {
        this.process = process;
        this.startNs = startNs;
    }

    /**
     * Starts a command.
     *
     * @throws IOException if there is no such command
     */
    public static FreshServer start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        long start = System.nanoTime();
        return new FreshServer(builder.start(), start);
    }

    /** Time since it was asked for, in ns. */
    public long ageNs() {
        return System.nanoTime() - startNs;
    }

    /**
     * Tries until it works, from when the socket's file is there: trying before would keep a processor busy that the server
     * needs.
     *
     * @throws LoadException if it does not in 30 s, or if the server has ended
     */
    public <T> T await(Path socket, Callable<T> attempt) throws LoadException {
        while (true) {
            try {
                if (!Files.exists(socket)) {
                    throw new NoSuchFileException(socket.toString(), null, "there is no socket");
                }
                return attempt.call();
            } catch (IOException e) {
                // Not yet.
                if (!process.isAlive()) {
                    throw new LoadException("the server has ended with status " + process.exitValue(), e);
                }
                if (ageNs() > LONGEST_NS) {
                    throw new LoadException(socket + " does not answer in 30 s: " + e.getMessage(), e);
                }
            } catch (Exception e) {
                throw new LoadException(socket + ": " + e, e);
            }
            LockSupport.parkNanos(BETWEEN_TRIES_NS);
        }
    }

    /**
     * Asks until there is an answer.
     *
     * @throws LoadException as {@link #await}
     */
    void await(Path socket, FirstQuestion question) throws LoadException {
        await(socket, () -> {
            question.ask(socket);
            return true;
        });
    }

    /** Asks the process to end, and waits until it has. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
