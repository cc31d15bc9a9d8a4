package dev.ringside.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Where one test keeps its logs, sockets and disk images, and what it has started. When the test is over, whatever
 * still runs is killed, last started first; when it failed, the tail of each log is printed. Logs stay under
 * {@code target/guest-logs}; sockets and images are deleted.
 */
final class TestBed implements BeforeEachCallback, AfterEachCallback {
    private static final int TAIL_LINES = 40;
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> running = new ConcurrentLinkedDeque<>();
    private final List<Path> logs = new ArrayList<>();
    private Path logFolder = Path.of("");
    private Path socketFolder = Path.of("");
    private Path diskFolder = Path.of("");
    private Thread atExit = new Thread();
    private long stepNanos;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        Path target = Scripts.ROOT.resolve("qemu-tests/target");
        String test = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName() + "-"
                + context.getDisplayName().replaceAll("[^A-Za-z0-9=.]+", "_");
        logFolder = Files.createDirectories(target.resolve("guest-logs").resolve(test));
        diskFolder = Files.createTempDirectory(Files.createDirectories(target.resolve("guest-disks")), "");
        socketFolder = Files.createTempDirectory("ringside"); // the path of a socket may have 107 bytes
        logs.clear();
        stepNanos = System.nanoTime();
        atExit = new Thread(this::closeAll, "test-bed-exit");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        closeAll();
        Runtime.getRuntime().removeShutdownHook(atExit);
        if (context.getExecutionException().isPresent()) {
            for (Path log : logs) {
                printTail(log);
            }
        }
        deleteTree(socketFolder);
        deleteTree(diskFolder);
    }

    Guest.Builder guest(String name) {
        return new Guest.Builder(this, name);
    }

    /** The path of a log of this test, empty at first. */
    Path log(String name) {
        Path log = logFolder.resolve(name);
        try {
            Files.write(log, new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        logs.add(log);
        return log;
    }

    /** What a log of this test says so far. */
    String logText(String name) {
        try {
            return Files.readString(logFolder.resolve(name), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Waits until a log has what a regular expression says: what a program in a guest logs comes by a serial line, and may come
     * after its answers.
     */
    void awaitLog(String name, String wanted) {
        Pattern pattern = Pattern.compile(wanted);
        Deadline deadline = Deadline.in(LOG_PATIENCE);
        while (!pattern.matcher(logText(name)).find()) {
            if (deadline.passed()) {
                throw new AssertionError("not in " + name + " within " + deadline + ": " + wanted);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** The path for a socket, short enough for the kernel. */
    Path socket(String name) {
        return socketFolder.resolve(name);
    }

    /** A folder of the test, on the file system of the checkout. */
    Path folder(String name) {
        try {
            return Files.createDirectory(diskFolder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prints how long the part of the test took that has just ended. */
    void step(String what) {
        long now = System.nanoTime();
        System.out.printf("%s: %d s%n", what, (now - stepNanos) / 1_000_000_000);
        stepNanos = now;
    }

    /** A sparse file of this many bytes, on the file system of the checkout (a tmpfs may lack O_DIRECT). */
    Path disk(String name, long bytes) {
        Path disk = diskFolder.resolve(name);
        try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    /**
     * Starts a program, which is killed when the test is over. Its standard error goes to a log, its standard output
     * too unless it is wanted as a stream.
     */
    Process launch(Path log, List<String> command, Map<String, String> environment, boolean outputWanted) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(Scripts.ROOT.toFile());
        builder.environment().putAll(environment);
        if (outputWanted) {
            builder.redirectError(log.toFile());
        } else {
            builder.redirectErrorStream(true).redirectOutput(log.toFile());
        }
        try {
            Process process = builder.start();
            running.push(process::destroyForcibly);
            return process;
        } catch (IOException e) {
            throw new IllegalStateException(command.getFirst() + " does not start: " + e.getMessage(), e);
        }
    }

    void closeAfterTest(AutoCloseable started) {
        running.push(started);
    }

    private void closeAll() {
        for (AutoCloseable started = running.poll(); started != null; started = running.poll()) {
            try {
                started.close();
            } catch (Exception e) {
                System.err.println("while cleaning up: " + e);
            }
        }
    }

    private static void printTail(Path log) throws IOException {
        List<String> lines =
                Files.readString(log, StandardCharsets.ISO_8859_1).lines().toList();
        if (!lines.isEmpty()) {
            System.err.println("---- the end of " + log);
            lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()).forEach(System.err::println);
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
