package dev.ringside.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.rpc.codec.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    @Test
    void readsTheCallsInTheirOrder() throws Exception {
        List<ConfigEntry> entries = parse("""
                {
                  // Comments are SPDK's habit.
                  "subsystems": [
                    {"subsystem": "scheduler", "config": null},
                    {"config": [{"method": "a"}, {"params": {"x": 18446744073709551615}, "method": "b"}], "subsystem": "s"},
                    {"subsystem": "t", "config": [{"method": "c", "params": null}]}
                  ]
                }
                """);

        assertThat(entries).extracting(ConfigEntry::method).containsExactly("a", "b", "c");
        assertThat(entries).extracting(ConfigEntry::subsystem).containsExactly("s", "s", "t");
        assertThat(entries.get(0).params()).isNull();
        assertThat(entries.get(2).params()).isNull();
        assertThat(entries.get(1).params()).isEqualTo(Json.parse("{\"x\":18446744073709551615}"));
        assertThat(entries.get(1).describe()).isEqualTo("file:5:34: call 2, b of subsystem s");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | file:1:1: here must be an object with the member subsystems",
                "[] | file:1:1: here must be an object",
                "{} | file:1:2: the member subsystems is missing",
                "{\"subsystem\": []} | file:1:2: there is no member 'subsystem' here; there is subsystems",
                "{\"subsystems\": {}} | file:1:16: here must be an array of subsystems",
                "{\"subsystems\": [1]} | file:1:17: here must be a subsystem",
                "{\"subsystems\": [{\"config\": []}]} | file:1:17: the subsystem has no member subsystem",
                "{\"subsystems\": [{\"subsystem\": 1}]} | file:1:31: here must be the name of the subsystem: a string",
                "{\"subsystems\": [{\"subsystem\": \"s\", \"config\": {}}]} | file:1:46: here must be config: an array",
                "{\"subsystems\": [{\"subsystem\": \"s\", \"config\": [{}]}]} | file:1:47: the call has no member method",
                "{\"subsystems\": [{\"subsystem\": \"s\", \"config\": [{\"method\": \"m\", \"params\": []}]}]} | file:1:73: here must be params: an object",
                "{\"subsystems\": [{\"subsystem\": \"s\", \"config\": [{\"method\": \"m\", \"id\": 1}]}]} | there is no member 'id' here; there is method, params",
                "{\"subsystems\": []} {} | file:1:20: there is something after the end",
                "{\"subsystems\": [], \"subsystems\": []} | not JSON: Duplicate",
                "{\"subsystems\": [} | file:1:17: not JSON: ",
                "{\"subsystems\": [ | not JSON: Unexpected end-of-input"
            })
    void saysWhereWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void countsLines() {
        assertThatThrownBy(() -> parse("{\n  \"subsystems\": [\n    oops\n  ]\n}"))
                .hasMessageStartingWith("file:3:")
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
    }

    @Test
    void namesTheFileThatCannotBeRead() {
        assertThatThrownBy(() -> ConfigFile.read(Path.of("/nonexistent.json")))
                .hasMessage("/nonexistent.json: there is no such file");
        assertThatThrownBy(() -> ConfigFile.read(Path.of("/"))).hasMessageStartingWith("/: cannot be read: ");
    }

    private static List<ConfigEntry> parse(String text) throws ConfigException {
        return ConfigFile.parse("file", text.getBytes(StandardCharsets.UTF_8));
    }
}
