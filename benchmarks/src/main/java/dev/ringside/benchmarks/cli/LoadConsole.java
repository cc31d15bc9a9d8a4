package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.EndedException;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadLoop;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.LoadRun;
import dev.ringside.benchmarks.load.ProcessCpu;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.benchmarks.report.LoadReport;
import dev.ringside.benchmarks.report.OverheadReport;
import dev.ringside.benchmarks.report.SpeedTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/** What the commands that load a disk have in common: results on stdout, progress and what went wrong on stderr, exit status. */
final class LoadConsole {
    private final CommandLine commandLine;
    private final boolean json;
    private final EarlyEnd signals;

    /**
     * Of a command.
     *
     * @param json whether results are JSON
     * @param signals ends its loads before their time
     */
    LoadConsole(CommandLine commandLine, boolean json, EarlyEnd signals) {
        this.commandLine = commandLine;
        this.json = json;
        this.signals = signals;
    }

    /** What a command does; returns its exit status. */
    interface Work {
        int run() throws IOException, LoadException;
    }

    /** Does it; what makes no sense and what fails is told in a line. */
    int run(Work work) {
        int status = ExitCode.FAILED;
        try {
            status = statusOf(work);
            return status;
        } finally {
            signals.ended(status);
        }
    }

    private int statusOf(Work work) {
        try {
            return work.run();
        } catch (IllegalArgumentException e) {
            tell(String.valueOf(e.getMessage()));
            return ExitCode.USAGE;
        } catch (LoadException | IOException e) {
            tell(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
    }

    /** Tells something on stderr. */
    void tell(String what) {
        commandLine.getErr().println("ringside: " + what);
    }

    /** Tells that threads are on the same core, if some are. */
    void tellOfSharedCores(int[] cores) {
        long different = IntStream.of(cores).distinct().count();
        if (different < cores.length) {
            tell(cores.length + " threads share " + different + (different == 1 ? " core" : " cores"));
        }
    }

    /**
     * Runs a load, to its end or until a signal comes, and shows how it goes; parameters as {@link LoadRun}.
     *
     * @throws EndedException if a signal came before anything was measured
     */
    LoadResult measure(Workload workload, List<LoadLoop> loops, int[] cores, Optional<ProcessCpu> server)
            throws LoadException {
        LoadRun run = new LoadRun(workload, loops, cores, new ProgressLines(commandLine.getErr(), workload), server);
        signals.end(run);
        return run.run();
    }

    /** Prints a result; returns the exit status that it makes. */
    int print(LoadReport report) {
        print(report.lines(), report.json());
        return status(report.result());
    }

    /** Prints a result in two loads; returns the exit status that they make. */
    int print(OverheadReport report) {
        print(report.lines(), report.json());
        return status(report);
    }

    /** Prints several results; returns the exit status that they make. */
    int print(SpeedTable table) {
        print(table.lines(), table.json());
        return table.loads().stream().mapToInt(this::status).max().orElse(ExitCode.OK);
    }

    /** The exit status that a result in two loads makes; tells of the first error. */
    int status(OverheadReport report) {
        int bare = report.hardware().map(hardware -> status(hardware.result())).orElse(ExitCode.OK);
        return Math.max(bare, status(report.blockLayer().result()));
    }

    private void print(List<String> lines, ObjectNode object) {
        PrintWriter out = commandLine.getOut();
        if (json) {
            out.println(object.toPrettyString());
        } else {
            lines.forEach(out::println);
        }
    }

    /** The exit status that a result makes; tells of the first error. */
    private int status(LoadResult result) {
        if (result.clean()) {
            return ExitCode.OK;
        }
        result.firstError().ifPresent(first -> tell("the first error: " + first));
        return ExitCode.FAILED;
    }
}
