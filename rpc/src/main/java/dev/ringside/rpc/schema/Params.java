package dev.ringside.rpc.schema;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The parameters of one call, checked against the declaration, with typed access.
 *
 * <p>The plain accessors are for parameters that are required or have a default, the {@code optional...}
 * ones are for all. Asking for a parameter that is not declared, under another type than declared, or
 * plainly for one that may be absent, is a mistake in the program: {@link IllegalArgumentException}.
 */
public final class Params {
    private final String taker;
    private final Map<String, ParamSpec> specs = new HashMap<>();
    private final Map<String, JsonNode> values = new HashMap<>();

    private Params(String taker, List<ParamSpec> declared, ObjectNode given) {
        this.taker = taker;
        for (ParamSpec spec : declared) {
            specs.put(spec.name(), spec);
            JsonNode value = given.get(spec.name());
            if (value == null) {
                value = spec.defaultValue();
            }
            if (value != null) {
                values.put(spec.name(), value);
            }
        }
    }

    /**
     * Holds what a client gave against the declaration.
     *
     * @param given the member params of the request; absent, null and an empty object mean the same
     * @throws RpcException -32602, naming the parameter and what is allowed
     */
    public static Params decode(MethodSpec spec, @Nullable JsonNode given) {
        ObjectNode object;
        if (given == null || given.isNull()) {
            object = Json.object();
        } else if (given instanceof ObjectNode named) {
            object = named;
        } else {
            throw RpcException.invalidParams(
                    "parameters are taken by name, in an object: params must not be " + describe(given));
        }
        Optional<String> fault = TypeCheck.members("", spec.name(), spec.params(), object);
        if (fault.isPresent()) {
            throw RpcException.invalidParams(fault.get());
        }
        return new Params(spec.name(), spec.params(), object);
    }

    /** Whether the parameter was given or has a default. */
    public boolean has(String name) {
        declared(name);
        return values.containsKey(name);
    }

    /** A string, or the name out of a choice. */
    public String string(String name) {
        return present(name, text(name)).stringValue();
    }

    /** A string, or the name out of a choice. */
    public Optional<String> optionalString(String name) {
        return find(name, text(name)).map(JsonNode::stringValue);
    }

    /** A boolean. */
    public boolean bool(String name) {
        return present(name, isA(name, ParamType.Bool.class)).booleanValue();
    }

    /** A boolean. */
    public Optional<Boolean> optionalBool(String name) {
        return find(name, isA(name, ParamType.Bool.class)).map(JsonNode::booleanValue);
    }

    /** An integer; one declared unsigned that is above 2^63 - 1 comes as its 64 bits, see {@link Long#toUnsignedString}. */
    public long integer(String name) {
        return bigInteger(name).longValue();
    }

    /** An integer that is declared within the bounds of an int. */
    public int int32(String name) {
        return bigInteger(name).intValueExact();
    }

    /** An integer of any range. */
    public BigInteger bigInteger(String name) {
        return asInteger(present(name, isA(name, ParamType.Int.class)));
    }

    /** An integer; one declared unsigned that is above 2^63 - 1 comes as its 64 bits. */
    public OptionalLong optionalLong(String name) {
        return find(name, isA(name, ParamType.Int.class))
                .map(n -> OptionalLong.of(asInteger(n).longValue()))
                .orElse(OptionalLong.empty());
    }

    /** An integer that is declared within the bounds of an int. */
    public OptionalInt optionalInt(String name) {
        return find(name, isA(name, ParamType.Int.class))
                .map(n -> OptionalInt.of(asInteger(n).intValueExact()))
                .orElse(OptionalInt.empty());
    }

    /** A number. */
    public double number(String name) {
        return TypeCheck.real(present(name, isA(name, ParamType.Num.class)));
    }

    /** A number. */
    public OptionalDouble optionalNumber(String name) {
        return find(name, isA(name, ParamType.Num.class))
                .map(n -> OptionalDouble.of(TypeCheck.real(n)))
                .orElse(OptionalDouble.empty());
    }

