package dev.ringside.rpc.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reading and writing whole values the way the control socket does: strictly, and in ASCII only. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .build())
            .build();

    private Json() {}

    /** An empty object. */
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** An empty array. */
    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** {@code true}, which most methods that change something return. */
    public static JsonNode done() {
        return JsonNodeFactory.instance.booleanNode(true);
    }

    /** A string as a value. */
    public static JsonNode string(String text) {
        return JsonNodeFactory.instance.stringNode(text);
    }

    /** The value on one line, in ASCII, with a newline at the end. */
    public static byte[] line(JsonNode value) {
        byte[] bytes = MAPPER.writeValueAsBytes(value);
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        return line;
    }

    /** The value on one line, in ASCII. */
    public static String text(JsonNode value) {
        return MAPPER.writeValueAsString(value);
    }

    /** The value over several lines, for people; in ASCII. */
    public static String pretty(JsonNode value) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }

    /**
     * The value over several lines, for people; in ASCII.
     *
     * @param spaces by which each level is indented; at least 0
     */
    public static String pretty(JsonNode value, int spaces) {
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter(" ".repeat(spaces), "\n"));
        return MAPPER.writer().with(printer).writeValueAsString(value);
    }

    /**
     * The one value that the text holds.
     *
     * @throws JsonException not JSON, none or more than one value, or an object that repeats a name
     */
    public static JsonNode parse(String text) throws JsonException {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The one value that the bytes hold; a message names line and column where it can.
     *
     * @throws JsonException not JSON, none or more than one value, or an object that repeats a name
     */
    public static JsonNode parse(byte[] bytes) throws JsonException {
        List<DecodedValue> values = new ArrayList<>();
        try (JsonStreamDecoder decoder = new JsonStreamDecoder(JsonLimits.TRUSTED)) {
            decoder.feed(bytes, 0, bytes.length, values::add);
            decoder.end(values::add);
        }
        if (values.size() != 1) {
            throw JsonException.malformed(values.isEmpty() ? "there is no JSON value" : "there is more than one value");
        }
        DecodedValue only = values.getFirst();
        Optional<Map.Entry<JsonNode, String>> repeated =
                only.duplicates().entrySet().stream().findFirst();
        if (repeated.isPresent()) {
            throw JsonException.malformed("an object has '" + repeated.get().getValue() + "' more than once");
        }
        return only.value();
    }
}
