package dev.ringside.daemon.cli;

import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.SchemaDocument;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "rpc-reference",
        description = "Print the reference of all RPC methods, in Markdown: what docs/rpc.md is made from.")
final class RpcReferenceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(SchemaDocument.render(Schema.methods()));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
