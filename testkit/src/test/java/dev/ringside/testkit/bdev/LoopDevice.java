package dev.ringside.testkit.bdev;

import dev.ringside.env.linux.LinuxFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A block device of the system that is backed by a file (losetup(8)). */
record LoopDevice(Path path, Path file) implements AutoCloseable {

    /** Makes one; empty where that is not possible. */
    static Optional<LoopDevice> attach(Path file, long bytes) throws IOException {
        truncate(file, bytes);
        return losetup("--find", "--show", "--direct-io=on", file.toString())
                .map(device -> new LoopDevice(Path.of(device), file));
    }

    void resize(long bytes) throws IOException {
        truncate(file, bytes);
        require("--set-capacity", path.toString());
    }

    @Override
    public void close() throws IOException {
        require("--detach", path.toString());
    }

    private static void require(String... arguments) throws IOException {
        if (losetup(arguments).isEmpty()) {
            throw new IOException("losetup " + String.join(" ", arguments) + " failed");
        }
    }

    private static void truncate(Path file, long bytes) throws IOException {
        try (LinuxFile open = LinuxFile.open(file, LinuxFile.RDWR | LinuxFile.CREAT, 0600)) {
            open.truncate(bytes);
        }
    }

    private static Optional<String> losetup(String... arguments) {
        try {
            String[] command = new String[arguments.length + 1];
            command[0] = "losetup";
            System.arraycopy(arguments, 0, command, 1, arguments.length);
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(30, TimeUnit.SECONDS);
            return ended && process.exitValue() == 0 ? Optional.of(output.strip()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
