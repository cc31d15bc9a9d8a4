package dev.ringside.daemon.cli;

import dev.ringside.daemon.target.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command, in the language of man(7), from the same declarations as its help. */
final class ManualPage {
    private static final Map<Integer, String> STATUS = Map.of(
            ExitCode.OK,
            "All is well.",
            ExitCode.FAILED,
            "The daemon could not start, or answered with an error.",
            ExitCode.USAGE,
            "The command line or a file makes no sense.",
            ExitCode.NOT_CONNECTED,
            "No daemon listens on the socket, it went away, or it did not answer in time.",
            ExitCode.DIFFERENT,
            "load-config --dry-run has found a difference.");

    private final StringBuilder out = new StringBuilder();
    private final String name;

    private ManualPage(String name) {
        this.name = name;
    }

    /** The page's name without its section: {@code ringside-serve}. */
    static String name(CommandLine command) {
        CommandLine parent = command.getParent();
        return (parent == null ? "" : name(parent) + "-") + command.getCommandName();
    }

    static String of(CommandLine command) {
        ManualPage page = new ManualPage(name(command));
        page.head(command);
        page.options(command.getCommandSpec());
        page.commands(command);
        page.end(command);
        return page.out.toString();
    }

    private void head(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<String> description = List.of(spec.usageMessage().description());
        String first = text(description.getFirst());
        int sentence = first.indexOf(". ");
        out.append(".TH ")
                .append(name.toUpperCase(Locale.ROOT))
                .append(" 1 \"\" \"Ringside ")
                .append(Version.current().text())
                .append("\"\n.SH NAME\n")
                .append(escaped(name))
                .append(" \\- ")
                .append(escaped((sentence < 0 ? first : first.substring(0, sentence)).replaceAll("\\.$", "")))
                .append("\n.SH SYNOPSIS\n.nf\n")
                .append(escaped(command.getHelp().synopsis(0).strip()))
                .append("\n.fi\n.SH DESCRIPTION\n");
        description.forEach(this::paragraph);
    }

    private void options(CommandSpec spec) {
        for (PositionalParamSpec operand : spec.positionalParameters()) {
            item(italic(operand.paramLabel()), operand.description());
        }
        if (!spec.options().isEmpty()) {
            out.append(".SH OPTIONS\n");
        }
        for (OptionSpec option : spec.options()) {
            List<String> names = new ArrayList<>();
            for (String one : option.names()) {
                names.add("\\fB" + escaped(one) + "\\fR");
            }
            String label = option.arity().max() == 0 ? "" : "=" + italic(option.paramLabel());
            item(String.join(", ", names) + label, option.description());
        }
    }

    private void commands(CommandLine command) {
        if (!command.getSubcommands().isEmpty()) {
            out.append(command.getParent() == null ? ".SH COMMANDS\n" : ".SH METHODS\n");
        }
        command.getSubcommands().forEach((word, sub) -> {
            String synopsis = sub.getHelp().synopsis(0).strip();
            String[] description = sub.getCommandSpec().usageMessage().description();
            item("\\fB" + escaped(synopsis.substring(synopsis.indexOf(word))) + "\\fR", description);
        });
    }

    private void end(CommandLine command) {
        for (String line : command.getCommandSpec().usageMessage().footer()) {
            if (!line.startsWith("Exit status") && !line.startsWith("2 ") && !line.startsWith("4 ")) {
                paragraph(line);
            }
        }
        out.append(".SH EXIT STATUS\n");
        STATUS.keySet().stream()
                .sorted()
                .forEach(status -> item(status.toString(), new String[] {STATUS.getOrDefault(status, "")}));
        out.append(".SH SEE ALSO\n");
        out.append(command.getParent() == null ? "ringside\\-serve(1), ringside\\-rpc(1)\n" : "ringside(1)\n");
    }

    private void item(String term, String[] description) {
        out.append(".TP\n").append(term).append('\n');
        for (String line : description) {
            out.append(escaped(text(line))).append('\n');
        }
    }

    private void paragraph(String line) {
        if (!line.isBlank()) {
            out.append(line.startsWith(" ") ? ".br\n" : ".PP\n")
                    .append(escaped(text(line).strip()))
                    .append('\n');
        }
    }

    private static String italic(String text) {
        return "\\fI" + escaped(text) + "\\fR";
    }

    /** Without the escapes of picocli's own. */
    private static String text(String line) {
        return line.replace("%n", "\n").replace("%%", "%");
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^([.'])", "\\\\&$1");
    }
}
