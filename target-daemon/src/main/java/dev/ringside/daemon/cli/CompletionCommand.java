package dev.ringside.daemon.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = {
            "Print a script with which a shell completes this program's commands, options, and the methods of 'rpc'.",
            "For this shell: source <(ringside completion bash)"
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    enum Shell {
        bash
    }

    @Parameters(index = "0", paramLabel = "SHELL", description = "The shell: ${COMPLETION-CANDIDATES}.")
    private Shell shell;

    @Override
    public Integer call() {
        switch (shell) {
            case bash -> spec.commandLine().getOut().print(AutoComplete.bash("ringside", MethodModel.everything()));
        }
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
