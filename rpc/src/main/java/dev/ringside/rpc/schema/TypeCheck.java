package dev.ringside.rpc.schema;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Quoted;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Holds values against types; what is wrong comes back as a sentence. */
final class TypeCheck {
    static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    /** More digits than 2^64 has; guards the conversion of numbers such as 1e999999999. */
    private static final int MOST_DIGITS = 20;

    private TypeCheck() {}

    static Optional<String> fault(String name, ParamType type, JsonNode value) {
        boolean good = switch (type) {
            case ParamType.Text text -> value.isString() && text(text, value.stringValue());
            case ParamType.Bool() -> value.isBoolean();
            case ParamType.Int(var min, var max) ->
                integer(value)
                        .filter(i -> i.compareTo(min) >= 0 && i.compareTo(max) <= 0)
                        .isPresent();
            case ParamType.Num(var min, var max) -> value.isNumber() && real(value) >= min && real(value) <= max;
            case ParamType.Uuid() ->
                value.isString() && UUID.matcher(value.stringValue()).matches();
            case ParamType.Choice(var names) -> value.isString() && names.contains(value.stringValue());
            case ParamType.ArrayOf array ->
                value.isArray() && value.size() >= array.minItems() && value.size() <= array.maxItems();
            case ParamType.Obj object -> value.isObject();
            case ParamType.AnyJson() -> !value.isNull();
        };
        if (!good) {
            return Optional.of("parameter '" + name + "' must be " + type.describe() + ", not " + shown(value));
        }
        return switch (type) {
            case ParamType.ArrayOf array -> elements(name, array.element(), value);
            case ParamType.Obj(var members) -> members(name + ".", "'" + name + "'", members, (ObjectNode) value);
            case ParamType.Text t -> Optional.empty();
            case ParamType.Bool b -> Optional.empty();
            case ParamType.Int i -> Optional.empty();
            case ParamType.Num n -> Optional.empty();
            case ParamType.Uuid u -> Optional.empty();
            case ParamType.Choice c -> Optional.empty();
            case ParamType.AnyJson a -> Optional.empty();
        };
    }

    /**
     * Unknown first, then missing, then wrong.
     *
     * @param prefix what stands before a member's name in messages
     * @param taker who takes these members, for messages
     */
    static Optional<String> members(String prefix, String taker, List<ParamSpec> specs, ObjectNode given) {
        for (String name : given.propertyNames()) {
            if (specs.stream().noneMatch(s -> s.name().equals(name))) {
                return Optional.of("unknown parameter '" + prefix + Quoted.cut(name) + "': " + taker + " takes "
                        + (specs.isEmpty()
                                ? "none"
                                : specs.stream().map(ParamSpec::name).collect(Collectors.joining(", "))));
            }
        }
        for (ParamSpec spec : specs) {
            JsonNode value = given.get(spec.name());
            if (value == null && spec.required()) {
                return Optional.of("missing parameter '" + prefix + spec.name() + "': "
                        + spec.type().describe());
            }
            if (value != null) {
                Optional<String> fault = fault(prefix + spec.name(), spec.type(), value);
                if (fault.isPresent()) {
                    return fault;
                }
            }
        }
        return Optional.empty();
    }

    /** The integer that the number is: 7, and also 7.0 or 7e0. Empty for other numbers and far beyond 64 bits. */
    static Optional<BigInteger> integer(JsonNode value) {
        if (value.isIntegralNumber()) {
            return Optional.of(value.bigIntegerValue());
        }
        if (!value.isNumber()) {
            return Optional.empty();
        }
        BigDecimal decimal = value.decimalValue();
        if (decimal.signum() == 0) {
            return Optional.of(BigInteger.ZERO);
        }
        // Both as long: precision and scale of 1e-2147483647 do not fit an int together.
        long digitsBeforePoint = (long) decimal.precision() - decimal.scale();
        if (digitsBeforePoint < 1 || digitsBeforePoint > MOST_DIGITS) {
            return Optional.empty();
        }
        BigDecimal stripped = decimal.stripTrailingZeros();
        return stripped.scale() <= 0 ? Optional.of(stripped.toBigIntegerExact()) : Optional.empty();
    }

    /** The number as a double; infinite where it is too large. */
    static double real(JsonNode number) {
        return number.isIntegralNumber()
                ? number.bigIntegerValue().doubleValue()
                : number.decimalValue().doubleValue();
    }

    private static boolean text(ParamType.Text type, String text) {
        return text.length() >= type.minLength()
                && text.length() <= type.maxLength()
                && text.indexOf('\0') < 0
                && (type.pattern() == null || type.pattern().matcher(text).matches());
    }

    private static Optional<String> elements(String name, ParamType type, JsonNode array) {
        for (int i = 0; i < array.size(); i++) {
            Optional<String> fault = fault(name + "[" + i + "]", type, array.get(i));
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static String shown(JsonNode value) {
        if (value.isObject()) {
            return "an object";
        }
        return value.isArray() ? "an array of " + value.size() : Quoted.cut(Json.text(value));
    }
}
