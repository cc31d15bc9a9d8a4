package dev.ringside.rpc.schema;

import java.util.stream.Collectors;

/** Types in words. */
final class TypeText {
    private TypeText() {}

    /** With an article, fit for "must be ...". */
    static String describe(ParamType type) {
        return switch (type) {
            case ParamType.Text text -> text.kind() + lengths(text);
            case ParamType.Bool() -> "true or false";
            case ParamType.Int(var min, var max) when min.equals(max) -> min.toString();
            case ParamType.Int(var min, var max) -> "an integer from " + min + " to " + max;
            case ParamType.Num(var min, var max) -> number(min, max);
            case ParamType.Uuid() -> "a UUID such as 123e4567-e89b-12d3-a456-426614174000";
            case ParamType.Choice(var names) ->
                names.stream().map(n -> '"' + n + '"').collect(Collectors.joining(", ", "one of ", ""));
            case ParamType.ArrayOf array -> "an array" + sizes(array) + ", each element " + describe(array.element());
            case ParamType.Obj(var members) when members.isEmpty() -> "an empty object";
            case ParamType.Obj(var members) ->
                members.stream().map(ParamSpec::name).collect(Collectors.joining(", ", "an object with ", ""));
            case ParamType.AnyJson() -> "any JSON value but null";
        };
    }

    /** One or two words for a table or a line of help. */
    static String brief(ParamType type) {
        return switch (type) {
            case ParamType.Text text -> "string";
            case ParamType.Bool() -> "boolean";
            case ParamType.Int integer -> "integer";
            case ParamType.Num number -> "number";
            case ParamType.Uuid() -> "uuid";
            case ParamType.Choice choice -> "name";
            case ParamType.ArrayOf array -> "array of " + brief(array.element());
            case ParamType.Obj object -> "object";
            case ParamType.AnyJson() -> "any";
        };
    }

    private static String lengths(ParamType.Text text) {
        if (text.maxLength() == Integer.MAX_VALUE) {
            return text.minLength() == 0 ? "" : " of at least " + text.minLength() + " characters";
        }
        return " of " + text.minLength() + " to " + text.maxLength() + " characters";
    }

    private static String sizes(ParamType.ArrayOf array) {
        if (array.maxItems() == Integer.MAX_VALUE) {
            return array.minItems() == 0 ? "" : " of at least " + array.minItems() + " elements";
        }
        return " of " + array.minItems() + " to " + array.maxItems() + " elements";
    }

    private static String number(double min, double max) {
        String from = Double.isInfinite(min) ? "" : " from " + min;
        String to = Double.isInfinite(max) ? "" : " to " + max;
        return "a number" + from + to;
    }
}
