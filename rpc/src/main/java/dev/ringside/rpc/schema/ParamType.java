package dev.ringside.rpc.schema;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What values a parameter takes. */
public sealed interface ParamType {
    BigInteger INT64_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    BigInteger INT64_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    /**
     * A string of Unicode characters without U+0000.
     *
     * @param minLength in UTF-16 units
     * @param maxLength in UTF-16 units
     * @param pattern what the whole string must match; null for anything
     * @param kind what such a string is called: "a string", "a cpumask such as 0x3"
     */
    record Text(int minLength, int maxLength, @Nullable Pattern pattern, String kind) implements ParamType {
        /** Checks the bounds. */
        public Text {
            if (minLength < 0 || maxLength < minLength) {
                throw new IllegalArgumentException("bad length bounds " + minLength + ", " + maxLength);
            }
        }
    }

    /** {@code true} or {@code false}. */
    record Bool() implements ParamType {}

    /**
     * An integer of at most 64 bits, signed or unsigned.
     *
     * @param min inclusive, at least -2^63
     * @param max inclusive, at most 2^64 - 1
     */
    record Int(BigInteger min, BigInteger max) implements ParamType {
        /** Checks the bounds. */
        public Int {
            if (min.compareTo(max) > 0 || min.compareTo(INT64_MIN) < 0 || max.compareTo(UINT64_MAX) > 0) {
                throw new IllegalArgumentException("bad bounds " + min + ", " + max);
            }
        }
    }

    /**
     * Any number, as a double.
     *
     * @param min inclusive
     * @param max inclusive
     */
    record Num(double min, double max) implements ParamType {}

    /** A UUID in its canonical form with four hyphens, in either case. */
    record Uuid() implements ParamType {}

    /**
     * One of a few names.
     *
     * @param names what is allowed, exactly as written
     */
    record Choice(List<String> names) implements ParamType {
        /** Copies the names; there is at least one. */
        public Choice {
            names = List.copyOf(names);
            if (names.isEmpty()) {
                throw new IllegalArgumentException("a choice of nothing");
            }
        }
    }

    /**
     * An array whose elements are all of one type.
     *
     * @param element the type of each element
     * @param minItems fewest elements
     * @param maxItems most elements
     */
    record ArrayOf(ParamType element, int minItems, int maxItems) implements ParamType {}

    /**
     * An object with the given members and no others.
     *
     * @param members each with its own type, required or not
     */
    record Obj(List<ParamSpec> members) implements ParamType {
        /** Copies the members. */
        public Obj {
            members = List.copyOf(members);
        }
    }

    /** Any JSON value but null. */
    record AnyJson() implements ParamType {}

    /** Any string, empty or not. */
    static ParamType string() {
        return new Text(0, Integer.MAX_VALUE, null, "a string");
    }

    /** A string of {@code min} to {@code max} characters. */
    static ParamType string(int min, int max) {
        return new Text(min, max, null, "a string");
    }

    /** A string that wholly matches {@code regex}; {@code kind} names it in messages ("a PCI address such as 0000:01:00.0"). */
    static ParamType string(String regex, String kind) {
        return new Text(0, Integer.MAX_VALUE, Pattern.compile(regex), kind);
    }

    /** A boolean. */
    static ParamType bool() {
        return new Bool();
    }

    /** An integer from -2^31 to 2^31 - 1. */
    static ParamType int32() {
        return integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /** An integer from 0 to 2^32 - 1. */
    static ParamType uint32() {
        return integer(0, 0xffff_ffffL);
    }

    /** An integer from -2^63 to 2^63 - 1. */
    static ParamType int64() {
        return integer(Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** An integer from 0 to 2^64 - 1. */
    static ParamType uint64() {
        return new Int(BigInteger.ZERO, UINT64_MAX);
    }

    /** An integer from {@code min} to {@code max}, both inclusive. */
    static ParamType integer(long min, long max) {
        return new Int(BigInteger.valueOf(min), BigInteger.valueOf(max));
    }

    /** An integer from {@code min} to {@code max}, both inclusive; for unsigned bounds above 2^63 - 1. */
    static ParamType integer(BigInteger min, BigInteger max) {
        return new Int(min, max);
    }

    /** Any number. */
    static ParamType number() {
        return new Num(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** A number from {@code min} to {@code max}, both inclusive. */
    static ParamType number(double min, double max) {
        return new Num(min, max);
    }

    /** A UUID. */
    static ParamType uuid() {
        return new Uuid();
    }

    /** One of the names. */
    static ParamType choice(String... names) {
        return new Choice(List.of(names));
    }

    /** An array of any length. */
    static ParamType arrayOf(ParamType element) {
        return new ArrayOf(element, 0, Integer.MAX_VALUE);
    }

    /** An array of {@code min} to {@code max} elements. */
    static ParamType arrayOf(ParamType element, int min, int max) {
        return new ArrayOf(element, min, max);
    }

    /** An object with these members. */
    static ParamType object(ParamSpec... members) {
        return new Obj(List.of(members));
    }

    /** Any value but null. */
    static ParamType any() {
        return new AnyJson();
    }

    /** What is allowed, for messages and for the documents: "an integer from 0 to 63". */
    default String describe() {
        return TypeText.describe(this);
    }

    /** Whether the value, with all below it, is allowed. */
    default boolean admits(JsonNode value) {
        return TypeCheck.fault("value", this, value).isEmpty();
    }

    /** What is wrong with the value of the parameter {@code name}, as a sentence that names it and what is allowed. */
    default Optional<String> fault(String name, JsonNode value) {
        return TypeCheck.fault(name, this, value);
    }
}
