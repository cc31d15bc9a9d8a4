package dev.ringside.rpc.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.rpc.codec.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ArgumentParserTest {
    private static final MethodSpec SPEC = MethodSpec.method("bdev_thing_create", "Creates a thing.")
            .required("num_blocks", ParamType.uint64(), "How many.")
            .optional("name", ParamType.string(), "Its name.")
            .optional("readonly", ParamType.bool(), "Whether.")
            .optional("names", ParamType.arrayOf(ParamType.string()), "Names.")
            .optional("sizes", ParamType.arrayOf(ParamType.uint32()), "Sizes.")
            .optional("limits", ParamType.object(ParamSpec.required("rw", ParamType.uint32(), "Limit.")), "Limits.")
            .optional("extra", ParamType.any(), "Anything.")
            .build();

    @Test
    void spellingsOfAnOption() {
        for (List<String> words : List.of(
                List.of("--num-blocks", "10"),
                List.of("--num_blocks", "10"),
                List.of("--num-blocks=10"),
                List.of("num_blocks=10"),
                List.of("num-blocks=10"),
                List.of("{\"num_blocks\": 10}"))) {
            assertThat(parse(SPEC, words)).isEqualTo("{\"num_blocks\":10}");
        }
    }

    @Test
    void typesComeFromTheSchema() {
        assertThat(parse(SPEC, List.of("--name", "10", "--num-blocks", "18446744073709551615", "--extra", "[1]")))
                .isEqualTo("{\"name\":\"10\",\"num_blocks\":18446744073709551615,\"extra\":[1]}");
        assertThat(parse(SPEC, List.of("name=true"))).isEqualTo("{\"name\":\"true\"}");
        assertThat(parse(SPEC, List.of("--name=--odd=name"))).isEqualTo("{\"name\":\"--odd=name\"}");
        assertThat(parse(SPEC, List.of("--limits", "{\"rw\": 5}"))).isEqualTo("{\"limits\":{\"rw\":5}}");
    }

    @Test
    void booleansMayStandAlone() {
        assertThat(parse(SPEC, List.of("--readonly", "--name", "x"))).isEqualTo("{\"readonly\":true,\"name\":\"x\"}");
        assertThat(parse(SPEC, List.of("--readonly", "false"))).isEqualTo("{\"readonly\":false}");
        assertThat(parse(SPEC, List.of("--readonly"))).isEqualTo("{\"readonly\":true}");
    }

    @Test
    void arraysAreRepeatedOrJson() {
        assertThat(parse(SPEC, List.of("--names", "a", "--names", "b,c"))).isEqualTo("{\"names\":[\"a\",\"b\",\"c\"]}");
        assertThat(parse(SPEC, List.of("--names", "[\"a\",\"b\"]"))).isEqualTo("{\"names\":[\"a\",\"b\"]}");
        assertThat(parse(SPEC, List.of("--sizes=1", "sizes=2"))).isEqualTo("{\"sizes\":[1,2]}");
    }

    @Test
    void withoutASchemaTheTypeIsGuessed() {
        assertThat(parse(
                        null,
                        List.of("--some-number", "10", "--flag", "--text", "abc", "list=[1]", "yes=true", "n=-1")))
                .isEqualTo("{\"some_number\":10,\"flag\":true,\"text\":\"abc\",\"list\":[1],\"yes\":true,\"n\":-1}");
    }

    @Test
    void nothingGivesAnEmptyObject() {
        assertThat(parse(SPEC, List.of())).isEqualTo("{}");
    }

    @Test
    void mistakesAreNamed() {
        assertMistake(List.of("--nmae", "x"), "has no option '--nmae'; it takes --num-blocks, --name");
        assertMistake(List.of("stray"), "'stray' is neither");
        assertMistake(List.of("--name"), "--name needs a value");
        assertMistake(List.of("--name", "a", "name=b"), "'name' is given more than once");
        assertMistake(List.of("--num-blocks", "ten"), "'num_blocks' must be an integer from 0 to");
        assertMistake(List.of("{\"a\""), "not JSON");
    }

    @Test
    void wordsWithoutANameAreWhatTheSpellingSays() {
        Spelling spelling = Spelling.parse("num_blocks [name] -n=name -r=readonly --no-readonly=!readonly");
        assertThat(parse(spelling, "10", "x", "-r")).isEqualTo("{\"readonly\":true,\"num_blocks\":10,\"name\":\"x\"}");
        assertThat(parse(spelling, "-n", "x", "10")).isEqualTo("{\"name\":\"x\",\"num_blocks\":10}");
        assertThat(parse(spelling, "--num-blocks", "10", "x")).isEqualTo("{\"num_blocks\":10,\"name\":\"x\"}");
        assertThat(parse(spelling, "num_blocks=1", "--no-readonly")).isEqualTo("{\"num_blocks\":1,\"readonly\":false}");
        assertThat(parse(Spelling.ofRequired(SPEC), "5")).isEqualTo("{\"num_blocks\":5}");
        assertThatThrownBy(() -> parse(spelling, "1", "2", "3")).hasMessage("'3' is one word too many");
        assertThatThrownBy(() -> parse(spelling, "1", "-x", "3")).hasMessageContaining("has no option '-x'");
        assertThatThrownBy(() -> parse(spelling, "--no-readonly=true")).hasMessageContaining("takes no value");
    }

    @Test
    void sizesInMebibytesBecomeBlocks() {
        MethodSpec disk = MethodSpec.method("bdev_disk_create", "Creates a disk.")
                .required("num_blocks", ParamType.uint64(), "How many.")
                .required("block_size", ParamType.uint32(), "How long.")
                .build();
        Spelling spelling = Spelling.parse("num_blocks:MiB block_size");
        assertThat(Json.text(ArgumentParser.parse(disk, spelling, List.of("64", "512"))))
                .isEqualTo("{\"block_size\":512,\"num_blocks\":131072}");
        assertThat(Json.text(ArgumentParser.parse(disk, spelling, List.of("0.5", "4096"))))
                .isEqualTo("{\"block_size\":4096,\"num_blocks\":128}");
        assertThatThrownBy(() -> ArgumentParser.parse(disk, spelling, List.of("64")))
                .hasMessageContaining("'block_size' is missing");
        assertThatThrownBy(() -> ArgumentParser.parse(disk, spelling, List.of("much", "512")))
                .hasMessageContaining("'much' is no size in MiB");
    }

    private static String parse(Spelling spelling, String... words) {
        return Json.text(ArgumentParser.parse(SPEC, spelling, List.of(words)));
    }

    private static void assertMistake(List<String> words, String message) {
        assertThatThrownBy(() -> parse(SPEC, words))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static String parse(@Nullable MethodSpec spec, List<String> words) {
        return Json.text(
                spec == null
                        ? ArgumentParser.parse(words)
                        : ArgumentParser.parse(spec, new Spelling(List.of(), Map.of()), words));
    }
}
