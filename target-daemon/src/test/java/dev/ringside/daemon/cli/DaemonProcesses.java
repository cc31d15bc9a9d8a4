package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Daemons of a test as processes of their own, and a directory for what they make. */
final class DaemonProcesses {
    /** How long a process lives; less than a test may take. */
    private static final int LONGEST_S = 100;
    /** In the arguments of a process: the number of the descriptor that it inherits. */
    static final String INHERITED = "FDNUM";
    /** A process of Java's inherits none but the first three, so this is between them. */
    private static final String BINDS_AND_EXECUTES = """
            use Socket;
            $^F = 255;
            $| = 1;
            my ($path, $connected) = splice(@ARGV, 0, 2);
            socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
            bind($socket, pack_sockaddr_un($path)) or die "bind: $!";
            listen($socket, 1) or die "listen: $!";
            print "bound\\n";
            if ($connected) {
                accept(my $connection, $socket) or die "accept: $!";
                close($socket);
                $socket = $connection;
            }
            my $number = fileno($socket);
            exec(map { s/FDNUM/$number/r } @ARGV) or die "exec: $!";
            """;

    private final List<Process> processes = new ArrayList<>();
    private final Path dir;

    DaemonProcesses() throws IOException {
        // Short, for the sake of socket paths.
        dir = Files.createTempDirectory("rs");
    }

    Path dir() {
        return dir;
    }

    String rpc() {
        return dir.resolve("rpc.sock").toString();
    }

    /** Starts 'ringside serve'; its errors go to a file, or null: to a pipe. */
    Process serve(@Nullable File errors, List<String> args) throws IOException {
        List<String> words = new ArrayList<>(List.of("serve"));
        words.addAll(args);
        return start(errors, words);
    }

    /** Starts 'ringside' with a command. */
    Process start(@Nullable File errors, List<String> args) throws IOException {
        return start(errors, args, Map.of());
    }

    /** Starts 'ringside' with a command and some more variables. */
    Process start(@Nullable File errors, List<String> args, Map<String, String> variables) throws IOException {
        return start(errors, List.of(), args, variables);
    }

    /**
     * Starts 'ringside' with a socket of somebody else, who says "bound" as soon as it listens.
     *
     * @param connected whether it gets the first connection to that socket, rather than the socket itself
     * @param args its descriptor in them is {@link #INHERITED}
     */
    Process startInheriting(Path socket, boolean connected, List<String> args) throws IOException {
        List<String> parent = List.of("perl", "-e", BINDS_AND_EXECUTES, socket.toString(), connected ? "1" : "0");
        return start(null, parent, args, Map.of());
    }

    private Process start(@Nullable File errors, List<String> parent, List<String> args, Map<String, String> variables)
            throws IOException {
        List<String> command = new ArrayList<>(parent);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(args);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(variables);
        if (errors != null) {
            builder.redirectError(errors);
        }
        Process process = builder.start();
        processes.add(process);
        // Nothing interrupts who reads what a process says: if that hangs, it comes to its end.
        CompletableFuture.delayedExecutor(LONGEST_S, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return process;
    }

    /** The line with which a daemon says that it is ready. */
    static String ready(Process daemon) throws IOException {
        BufferedReader out = daemon.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        assertThat(line).startsWith("ringside: ready");
        return line;
    }

    /** The exit status of a daemon that ends. */
    static int status(Process daemon) throws InterruptedException {
        assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return daemon.exitValue();
    }

    /** Kills all and deletes the directory. */
    void killAndClear() throws IOException, InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
