package dev.ringside.daemon.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs command lines in this process, and keeps what the last one printed. */
final class Terminal {
    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    /** Runs 'ringside' with these words; returns its exit status. */
    int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }
}
