package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.neighbour.Conduct;
import dev.ringside.benchmarks.neighbour.Neighbour;
import dev.ringside.vhost.queue.RingFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "neighbour",
        description = {
            "Be the other guest on a reactor, a good one or a bad one, while somebody measures what that costs the first.",
            "Reads words from standard input, and does as the last one says, in rounds at a steady pace, until the input"
                    + " ends: innocent, chains, breaks, messages, restarts."
        })
final class NeighbourCommand implements Callable<Integer> {
    private static final String END = "";

    @Spec
    private CommandSpec spec;

    @Option(names = "--socket", required = true, paramLabel = "PATH", description = "The controller's socket.")
    private Path socket;

    @Option(names = "--packed", description = "Use a packed ring. Default: a split one.")
    private boolean packed;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Neighbour neighbour = new Neighbour(socket, packed ? RingFormat.PACKED : RingFormat.SPLIT)) {
            BlockingQueue<String> words = new LinkedBlockingQueue<>();
            Thread.ofPlatform().daemon().name("words").start(() -> read(words));
            for (String word = words.take(); !word.equals(END); word = words.take()) {
                Conduct conduct = Conduct.valueOf(word.strip().toUpperCase(Locale.ROOT));
                // Code that has not run yet would be slow at first.
                neighbour.round(conduct);
                out.println(word);
                long done = repeat(neighbour, conduct, words);
                out.println(done + " rounds");
            }
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (IOException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        }
    }

    private static void read(BlockingQueue<String> words) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            in.lines().forEach(words::add);
        } catch (IOException e) {
            System.err.println("ringside: " + e.getMessage());
        }
        words.add(END);
    }

    /** Rounds until there is another word; one that takes longer than a period delays the rest. */
    private static long repeat(Neighbour neighbour, Conduct conduct, BlockingQueue<String> words) throws IOException {
        long periodNs = 1_000_000_000 / conduct.rounds();
        long done = 0;
        long next = System.nanoTime();
        while (words.isEmpty()) {
            neighbour.round(conduct);
            done++;
            next = Math.max(next + periodNs, System.nanoTime());
            LockSupport.parkNanos(next - System.nanoTime());
        }
        return done;
    }
}
