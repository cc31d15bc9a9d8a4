package dev.ringside.rpc.schema;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.codec.JsonException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns words of a command line into parameters: {@code --num-blocks 10}, {@code --num_blocks=10},
 * {@code num_blocks=10}, or objects as JSON. A boolean option may stand without a value; an option for an
 * array is repeated, or given once as JSON.
 *
 * <p>With the declaration at hand the types come from it. Without, a word that reads as JSON is that
 * value, and any other is a string. Ranges are left to the daemon.
 */
public final class ArgumentParser {
    private static final Set<String> BOOLEANS = Set.of("true", "false");

    private final @Nullable MethodSpec spec;
    private final ObjectNode params = Json.object();

    private ArgumentParser(@Nullable MethodSpec spec) {
        this.spec = spec;
    }

    /**
     * The parameters as an object.
     *
     * @param spec null if the method is not known here
     * @throws IllegalArgumentException the words make no sense; the message names the one that does not
     */
    public static ObjectNode parse(@Nullable MethodSpec spec, List<String> words) {
        ArgumentParser parser = new ArgumentParser(spec);
        Deque<String> rest = new ArrayDeque<>(words);
        for (String word = rest.poll(); word != null; word = rest.poll()) {
            parser.word(word, rest);
        }
        return parser.params;
    }

    private void word(String word, Deque<String> rest) {
        int equals = word.indexOf('=');
        if (word.startsWith("{")) {
            object(word);
        } else if (word.startsWith("--") && word.length() > 2) {
            String name = name(equals < 0 ? word.substring(2) : word.substring(2, equals));
            put(name, equals < 0 ? value(name, rest) : word.substring(equals + 1));
        } else if (equals > 0) {
            put(name(word.substring(0, equals)), word.substring(equals + 1));
        } else {
            throw new IllegalArgumentException(
                    "'" + word + "' is neither --name value nor name=value nor a JSON object");
        }
    }

    private void object(String word) {
        JsonNode json;
        try {
            json = Json.parse(word);
        } catch (JsonException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
        for (var member : json.properties()) {
            once(member.getKey());
            params.set(member.getKey(), member.getValue());
        }
    }

    /** The parameter that the option means: hyphens are underscores, unless it is declared just so. */
    private String name(String option) {
        if (spec == null) {
            return option.replace('-', '_');
        }
        for (ParamSpec param : spec.params()) {
            if (same(param.name()).equals(same(option))) {
                return param.name();
            }
        }
        throw new IllegalArgumentException(spec.name() + " has no option '" + option + "'; it takes "
                + (spec.params().isEmpty()
                        ? "none"
                        : spec.params().stream().map(p -> "--" + p.name()).collect(Collectors.joining(", "))));
    }

    private static String same(String name) {
        return name.replace('-', '_').toLowerCase(Locale.ROOT);
    }

    private String value(String name, Deque<String> rest) {
        String next = rest.peek();
        ParamType type = type(name);
        boolean flag = type instanceof ParamType.Bool
                ? next == null || !BOOLEANS.contains(next)
                : type == null && (next == null || next.startsWith("--"));
        if (flag) {
            return "true";
        }
        if (next == null) {
            throw new IllegalArgumentException("--" + name + " needs a value");
        }
        return rest.remove();
    }

    private void put(String name, String word) {
        if (type(name) instanceof ParamType.ArrayOf array && !word.startsWith("[")) {
            if (!(params.get(name) instanceof ArrayNode)) {
                params.set(name, Json.array());
            }
            ((ArrayNode) params.get(name)).add(typed(name, array.element(), word));
            return;
        }
        once(name);
        params.set(name, typed(name, type(name), word));
    }

    private void once(String name) {
        if (params.has(name)) {
            throw new IllegalArgumentException("'" + name + "' is given more than once");
        }
    }

    private @Nullable ParamType type(String name) {
        return spec == null ? null : spec.param(name).map(ParamSpec::type).orElse(null);
    }

    private static JsonNode typed(String name, @Nullable ParamType type, String word) {
        return switch (type) {
            case ParamType.Text t -> Json.string(word);
            case ParamType.Uuid u -> Json.string(word);
            case ParamType.Choice c -> Json.string(word);
            case ParamType.Bool b -> json(name, b, word);
            case ParamType.Int i -> json(name, i, word);
            case ParamType.Num n -> json(name, n, word);
            case ParamType.ArrayOf a -> json(name, a, word);
            case ParamType.Obj o -> json(name, o, word);
            case ParamType.AnyJson a -> guessed(word);
            case null -> guessed(word);
        };
    }

    private static JsonNode json(String name, ParamType type, String word) {
        try {
            return Json.parse(word);
        } catch (JsonException e) {
            throw new IllegalArgumentException("'" + name + "' must be " + type.describe() + ", not '" + word + "'", e);
        }
    }

    private static JsonNode guessed(String word) {
        try {
            return Json.parse(word);
        } catch (JsonException e) {
            return Json.string(word);
        }
    }
}
