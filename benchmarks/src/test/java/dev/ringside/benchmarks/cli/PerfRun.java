package dev.ringside.benchmarks.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a command line printed and how it ended. */
record PerfRun(int status, String out, String err) {

    static PerfRun of(String... args) {
        return of(Main.commandLine(), args);
    }

    /** Of a command line, or of a part of it. */
    static PerfRun of(CommandLine commandLine, String... args) {
        return of(commandLine, soFar -> {}, args);
    }

    /**
     * Of a command line, with somebody who reads along.
     *
     * @param reader is given all that has been printed on stderr, when there is more
     */
    static PerfRun of(CommandLine commandLine, Consumer<String> reader, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter() {
            @Override
            public void flush() {
                reader.accept(toString());
            }
        };
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        int status = commandLine.execute(args);
        return new PerfRun(status, out.toString(), err.toString());
    }

    JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }

    List<String> errorLines() {
        return err.lines().toList();
    }
}
