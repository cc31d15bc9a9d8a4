package dev.ringside.rpc.schema;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.codec.JsonException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns words of a command line into parameters: {@code --num-blocks 10}, {@code --num_blocks=10},
 * {@code num_blocks=10}, objects as JSON, and what the method's {@link Spelling} allows. A boolean option may
 * stand without a value; an option for an array is repeated, or given once with commas or as JSON.
 *
 * <p>With the declaration at hand the types come from it. Without, a word that reads as JSON is that
 * value, and any other is a string. Ranges are left to the daemon.
 */
public final class ArgumentParser {
    private static final Set<String> BOOLEANS = Set.of("true", "false");

    private static final Pattern NUMBER = Pattern.compile("-[0-9.]+");
    private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1 << 20);
    private static final String BLOCK_SIZE = "block_size";

    private final @Nullable MethodSpec spec;
    private final Spelling spelling;
    private final ObjectNode params = Json.object();
    private final Deque<String> operands = new ArrayDeque<>();

    private ArgumentParser(@Nullable MethodSpec spec, Spelling spelling) {
        this.spec = spec;
        this.spelling = spelling;
    }

    /**
     * The parameters as an object, of a method that is not known here.
     *
     * @throws IllegalArgumentException the words make no sense; the message names the one that does not
     */
    public static ObjectNode parse(List<String> words) {
        return parse(new ArgumentParser(null, new Spelling(List.of(), Map.of())), words);
    }

    /**
     * The parameters as an object.
     *
     * @throws IllegalArgumentException the words make no sense; the message names the one that does not
     */
    public static ObjectNode parse(MethodSpec spec, Spelling spelling, List<String> words) {
        return parse(new ArgumentParser(spec, spelling), words);
    }

    private static ObjectNode parse(ArgumentParser parser, List<String> words) {
        Deque<String> rest = new ArrayDeque<>(words);
        for (String word = rest.poll(); word != null; word = rest.poll()) {
            parser.word(word, rest);
        }
        parser.assignOperands();
        return parser.params;
    }

    private void word(String word, Deque<String> rest) {
        int equals = word.indexOf('=');
        if (word.startsWith("{")) {
            object(word);
        } else if (word.startsWith("-")
                && word.length() > 1
                && !NUMBER.matcher(word).matches()) {
            option(equals < 0 ? word : word.substring(0, equals), equals < 0 ? null : word.substring(equals + 1), rest);
        } else if (equals > 0
                && (spec == null || declared(word.substring(0, equals)).isPresent())) {
            put(name(word.substring(0, equals)), word.substring(equals + 1));
        } else if (spelling.operands().isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + word + "' is neither --name value nor name=value nor a JSON object");
        } else {
            operands.add(word);
        }
    }

    private void option(String option, @Nullable String given, Deque<String> rest) {
        Optional<Spelling.Alias> alias = spelling.alias(option);
        if (alias.isPresent() && alias.get().negated()) {
            if (given != null) {
                throw new IllegalArgumentException(option + " takes no value");
            }
            put(alias.get().param(), "false");
            return;
        }
        if (alias.isEmpty() && !option.startsWith("--")) {
            throw unknown(option);
        }
        String name = alias.map(Spelling.Alias::param).orElseGet(() -> name(option.substring(2)));
        put(name, given == null ? value(name, rest) : given);
    }

    /** Words without a name are the operands that were not given otherwise. */
    private void assignOperands() {
        Map<String, String> sizes = new HashMap<>();
        for (Spelling.Operand operand : spelling.operands()) {
            if (!params.has(operand.param()) && !operands.isEmpty()) {
                if (operand.mebibytes()) {
                    sizes.put(operand.param(), operands.remove());
                } else {
                    put(operand.param(), operands.remove());
                }
            }
        }
        if (!operands.isEmpty()) {
            throw new IllegalArgumentException("'" + operands.element() + "' is one word too many");
        }
        sizes.forEach(this::putBlocks);
    }

    private void putBlocks(String name, String mebibytes) {
        BigDecimal blockSize = new BigDecimal(params.path(BLOCK_SIZE).asLong(0));
        BigDecimal size;
        try {
            size = new BigDecimal(mebibytes);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + mebibytes + "' is no size in MiB", e);
        }
        if (blockSize.signum() <= 0) {
            throw new IllegalArgumentException("'" + BLOCK_SIZE + "' is missing or no size");
        }
        params.put(
                name, size.multiply(MEBIBYTE).divideToIntegralValue(blockSize).toBigInteger());
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
        return declared(option).orElseThrow(() -> unknown(Spelling.option(option)));
    }

    private Optional<String> declared(String option) {
        return spec == null
                ? Optional.empty()
                : spec.params().stream()
                        .map(ParamSpec::name)
                        .filter(param -> same(param).equals(same(option)))
                        .findFirst();
    }

    private IllegalArgumentException unknown(String option) {
        if (spec == null) {
            return new IllegalArgumentException("'" + option + "': an option begins with two hyphens");
        }
        return new IllegalArgumentException(spec.name() + " has no option '" + option + "'; it takes "
                + (spec.params().isEmpty()
                        ? "none"
                        : spec.params().stream()
                                .map(p -> Spelling.option(p.name()))
                                .collect(Collectors.joining(", "))));
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
            for (String element : word.split(",", -1)) {
                ((ArrayNode) params.get(name)).add(typed(name, array.element(), element));
            }
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
