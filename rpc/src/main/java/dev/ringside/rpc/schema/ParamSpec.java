package dev.ringside.rpc.schema;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One parameter of a method, or one member of an object parameter.
 *
 * @param name in snake_case, as it stands in the JSON
 * @param type what is allowed
 * @param required whether it must be given; then there is no default
 * @param defaultValue what stands for it when it is not given; null if its absence means something of its own
 * @param sentence what it is, with its unit
 */
public record ParamSpec(
        String name,
        ParamType type,
        boolean required,
        @Nullable JsonNode defaultValue,
        String sentence) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

    /** Checks that name and default fit. */
    public ParamSpec {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no name for a parameter: " + name);
        }
        if (required && defaultValue != null) {
            throw new IllegalArgumentException("required, so no default: " + name);
        }
        if (defaultValue != null && !type.admits(defaultValue)) {
            throw new IllegalArgumentException("the default of " + name + " is not " + type.describe());
        }
    }

    /** A parameter that must be given. */
    public static ParamSpec required(String name, ParamType type, String sentence) {
        return new ParamSpec(name, type, true, null, sentence);
    }

    /** A parameter whose absence the method sees. */
    public static ParamSpec optional(String name, ParamType type, String sentence) {
        return new ParamSpec(name, type, false, null, sentence);
    }

    /** A parameter with a default. */
    public static ParamSpec optional(String name, ParamType type, JsonNode defaultValue, String sentence) {
        return new ParamSpec(name, type, false, defaultValue, sentence);
    }

    /** A parameter with a boolean default. */
    public static ParamSpec optional(String name, ParamType type, boolean defaultValue, String sentence) {
        return optional(name, type, JsonNodeFactory.instance.booleanNode(defaultValue), sentence);
    }

    /** A parameter with an integer default. */
    public static ParamSpec optional(String name, ParamType type, long defaultValue, String sentence) {
        return optional(name, type, (JsonNode) JsonNodeFactory.instance.numberNode(defaultValue), sentence);
    }

    /** A parameter with a string default (also for choices). */
    public static ParamSpec optional(String name, ParamType type, String defaultValue, String sentence) {
        return optional(name, type, JsonNodeFactory.instance.stringNode(defaultValue), sentence);
    }
}
