package dev.ringside.daemon.rpc;

import dev.ringside.daemon.log.LogLine;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.Version;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All that monitors show, in one call: the results of the methods that tell it. */
final class StatusMethods {
    private final Logging logging;

    StatusMethods(Logging logging) {
        this.logging = logging;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                "framework_get_status",
                                "Tells what the page of serve --metrics and ringside top show. Not one of SPDK's.")
                        .returns(
                                "{version, tick_rate, ticks, reactors[], loops[], reactor_iostat[], bdevs[], iostat[], latency[],"
                                        + " controllers[], events[{time, level, component, text}]}",
                                "What framework_get_reactors, framework_get_loops, bdev_get_reactor_iostat, bdev_get_bdevs,"
                                        + " bdev_get_iostat, bdev_get_latency and vhost_get_controllers return, and the last"
                                        + " messages of the log, the newest first.")
                        .build(),
                params -> status(registry));
    }

    private JsonNode status(MethodRegistry registry) {
        ObjectNode result = Json.object();
        result.put("version", Version.current().text());
        JsonNode iostat = registry.call("bdev_get_iostat", null);
        result.set("tick_rate", iostat.path("tick_rate"));
        result.set("ticks", iostat.path("ticks"));
        result.set("reactors", registry.call("framework_get_reactors", null).path("reactors"));
        result.set("loops", registry.call("framework_get_loops", null).path("reactors"));
        result.set(
                "reactor_iostat", registry.call("bdev_get_reactor_iostat", null).path("reactors"));
        result.set("bdevs", registry.call("bdev_get_bdevs", null));
        result.set("iostat", iostat.path("bdevs"));
        result.set("latency", registry.call("bdev_get_latency", null));
        result.set("controllers", registry.call("vhost_get_controllers", null));
        ArrayNode events = result.putArray("events");
        for (LogLine line : logging.recent().reversed()) {
            ObjectNode event = events.addObject();
            event.put("time", line.time().toString());
            event.put("level", line.level());
            event.put("component", line.component());
            event.put("text", line.text());
        }
        return result;
    }
}
