package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.ArgumentParser;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Spelling;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What help and completion say about methods is what the schema says, and what is understood. */
class MethodModelTest {
    @TempDir
    private Path dir;

    @Test
    void spellingsAreOfMethodsAndParametersThatThereAre() {
        SpdkSpelling.table().forEach((name, spelling) -> {
            assertThat(Schema.method(name)).as(name).isPresent();
            assertThat(spelling.unknownTo(Schema.method(name).orElseThrow()))
                    .as(name)
                    .isEmpty();
        });
    }

    @Test
    void everyOptionOfEveryMethodIsUnderstood() {
        for (MethodSpec method : Schema.methods()) {
            for (OptionSpec option : MethodModel.help(method).getCommandSpec().options()) {
                for (String name : option.names()) {
                    List<String> words = option.arity().min() == 0 ? List.of(name) : List.of(name, value(method, name));
                    assertThat(ArgumentParser.parse(method, SpdkSpelling.of(method), words))
                            .as(method.name() + " " + words)
                            .hasSize(1);
                }
            }
        }
    }

    @Test
    void everyParameterIsAnOption() {
        for (MethodSpec method : Schema.methods()) {
            assertThat(MethodModel.help(method).getCommandSpec().optionsMap().keySet())
                    .containsAll(method.params().stream()
                            .map(param -> Spelling.option(param.name()))
                            .toList());
        }
    }

    @Test
    void bashCompletesMethodsAndTheirOptions() throws Exception {
        StringWriter script = new StringWriter();
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(script));
        assertThat(commandLine.execute("completion", "bash")).isZero();
        Files.writeString(dir.resolve("completion"), script.toString());

        assertThat(completed("ringside sav")).containsExactly("save-config");
        assertThat(completed("ringside rpc bdev_malloc_c")).containsExactly("bdev_malloc_create");
        assertThat(completed("ringside rpc bdev_malloc_create --phys")).containsExactly("--physical-block-size");
        assertThat(completed("ringside rpc rpc_get_")).containsExactly("rpc_get_methods");
        assertThat(completed("ringside rpc save_s")).containsExactly("save_subsystem_config");
        assertThat(completed("ringside rpc load_config --json")).containsExactly("--json-conf");
        for (MethodSpec method : Schema.methods()) {
            assertThat(script.toString()).contains("function _picocli_ringside_rpc_" + method.name() + "()");
        }
    }

    private List<String> completed(String line) throws Exception {
        String words = line.substring(line.lastIndexOf(' ') + 1);
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "compopt() { :; }; . ./completion; COMP_WORDS=(" + line
                                + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                                + " $(complete -p ringside | sed 's/.*-F \\([^ ]*\\) .*/\\1/') ringside '" + words
                                + "'; printf '%s\\n' \"${COMPREPLY[@]}\"")
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .start();
        String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return answer.lines().map(String::strip).toList();
    }

    private static String value(MethodSpec method, String option) {
        ParamType type = SpdkSpelling.of(method)
                .alias(option)
                .map(alias -> method.param(alias.param()).orElseThrow())
                .or(() -> method.params().stream()
                        .filter(param -> Spelling.option(param.name()).equals(option))
                        .findFirst())
                .map(ParamSpec::type)
                .orElseThrow();
        return type instanceof ParamType.Text || type instanceof ParamType.Choice ? "word" : "1";
    }
}
