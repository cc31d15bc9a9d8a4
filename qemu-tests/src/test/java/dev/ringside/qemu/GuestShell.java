package dev.ringside.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The host's end of the command channel to a guest (the protocol is described in {@code scripts/guest-init}): one
 * command at a time, its output, its status. Not for use by two threads at once.
 */
final class GuestShell {
    private static final String END = "\0end";

    private final OutputStream toGuest;
    private final BlockingQueue<String> fromGuest = new LinkedBlockingQueue<>();

    GuestShell(OutputStream toGuest, InputStream fromGuest) {
        this.toGuest = toGuest;
        Thread.ofPlatform().daemon().name("guest-shell").start(() -> read(fromGuest));
    }

    private void read(InputStream in) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                fromGuest.add(line);
            }
        } catch (IOException e) {
            fromGuest.add("| the channel to the guest broke: " + e);
        }
        fromGuest.add(END);
    }

    /** Waits for the line that the guest's init sends after each boot. */
    void awaitReady(Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        String line;
        do {
            line = next(deadline, "the guest to boot", "");
        } while (!line.equals("ready"));
    }

    /** Runs a command line in the guest, in the host's root file system, which the guest sees read-only. */
    Outcome run(String command, Duration timeout) {
        if (command.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a command for the guest is one line: " + command);
        }
        try {
            toGuest.write((command + "\n").getBytes(StandardCharsets.UTF_8));
            toGuest.flush();
        } catch (IOException e) {
            throw new GuestFailure("the guest took no command: " + command, e);
        }
        Deadline deadline = Deadline.in(timeout);
        StringBuilder output = new StringBuilder();
        while (true) {
            String line = next(deadline, command, output);
            if (line.startsWith("= ")) {
                return new Outcome(command, Integer.parseInt(line.substring(2)), output.toString());
            }
            if (!line.startsWith("| ")) {
                throw new GuestFailure("the guest said '" + line + "' while it ran " + command);
            }
            output.append(line, 2, line.length()).append('\n');
        }
    }

    private String next(Deadline deadline, String awaited, CharSequence outputSoFar) {
        try {
            String line = fromGuest.poll(deadline.nanosLeft(), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new GuestFailure("not done in " + deadline + ": " + awaited + "\n" + outputSoFar);
            }
            if (line.equals(END)) {
                throw new GuestFailure("the guest is gone; awaited was: " + awaited + "\n" + outputSoFar);
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestFailure("interrupted while waiting for: " + awaited + "\n" + outputSoFar, e);
        }
    }

    /**
     * A command that ran to its end.
     *
     * @param command what was run
     * @param status its exit status
     * @param output what it printed, standard error included
     */
    record Outcome(String command, int status, String output) {}

    /** The guest did not do what it was told. */
    static final class GuestFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GuestFailure(String message) {
            super(message);
        }

        GuestFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
