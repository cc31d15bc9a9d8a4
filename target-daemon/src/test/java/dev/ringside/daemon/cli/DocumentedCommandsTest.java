package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.MethodSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** What the documentation and the manual page of 'ringside rpc' give as examples is understood. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of(System.getProperty("ringside.root", ".."));
    private static final Pattern WORD = Pattern.compile("'[^']*'|[^\\s'`#<>]+");
    private static final Pattern EXAMPLE = Pattern.compile("ringside rpc(?: +(?:" + WORD + "))+");
    private static final String PLACEHOLDER = "METHOD";

    @Test
    void examplesOfTheDocumentationAreUnderstood() throws IOException {
        StringBuilder text = new StringBuilder(Files.readString(ROOT.resolve("README.md")));
        try (DirectoryStream<Path> pages = Files.newDirectoryStream(ROOT.resolve("docs"), "*.md")) {
            for (Path page : pages) {
                text.append('\n').append(Files.readString(page));
            }
        }
        assertThat(examples(text.toString()))
                .hasSizeGreaterThan(20)
                .allSatisfy(DocumentedCommandsTest::assertThatItIsUnderstood);
    }

    @Test
    void examplesOfTheManualPageAreUnderstood() {
        CommandLine rpc =
                Objects.requireNonNull(Main.commandLine().getSubcommands().get("rpc"));
        assertThat(examples(
                        String.join("\n", rpc.getCommandSpec().usageMessage().footer())))
                .hasSizeGreaterThan(2)
                .allSatisfy(DocumentedCommandsTest::assertThatItIsUnderstood);
    }

    private static List<String> examples(String text) {
        return EXAMPLE.matcher(text).results().map(MatchResult::group).toList();
    }

    private static void assertThatItIsUnderstood(String example) {
        assertThatCode(() -> parse(example)).as(example).doesNotThrowAnyException();
    }

    /** Reads the words as the client does before it connects. */
    private static void parse(String example) {
        List<String> line = WORD.matcher(example)
                .results()
                .map(word -> word.group().replace("'", ""))
                .toList();
        ParseResult rpc = Main.commandLine()
                .parseArgs(line.subList(1, line.size()).toArray(String[]::new))
                .subcommand();
        String method = rpc.matchedPositionalValue(0, PLACEHOLDER);
        if (method.equals(PLACEHOLDER)) {
            return;
        }
        List<String> words = new ArrayList<>(rpc.matchedPositionalValue(1, List.<String>of()));
        words.remove("--json");
        Optional<CommandLine> configuration =
                SpdkConfigCommands.named(method, new RpcSession(new ClientOptions(), false, false));
        if (configuration.isPresent()) {
            configuration.get().parseArgs(words.toArray(String[]::new));
            return;
        }
        MethodSpec spec = Schema.method(method).orElseThrow();
        if (!words.contains("--help")) {
            RpcCommand.params(spec, words);
        }
    }
}
