package dev.ringside.rpc.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.codec.JsonException;
import dev.ringside.rpc.error.RpcException;
import java.math.BigInteger;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParamsTest {
    private static final String UUID_TEXT = "123e4567-e89b-12d3-a456-426614174000";
    private static final MethodSpec ALL = MethodSpec.method("all_types", "Takes everything.")
            .optional("text", ParamType.string(1, 5), "A text.")
            .optional("flag", ParamType.bool(), "A flag.")
            .optional("small", ParamType.integer(1, 63), "A small number.")
            .optional("signed", ParamType.int64(), "A signed number.")
            .optional("unsigned", ParamType.uint64(), "An unsigned number.")
            .optional("real", ParamType.number(0, 1.5), "A real number.")
            .optional("uuid", ParamType.uuid(), "A UUID.")
            .optional("colour", ParamType.choice("red", "green"), "A colour.")
            .optional("mask", ParamType.string("0x[0-9a-f]+", "a mask such as 0x3"), "A mask.")
            .optional("names", ParamType.arrayOf(ParamType.string(), 1, 2), "Some names.")
            .optional("numbers", ParamType.arrayOf(ParamType.uint32()), "Some numbers.")
            .optional(
                    "item",
                    ParamType.object(
                            ParamSpec.required("id", ParamType.int32(), "An id."),
                            ParamSpec.optional("on", ParamType.bool(), true, "Whether.")),
                    "An item.")
            .optional(
                    "items",
                    ParamType.arrayOf(ParamType.object(ParamSpec.required("id", ParamType.int32(), "An id."))),
                    "Some items.")
            .optional("anything", ParamType.any(), "Anything.")
            .build();
    private static final MethodSpec FEW = MethodSpec.method("few", "Takes a few.")
            .required("name", ParamType.string(), "A name.")
            .param(ParamSpec.optional("count", ParamType.uint32(), 7, "A count."))
            .build();

    @Test
    void absentNullAndEmptyMeanTheSame() throws JsonException {
        for (String given : new String[] {"{}", "null"}) {
            assertThat(decode(ALL, given).has("text")).isFalse();
        }
        assertThat(Params.decode(ALL, null).has("text")).isFalse();
    }

    @Test
    void typedAccess() throws JsonException {
        Params params = decode(ALL, """
                {"text":"h\u00e9", "flag":true, "small":63, "signed":-9223372036854775808,
                 "unsigned":18446744073709551615, "real":1.25, "uuid":"%s", "colour":"red", "mask":"0x3",
                 "names":["a","b"], "numbers":[1,4294967295], "item":{"id":-5}, "items":[{"id":1},{"id":2}],
                 "anything":[1]}""".formatted(UUID_TEXT));
        assertThat(params.optionalString("text")).contains("h\u00e9");
        assertThat(params.optionalBool("flag")).contains(true);
        assertThat(params.optionalInt("small")).hasValue(63);
        assertThat(params.optionalLong("signed")).hasValue(Long.MIN_VALUE);
        assertThat(params.optionalLong("unsigned")).hasValue(-1L);
        assertThat(params.optionalNumber("real")).hasValue(1.25);
        assertThat(params.optionalUuid("uuid")).contains(UUID.fromString(UUID_TEXT));
        assertThat(params.optionalString("colour")).contains("red");
        assertThat(params.strings("names")).containsExactly("a", "b");
        assertThat(params.integers("numbers")).containsExactly(1L, 4294967295L);
        Params item = params.optionalObject("item").orElseThrow();
        assertThat(item.int32("id")).isEqualTo(-5);
        assertThat(item.bool("on")).isTrue();
        assertThat(params.objects("items")).extracting(p -> p.integer("id")).containsExactly(1L, 2L);
        assertThat(params.optionalJson("anything")).contains(Json.array().add(1));
    }

    @Test
    void requiredAndDefault() throws JsonException {
        Params params = decode(FEW, "{\"name\":\"n\"}");
        assertThat(params.string("name")).isEqualTo("n");
        assertThat(params.integer("count")).isEqualTo(7);
        assertThat(decode(FEW, "{\"name\":\"n\",\"count\":8}").bigInteger("count"))
                .isEqualTo(BigInteger.valueOf(8));
    }

    @Test
    void integersMayBeWrittenOtherwise() throws JsonException {
        assertThat(decode(ALL, "{\"small\":7.0}").optionalLong("small")).hasValue(7);
        assertThat(decode(ALL, "{\"small\":0.7e1}").optionalLong("small")).hasValue(7);
        assertThat(decode(ALL, "{\"signed\":0e99}").optionalLong("signed")).hasValue(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":\"\"}|'text' must be a string of 1 to 5 characters, not \"\"",
                "{\"text\":\"toolong\"}|'text' must be a string of 1 to 5",
                "{\"text\":\"a\\u0000\"}|'text' must be a string",
                "{\"text\":5}|'text' must be a string of 1 to 5 characters, not 5",
                "{\"text\":null}|'text' must be a string of 1 to 5 characters, not null",
                "{\"flag\":1}|'flag' must be true or false, not 1",
                "{\"flag\":\"true\"}|'flag' must be true or false",
                "{\"small\":0}|'small' must be an integer from 1 to 63, not 0",
                "{\"small\":64}|'small' must be an integer from 1 to 63, not 64",
                "{\"small\":\"5\"}|'small' must be an integer from 1 to 63, not \"5\"",
                "{\"small\":1.5}|'small' must be an integer",
                "{\"small\":1e-999999999}|'small' must be an integer",
                "{\"signed\":1e999999999}|'signed' must be an integer",
                "{\"signed\":9223372036854775808}|'signed' must be an integer from -9223372036854775808 to 9223372036854775807",
                "{\"unsigned\":18446744073709551616}|'unsigned' must be an integer from 0 to 18446744073709551615",
                "{\"unsigned\":-1}|'unsigned' must be an integer from 0 to 18446744073709551615, not -1",
                "{\"real\":2}|'real' must be a number from 0.0 to 1.5, not 2",
                "{\"uuid\":\"1-2-3-4-5\"}|'uuid' must be a UUID such as",
                "{\"colour\":\"blue\"}|'colour' must be one of \"red\", \"green\", not \"blue\"",
                "{\"mask\":\"7\"}|'mask' must be a mask such as 0x3, not \"7\"",
                "{\"names\":[]}|'names' must be an array of 1 to 2 elements, each element a string, not an array of 0",
                "{\"names\":[\"a\",5]}|'names[1]' must be a string, not 5",
                "{\"item\":[]}|'item' must be an object with id, on",
                "{\"item\":{}}|missing parameter 'item.id': an integer",
                "{\"item\":{\"id\":1,\"x\":1}}|unknown parameter 'item.x': 'item' takes id, on",
                "{\"items\":[{\"id\":1},{\"id\":\"y\"}]}|'items[1].id' must be an integer",
                "{\"anything\":null}|'anything' must be any JSON value but null",
                "{\"txet\":1}|unknown parameter 'txet': all_types takes text, flag",
                "[1]|parameters are taken by name, in an object: params must not be an array",
            })
    void refusals(String given, String message) {
        RpcException e = catchThrowableOfType(RpcException.class, () -> decode(ALL, given));
        assertThat(e.code()).isEqualTo(-32602);
        assertThat(e).hasMessageContaining(message);
    }

    @Test
    void missingIsRefused() {
        assertThatThrownBy(() -> decode(FEW, "{}")).hasMessage("missing parameter 'name': a string");
    }

    @Test
    void readingWhatIsNotDeclaredIsAMistakeInTheProgram() throws JsonException {
        Params params = decode(FEW, "{\"name\":\"n\"}");
        assertThatThrownBy(() -> params.string("nome")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> params.has("nome")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> params.integer("name")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> params.strings("name")).isInstanceOf(IllegalArgumentException.class);
        Params all = decode(ALL, "{\"text\":\"t\"}");
        assertThatThrownBy(() -> all.string("text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("may be absent");
    }

    @Test
    void declarationsAreChecked() {
        assertThatThrownBy(() -> ParamSpec.optional("x", ParamType.integer(1, 2), 3, "X."))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ParamSpec.required("bad-name", ParamType.bool(), "X."))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MethodSpec.method("m", "M.")
                        .required("x", ParamType.bool(), "X.")
                        .required("x", ParamType.bool(), "X.")
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Params decode(MethodSpec spec, String json) throws JsonException {
        return Params.decode(spec, Json.parse(json));
    }
}
