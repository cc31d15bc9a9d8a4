package dev.ringside.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The project's shell scripts, and other programs that are run to their end. */
final class Scripts {
    /** The checkout's root. */
    static final Path ROOT =
            Path.of(System.getProperty("ringside.root", "..")).toAbsolutePath().normalize();

    private static boolean guestImageMade;

    private Scripts() {}

    static Path path(String name) {
        return ROOT.resolve("scripts").resolve(name);
    }

    /** Makes what guests boot from, if the cache lacks it; a first time may take minutes. */
    static synchronized void makeGuestImage() {
        if (!guestImageMade) {
            lastLine(Duration.ofMinutes(20), "guest-image.sh");
            lastLine(Duration.ofMinutes(1), "guest-accel.sh");
            guestImageMade = true;
        }
    }

    /** Makes what guests boot from that ask for {@code scripts/vfio-kernel.sh}, if the cache lacks it. */
    static void makeVfioGuestImage() {
        lastLine(Duration.ofMinutes(20), "guest-image.sh", "vfio");
    }

    /** Fetches the QEMU that guests may ask for, if the cache lacks it. */
    static void getRecentQemu() {
        lastLine(Duration.ofMinutes(20), "recent-qemu.sh");
    }

    /** Runs a script and returns the last line of its standard output. Fails with all it said. */
    static String lastLine(Duration timeout, String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(path(name).toString()));
        command.addAll(List.of(arguments));
        String said = run(command, timeout);
        return said.substring(said.lastIndexOf('\n') + 1);
    }

    /** Runs a program and returns what it said. Fails with that when its exit status is not 0. */
    static String run(List<String> command, Duration timeout) {
        try {
            Path out = Files.createTempFile("ringside-script", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .start();
                boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
                if (!ended) {
                    process.destroyForcibly().waitFor();
                }
                String said = Files.readString(out).strip();
                if (!ended || process.exitValue() != 0) {
                    String why = ended ? "exit status " + process.exitValue() : "not done after " + timeout;
                    throw new IllegalStateException(command + ": " + why + ": " + said);
                }
                return said;
            } finally {
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new IllegalStateException(command + " does not start", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command + " was interrupted", e);
        }
    }
}
