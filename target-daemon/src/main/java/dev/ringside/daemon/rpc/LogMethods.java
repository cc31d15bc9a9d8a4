package dev.ringside.daemon.rpc;

import dev.ringside.daemon.log.Component;
import dev.ringside.daemon.log.LogLevel;
import dev.ringside.daemon.log.Logging;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is logged, and what of it is printed. */
final class LogMethods {
    /** SPDK's name for all flags at once. */
    private static final String ALL = "all";

    private static final String FLAGS =
            Arrays.stream(Component.values()).map(Component::toString).collect(Collectors.joining(", "));

    private final Logging logging;

    LogMethods(Logging logging) {
        this.logging = logging;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("log_set_level", "Sets from which level on messages are made at all.")
                        .required("level", level(), "The level; NOTICE and INFO are the same.")
                        .anyState()
                        .build(),
                params -> {
                    logging.setLevel(LogLevel.parse(params.string("level")));
                    return Json.done();
                });
        registry.register(
                MethodSpec.method("log_get_level", "Tells from which level on messages are made at all.")
                        .returns("level", "The level.")
                        .anyState()
                        .build(),
                params -> Json.string(logging.level().name()));
        registry.register(
                MethodSpec.method("log_set_print_level", "Sets from which level on messages are printed on stderr.")
                        .required("level", level(), "The level; NOTICE and INFO are the same.")
                        .anyState()
                        .build(),
                params -> {
                    logging.setPrintLevel(LogLevel.parse(params.string("level")));
                    return Json.done();
                });
        registry.register(
                MethodSpec.method("log_get_print_level", "Tells from which level on messages are printed on stderr.")
                        .returns("level", "The level.")
                        .anyState()
                        .build(),
                params -> Json.string(logging.printLevel().name()));
        registerFlags(registry);
    }

    private void registerFlags(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                "log_set_flag",
                                "Makes and prints the debug messages of a component, whatever the levels are.")
                        .required("flag", flag(), "The component, or all.")
                        .anyState()
                        .build(),
                params -> set(params, true));
        registry.register(
                MethodSpec.method("log_clear_flag", "Leaves the debug messages of a component to the levels again.")
                        .required("flag", flag(), "The component, or all.")
                        .anyState()
                        .build(),
                params -> set(params, false));
        registry.register(
                MethodSpec.method("log_get_flags", "Tells for each component whether its flag is set.")
                        .returns("{flag: boolean}", "The components.")
                        .anyState()
                        .build(),
                params -> flags());
    }

    private JsonNode set(Params params, boolean on) {
        Optional<Component> one = Component.named(params.string("flag"));
        one.map(List::of).orElse(List.of(Component.values())).forEach(component -> logging.setFlag(component, on));
        return Json.done();
    }

    private JsonNode flags() {
        Set<Component> set = logging.flags();
        ObjectNode result = Json.object();
        for (Component component : Component.values()) {
            result.put(component.toString(), set.contains(component));
        }
        return result;
    }

    private static ParamType level() {
        String names = String.join("|", LogLevel.names());
        return ParamType.string("(?i)" + names, "one of " + String.join(", ", LogLevel.names()));
    }

    private static ParamType flag() {
        return ParamType.string("(?i)" + ALL + "|" + FLAGS.replace(", ", "|"), "one of " + FLAGS + ", " + ALL);
    }
}
