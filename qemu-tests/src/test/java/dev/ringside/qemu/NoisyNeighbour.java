package dev.ringside.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A front end of its own process that uses a controller, well or badly, at a steady pace: {@code ringside perf neighbour}. */
final class NoisyNeighbour {
    /** How long it lives; less than a test may take. */
    private static final int LONGEST_S = 290;

    private final Process process;
    private final BufferedReader said;
    private final Writer words;

    NoisyNeighbour(TestBed bed, Path socket, boolean packed) {
        List<String> command = new ArrayList<>(
                List.of(Scripts.path("ringside").toString(), "perf", "neighbour", "--socket", socket.toString()));
        if (packed) {
            command.add("--packed");
        }
        process = bed.launch(bed.log("neighbour.log"), command, Map.of(), true);
        // Nothing interrupts who reads what it says: if that hangs, it comes to its end.
        CompletableFuture.delayedExecutor(LONGEST_S, TimeUnit.SECONDS).execute(process::destroyForcibly);
        said = process.inputReader();
        words = process.outputWriter();
    }

    /** Has it behave in a way from now on; returns when it does. */
    void behave(String conduct) {
        try {
            words.write(conduct + "\n");
            words.flush();
            String line = said.readLine();
            while (line != null && !line.equals(conduct)) {
                line = said.readLine();
            }
            if (line == null) {
                throw new IllegalStateException("the neighbour has moved out; it was to be " + conduct);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
