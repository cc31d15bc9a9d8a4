package dev.ringside.rpc.schema;

import dev.ringside.rpc.codec.Json;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The reference of all methods, in Markdown. */
public final class SchemaDocument {
    private SchemaDocument() {}

    /** One chapter per method, in alphabetical order; the same input gives the same text. */
    public static String render(List<MethodSpec> methods) {
        List<MethodSpec> sorted =
                methods.stream().sorted(Comparator.comparing(MethodSpec::name)).toList();
        StringBuilder out = new StringBuilder("""
                # RPC methods

                Generated from the schema in the code; do not edit. A parameter without a default is required
                unless it is marked as optional.

                """);
        for (MethodSpec method : sorted) {
            out.append("- [")
                    .append(method.name())
                    .append("](#")
                    .append(method.name())
                    .append(")\n");
        }
        for (MethodSpec method : sorted) {
            out.append('\n');
            method(out, method);
        }
        return out.toString();
    }

    private static void method(StringBuilder out, MethodSpec method) {
        out.append("## ").append(method.name()).append("\n\n");
        out.append(method.summary()).append("\n\n");
        if (!method.aliases().isEmpty()) {
            out.append("Also known as `")
                    .append(String.join("`, `", method.aliases()))
                    .append("`.\n\n");
        }
        if (method.params().isEmpty()) {
            out.append("No parameters.\n");
        } else {
            out.append("| parameter | type | default | meaning |\n| --- | --- | --- | --- |\n");
            rows(out, "", method.params());
        }
        out.append("\nResult: `")
                .append(method.result().shape())
                .append("`. ")
                .append(method.result().sentence())
                .append("\n\nState: ")
                .append(states(method.states()))
                .append(".\n");
    }

    private static void rows(StringBuilder out, String prefix, List<ParamSpec> params) {
        for (ParamSpec param : params) {
            out.append("| `")
                    .append(prefix)
                    .append(param.name())
                    .append("` | ")
                    .append(cell(param.type().describe()))
                    .append(" | ")
                    .append(presence(param))
                    .append(" | ")
                    .append(cell(param.sentence()))
                    .append(" |\n");
            if (param.type() instanceof ParamType.Obj(var members)) {
                rows(out, prefix + param.name() + ".", members);
            } else if (param.type() instanceof ParamType.ArrayOf array
                    && array.element() instanceof ParamType.Obj(var members)) {
                rows(out, prefix + param.name() + "[].", members);
            }
        }
    }

    private static String presence(ParamSpec param) {
        if (param.required()) {
            return "required";
        }
        JsonNode value = param.defaultValue();
        return value == null ? "optional" : "`" + cell(Json.text(value)) + "`";
    }

    private static String states(Set<FrameworkState> states) {
        if (states.size() == FrameworkState.values().length) {
            return "startup and runtime";
        }
        return states.contains(FrameworkState.STARTUP) ? "startup" : "runtime";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace('\n', ' ');
    }
}
