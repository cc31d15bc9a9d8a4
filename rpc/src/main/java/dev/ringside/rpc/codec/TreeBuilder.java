package dev.ringside.rpc.codec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes a tree of tokens, one value after the other; counts values and levels. Confined to one thread. */
final class TreeBuilder {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonLimits limits;
    private final Deque<Open> open = new ArrayDeque<>();
    private IdentityHashMap<JsonNode, String> duplicates = new IdentityHashMap<>(0);
    private int values;

    /** An array or object that is not complete; {@code name} is the member that comes next. */
    private static final class Open {
        final JsonNode node;

        @Nullable
        String name;

        Open(JsonNode node) {
            this.node = node;
        }
    }

    TreeBuilder(JsonLimits limits) {
        this.limits = limits;
    }

    /** Whether no value has been begun. */
    boolean idle() {
        return open.isEmpty();
    }

    /** The duplicates of the value that has just been completed; the next one starts with none. */
    IdentityHashMap<JsonNode, String> takeDuplicates() {
        IdentityHashMap<JsonNode, String> taken = duplicates;
        if (!taken.isEmpty()) {
            duplicates = new IdentityHashMap<>(0);
        }
        return taken;
    }

    /** Adds the parser's current token; the value if that completes one, else null. */
    @Nullable
    JsonNode add(JsonParser parser, JsonToken token) throws JsonException {
        return switch (token) {
            case START_OBJECT -> begin(NODES.objectNode());
            case START_ARRAY -> begin(NODES.arrayNode());
            case END_OBJECT, END_ARRAY -> end();
            case PROPERTY_NAME -> name(checked(parser.currentName()));
            case VALUE_STRING -> scalar(NODES.stringNode(checked(parser.getString())));
            case VALUE_NUMBER_INT -> scalar(integer(parser));
            case VALUE_NUMBER_FLOAT -> scalar(NODES.numberNode(parser.getDecimalValue()));
            case VALUE_TRUE -> scalar(NODES.booleanNode(true));
            case VALUE_FALSE -> scalar(NODES.booleanNode(false));
            case VALUE_NULL -> scalar(NODES.nullNode());
            case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> throw new IllegalStateException("token " + token);
        };
    }

    private static JsonNode integer(JsonParser parser) {
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> NODES.numberNode(parser.getBigIntegerValue());
        };
    }

    private @Nullable JsonNode begin(JsonNode container) throws JsonException {
        count();
        if (open.size() == limits.depth()) {
            throw JsonException.limit("the value nests deeper than the limit of " + limits.depth() + " levels");
        }
        attach(container);
        open.push(new Open(container));
        return null;
    }

    private @Nullable JsonNode end() {
        JsonNode ended = open.pop().node;
        return open.isEmpty() ? complete(ended) : null;
    }

    private @Nullable JsonNode name(String name) {
        Open top = open.element();
        if (top.node.has(name)) {
            duplicates.putIfAbsent(top.node, name);
        }
        top.name = name;
        return null;
    }

    private @Nullable JsonNode scalar(JsonNode value) throws JsonException {
        count();
        if (open.isEmpty()) {
            return complete(value);
        }
        attach(value);
        return null;
    }

    private void attach(JsonNode value) {
        Open top = open.peek();
        if (top == null) {
            return;
        }
        if (top.node instanceof ObjectNode object) {
            String name = top.name;
            if (name == null) {
                throw new IllegalStateException("a member without a name");
            }
            object.set(name, value);
        } else if (top.node instanceof ArrayNode array) {
            array.add(value);
        }
    }

    private JsonNode complete(JsonNode value) {
        values = 0;
        return value;
    }

    private void count() throws JsonException {
        if (++values > limits.values()) {
            throw JsonException.limit("the value has more parts than the limit of " + limits.values() + " values");
        }
    }

    /** Refuses half a surrogate pair: no Unicode text, and no answer could repeat it. */
    private static String checked(String text) throws JsonException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw JsonException.malformed("a string holds half a surrogate pair");
            }
        }
        return text;
    }
}
