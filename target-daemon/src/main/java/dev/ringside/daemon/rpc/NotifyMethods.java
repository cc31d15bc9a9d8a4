package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.Notifications;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Events, for clients that ask from time to time. */
final class NotifyMethods {
    private final Notifications notifications;

    NotifyMethods(Notifications notifications) {
        this.notifications = notifications;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("notify_get_types", "Lists the types of events that there may be.")
                        .returns("[type]", "The types.")
                        .build(),
                params -> types());
        registry.register(
                MethodSpec.method(
                                "notify_get_notifications",
                                "Lists events, the oldest first; the last " + Notifications.MOST + " are remembered.")
                        .param(ParamSpec.optional(
                                "id",
                                ParamType.integer(0, Long.MAX_VALUE),
                                0,
                                "The first event that is wanted: one more than the last that is known."))
                        .param(ParamSpec.optional(
                                "max",
                                ParamType.integer(0, Long.MAX_VALUE),
                                Notifications.MOST,
                                "Most events that are wanted."))
                        .returns("[{type, ctx, id}]", "The events; ctx is the name of what it happened to.")
                        .build(),
                this::list);
    }

    private static JsonNode types() {
        ArrayNode result = Json.array();
        for (Notifications.Type type : Notifications.Type.values()) {
            result.add(type.toString());
        }
        return result;
    }

    private JsonNode list(Params params) {
        ArrayNode result = Json.array();
        notifications.from(params.integer("id"), params.integer("max")).forEach(event -> {
            ObjectNode node = result.addObject();
            node.put("type", event.type().toString());
            node.put("ctx", event.about());
            node.put("id", event.id());
        });
        return result;
    }
}
