package dev.ringside.daemon.takeover;

import dev.ringside.vhost.scsi.InitiatorState;
import dev.ringside.vhost.scsi.InitiatorState.NexusState;
import dev.ringside.vhost.scsi.ScsiEvent;
import dev.ringside.vhost.scsi.unit.UnitState;
import dev.ringside.vhost.scsi.unit.UnitState.Held;
import dev.ringside.vhost.scsi.unit.UnitState.Registration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The state of logical units and SCSI initiators as JSON, as {@link StateJson} has them. */
final class ScsiStateJson {
    private ScsiStateJson() {}

    static void write(ObjectNode node, UnitState unit) {
        node.put("bdev", unit.bdev());
        node.put("write_cache", unit.writeCache());
        node.put("descriptor_sense", unit.descriptorSense());
        node.put("write_protect", unit.writeProtect());
        node.put("stopped", unit.stopped());
        ArrayNode registrations = node.putArray("registrations");
        for (Registration each : unit.registrations()) {
            ObjectNode one = registrations.addObject();
            one.put("key", each.key());
            one.put("initiator", each.initiator());
            one.put("port", each.port());
        }
        unit.held().ifPresent(held -> {
            ObjectNode one = node.putObject("held");
            one.put("type", held.type());
            one.put("initiator", held.initiator());
            one.put("port", held.port());
        });
        node.put("persists", unit.persists());
        node.put("generation", unit.generation());
    }

    static UnitState unit(JsonNode node) {
        return new UnitState(
                node.required("bdev").stringValue(),
                flag(node, "write_cache"),
                flag(node, "descriptor_sense"),
                flag(node, "write_protect"),
                flag(node, "stopped"),
                node.required("registrations").values().stream()
                        .map(each -> new Registration(
                                each.required("key").longValue(),
                                each.required("initiator").stringValue(),
                                each.required("port").stringValue()))
                        .toList(),
                Optional.ofNullable(node.get("held"))
                        .map(held -> new Held(
                                number(held, "type"),
                                held.required("initiator").stringValue(),
                                held.required("port").stringValue())),
                flag(node, "persists"),
                node.required("generation").longValue());
    }

    static void write(ObjectNode node, InitiatorState initiator) {
        node.put("index", initiator.index());
        ArrayNode nexuses = node.putArray("nexuses");
        for (NexusState nexus : initiator.nexuses()) {
            ObjectNode one = nexuses.addObject();
            one.put("target", nexus.target());
            one.put("lun", nexus.lun());
            ArrayNode attentions = one.putArray("attentions");
            nexus.attentions().forEach(attentions::add);
            one.put("reserves", nexus.reserves());
        }
        ArrayNode events = node.putArray("events");
        for (ScsiEvent event : initiator.events()) {
            ObjectNode one = events.addObject();
            one.put("event", event.event());
            one.put("address", event.address());
            one.put("reason", event.reason());
        }
        node.put("events_missed", initiator.eventsMissed());
    }

    static Optional<InitiatorState> initiator(@Nullable JsonNode node) {
        return Optional.ofNullable(node)
                .map(of -> new InitiatorState(
                        number(of, "index"),
                        of.required("nexuses").values().stream()
                                .map(ScsiStateJson::nexus)
                                .toList(),
                        of.required("events").values().stream()
                                .map(each -> new ScsiEvent(
                                        number(each, "event"),
                                        each.required("address").longValue(),
                                        number(each, "reason")))
                                .toList(),
                        flag(of, "events_missed")));
    }

    private static NexusState nexus(JsonNode node) {
        return new NexusState(
                number(node, "target"),
                number(node, "lun"),
                node.required("attentions").values().stream()
                        .map(JsonNode::intValue)
                        .toList(),
                flag(node, "reserves"));
    }

    private static int number(JsonNode node, String name) {
        return node.required(name).intValue();
    }

    private static boolean flag(JsonNode node, String name) {
        return node.required(name).booleanValue();
    }
}
