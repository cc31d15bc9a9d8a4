package dev.ringside.daemon.cli;

import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import tools.jackson.databind.JsonNode;

/** The methods as commands, made from the schema: for help, completion and manual pages. */
final class MethodModel {
    private MethodModel() {}

    /** The whole command line with each method, and what else there is, as a command below rpc. */
    static CommandLine everything() {
        CommandLine all = Main.commandLine();
        CommandLine rpc = Objects.requireNonNull(all.getSubcommands().get("rpc"));
        for (MethodSpec method : Schema.methods()) {
            rpc.addSubcommand(method.name(), command(method));
        }
        for (String name : SpdkConfigCommands.NAMES) {
            rpc.addSubcommand(SpdkConfigCommands.named(name, new RpcSession(new ClientOptions(), false, false))
                    .orElseThrow());
        }
        return all;
    }

    /** A method with the words that come before it, for its help. */
    static CommandLine help(MethodSpec method) {
        return new CommandLine(command(method).name("ringside rpc " + method.name()));
    }

    private static CommandSpec command(MethodSpec method) {
        Spelling spelling = SpdkSpelling.of(method);
        CommandSpec command = CommandSpec.create().name(method.name());
        command.usageMessage()
                .description(
                        method.summary(),
                        "Result: " + method.result().shape() + ". "
                                + method.result().sentence());
        command.usageMessage().abbreviateSynopsis(true);
        int index = 0;
        for (Spelling.Operand operand : spelling.operands()) {
            command.addPositional(PositionalParamSpec.builder()
                    .index(Integer.toString(index))
                    .paramLabel(operand.label())
                    .arity(operand.required() ? "1" : "0..1")
                    .description(
                            operand.mebibytes()
                                    ? "Capacity in MiB."
                                    : description(method.param(operand.param()).orElseThrow()))
                    .build());
            index++;
        }
        for (ParamSpec param : method.params()) {
            command.addOption(option(param, names(param, spelling, false)));
            List<String> negations = names(param, spelling, true);
            if (!negations.isEmpty()) {
                command.addOption(OptionSpec.builder(negations.toArray(String[]::new))
                        .description("The same as " + Spelling.option(param.name()) + " false.")
                        .build());
            }
        }
        return command;
    }

    private static List<String> names(ParamSpec param, Spelling spelling, boolean negated) {
        List<String> names = new ArrayList<>();
        spelling.aliases().forEach((name, alias) -> {
            if (alias.param().equals(param.name()) && alias.negated() == negated) {
                names.add(name);
            }
        });
        if (!negated) {
            names.add(Spelling.option(param.name()));
        }
        return names;
    }

    private static OptionSpec option(ParamSpec param, List<String> names) {
        OptionSpec.Builder option = OptionSpec.builder(names.toArray(String[]::new))
                .paramLabel(param.name().toUpperCase(Locale.ROOT))
                .description(description(param));
        return switch (param.type()) {
            case ParamType.Bool b -> option.arity("0..1").build();
            case ParamType.Choice(var choices) ->
                option.arity("1").completionCandidates(choices).build();
            case ParamType.Text t -> option.arity("1").build();
            case ParamType.Int i -> option.arity("1").build();
            case ParamType.Num n -> option.arity("1").build();
            case ParamType.Uuid u -> option.arity("1").build();
            case ParamType.ArrayOf a -> option.arity("1").build();
            case ParamType.Obj o -> option.arity("1").build();
            case ParamType.AnyJson a -> option.arity("1").build();
        };
    }

    private static String description(ParamSpec param) {
        JsonNode value = param.defaultValue();
        String text = param.sentence() + " " + capital(param.type().describe()) + "."
                + (value == null ? "" : " Default: " + value.asString() + ".");
        // picocli takes a percent sign for the beginning of a format.
        return text.replace("%", "%%");
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