    /** A UUID. */
    public UUID uuid(String name) {
        return UUID.fromString(present(name, isA(name, ParamType.Uuid.class)).stringValue());
    }

    /** A UUID. */
    public Optional<UUID> optionalUuid(String name) {
        return find(name, isA(name, ParamType.Uuid.class)).map(n -> UUID.fromString(n.stringValue()));
    }

    /** An array of strings or of names; empty if it is not given. */
    public List<String> strings(String name) {
        ParamType element = element(name);
        if (!(element instanceof ParamType.Text || element instanceof ParamType.Choice)) {
            throw mistaken(name, "an array of strings");
        }
        return elements(name).stream().map(JsonNode::stringValue).toList();
    }

    /** An array of integers; empty if it is not given. */
    public List<Long> integers(String name) {
        if (!(element(name) instanceof ParamType.Int)) {
            throw mistaken(name, "an array of integers");
        }
        return elements(name).stream().map(n -> asInteger(n).longValue()).toList();
    }

    /** An object. */
    public Params object(String name) {
        return nested(name, present(name, isA(name, ParamType.Obj.class)));
    }

    /** An object. */
    public Optional<Params> optionalObject(String name) {
        return find(name, isA(name, ParamType.Obj.class)).map(n -> nested(name, n));
    }

    /** An array of objects; empty if it is not given. */
    public List<Params> objects(String name) {
        if (!(element(name) instanceof ParamType.Obj(var members))) {
            throw mistaken(name, "an array of objects");
        }
        List<Params> objects = new ArrayList<>();
        for (JsonNode element : elements(name)) {
            objects.add(new Params(taker + "." + name, members, (ObjectNode) element));
        }
        return objects;
    }

    /** The value as it came, whatever its type. */
    public JsonNode json(String name) {
        return present(name, true);
    }

    /** The value as it came, whatever its type. */
    public Optional<JsonNode> optionalJson(String name) {
        return find(name, true);
    }

    private ParamSpec declared(String name) {
        ParamSpec spec = specs.get(name);
        if (spec == null) {
            throw new IllegalArgumentException(taker + " declares no parameter " + name);
        }
        return spec;
    }

    private boolean isA(String name, Class<? extends ParamType> type) {
        return type.isInstance(declared(name).type());
    }

    private boolean text(String name) {
        return isA(name, ParamType.Text.class) || isA(name, ParamType.Choice.class);
    }

    private Optional<JsonNode> find(String name, boolean rightType) {
        ParamSpec spec = declared(name);
        if (!rightType) {
            throw mistaken(name, "what is asked for; it is " + spec.type().describe());
        }
        return Optional.ofNullable(values.get(name));
    }

    private JsonNode present(String name, boolean rightType) {
        ParamSpec spec = declared(name);
        if (!spec.required() && spec.defaultValue() == null) {
            throw new IllegalArgumentException(taker + " declares " + name + " as one that may be absent");
        }
        return find(name, rightType).orElseThrow();
    }

    private ParamType element(String name) {
        if (declared(name).type() instanceof ParamType.ArrayOf array) {
            return array.element();
        }
        throw mistaken(name, "an array");
    }

    private List<JsonNode> elements(String name) {
        return find(name, true).map(n -> List.copyOf(n.values())).orElse(List.of());
    }

    private Params nested(String name, JsonNode value) {
        if (!(declared(name).type() instanceof ParamType.Obj(var members))) {
            throw mistaken(name, "an object");
        }
        return new Params(taker + "." + name, members, (ObjectNode) value);
    }

    private IllegalArgumentException mistaken(String name, String what) {
        return new IllegalArgumentException(taker + " does not declare " + name + " as " + what);
    }

    private static BigInteger asInteger(JsonNode number) {
        return TypeCheck.integer(number).orElseThrow();
    }

    private static String describe(JsonNode given) {
        return given.isArray() ? "an array" : "a " + given.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }
}
