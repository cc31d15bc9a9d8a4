package dev.ringside.daemon.takeover;

import dev.ringside.vhost.ControllerState;
import dev.ringside.vhost.TargetState;
import dev.ringside.vhost.session.SessionState;
import dev.ringside.vhost.session.SessionState.Addresses;
import dev.ringside.vhost.session.SessionState.Area;
import dev.ringside.vhost.session.SessionState.Inflight;
import dev.ringside.vhost.session.SessionState.Log;
import dev.ringside.vhost.session.SessionState.Region;
import dev.ringside.vhost.session.SessionState.RingState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The state of controllers, their guests and their logical units as JSON, format {@link TransferChannel#FORMAT}. */
final class StateJson {
    private StateJson() {}

    /** Puts the state into the body of a frame. */
    static void write(ObjectNode body, TargetState target, Descriptors fds) {
        ArrayNode units = body.putArray("units");
        target.units().forEach(unit -> ScsiStateJson.write(units.addObject(), unit));
        ArrayNode controllers = body.putArray("controllers");
        for (ControllerState controller : target.controllers()) {
            ObjectNode node = controllers.addObject();
            node.put("name", controller.name());
            node.put("writeback", controller.writeback());
            node.put("next_id", controller.nextId());
            ArrayNode sessions = node.putArray("sessions");
            for (ControllerState.Connected one : controller.sessions()) {
                ObjectNode session = sessions.addObject();
                session.put("id", one.id());
                write(session, one.state(), fds);
                one.initiator().ifPresent(initiator -> ScsiStateJson.write(session.putObject("initiator"), initiator));
            }
        }
    }

    private static void write(ObjectNode node, SessionState state, Descriptors fds) {
        fds.put(node, "connection", state.connection());
        node.put("unread", state.unread());
        ArrayNode unread = node.putArray("unread_fds");
        state.unreadFds().forEach(fd -> unread.add(fds.add(fd)));
        node.put("features", state.features());
        node.put("protocol_features", state.protocolFeatures());
        node.put("status", state.status());
        fds.put(node, "backend", state.backend());
        ArrayNode memory = node.putArray("memory");
        for (Region region : state.memory()) {
            ObjectNode one = memory.addObject();
            one.put("guest_address", region.guestAddress());
            one.put("user_address", region.userAddress());
            write(one, region.area(), fds);
        }
        Inflight inflight = state.inflight();
        if (inflight != null) {
            ObjectNode one = node.putObject("inflight");
            one.put("queues", inflight.queues());
            one.put("queue_size", inflight.queueSize());
            write(one, inflight.area(), fds);
        }
        Log log = state.log();
        if (log != null) {
            ObjectNode one = node.putObject("log");
            one.put("wanted", log.wanted());
            write(one, log.area(), fds);
        }
        ArrayNode rings = node.putArray("rings");
        state.rings().forEach(ring -> write(rings.addObject(), ring, fds));
    }

    private static void write(ObjectNode node, Area area, Descriptors fds) {
        fds.put(node, "file", area.file());
        node.put("offset", area.offset());
        node.put("size", area.size());
    }

    private static void write(ObjectNode node, RingState ring, Descriptors fds) {
        node.put("index", ring.index());
        node.put("size", ring.size());
        node.put("base", ring.base());
        Addresses addresses = ring.addresses();
        if (addresses != null) {
            ObjectNode where = node.putObject("addresses");
            where.put("descriptors", addresses.descriptors());
            where.put("driver", addresses.driver());
            where.put("device", addresses.device());
            where.put("logged", addresses.logged());
            where.put("log", addresses.log());
        }
        node.put("kick_set", ring.kickSet());
        fds.put(node, "kick", ring.kick());
        fds.put(node, "call", ring.call());
        fds.put(node, "error", ring.error());
        node.put("enabled", ring.enabled());
        node.put("broken", ring.broken());
    }

    /**
     * Reads what {@link #write} has written; the descriptors stay the frame's.
     *
     * @throws TakeoverException if it is something else
     */
    static TargetState read(JsonNode body, Descriptors fds) throws TakeoverException {
        try {
            List<ControllerState> controllers = new ArrayList<>();
            for (JsonNode node : body.required("controllers").values()) {
                List<ControllerState.Connected> sessions = new ArrayList<>();
                for (JsonNode session : node.required("sessions").values()) {
                    sessions.add(new ControllerState.Connected(
                            number(session, "id"),
                            session(session, fds),
                            ScsiStateJson.initiator(session.get("initiator"))));
                }
                controllers.add(new ControllerState(
                        node.required("name").stringValue(),
                        flag(node, "writeback"),
                        number(node, "next_id"),
                        sessions));
            }
            return new TargetState(
                    controllers,
                    body.required("units").values().stream()
                            .map(ScsiStateJson::unit)
                            .toList());
        } catch (JacksonException | IllegalArgumentException e) {
            throw new TakeoverException("the state of the guests cannot be read: " + e.getMessage(), e);
        }
    }

    private static SessionState session(JsonNode node, Descriptors fds) {
        JsonNode inflight = node.get("inflight");
        JsonNode log = node.get("log");
        return new SessionState(
                fds.get(node, "connection"),
                node.required("unread").stringValue(),
                node.required("unread_fds").values().stream().map(fds::get).toList(),
                large(node, "features"),
                large(node, "protocol_features"),
                number(node, "status"),
                fds.find(node, "backend"),
                node.required("memory").values().stream()
                        .map(one -> new Region(large(one, "guest_address"), large(one, "user_address"), area(one, fds)))
                        .toList(),
                inflight == null
                        ? null
                        : new Inflight(area(inflight, fds), number(inflight, "queues"), number(inflight, "queue_size")),
                log == null ? null : new Log(area(log, fds), flag(log, "wanted")),
                node.required("rings").values().stream()
                        .map(ring -> ring(ring, fds))
                        .toList());
    }

    private static Area area(JsonNode node, Descriptors fds) {
        return new Area(fds.get(node, "file"), large(node, "offset"), large(node, "size"));
    }

    private static RingState ring(JsonNode node, Descriptors fds) {
        return new RingState(
                number(node, "index"),
                number(node, "size"),
                number(node, "base"),
                addresses(node.get("addresses")),
                flag(node, "kick_set"),
                fds.find(node, "kick"),
                fds.find(node, "call"),
                fds.find(node, "error"),
                flag(node, "enabled"),
                number(node, "broken"));
    }

    private static @Nullable Addresses addresses(@Nullable JsonNode node) {
        return node == null
                ? null
                : new Addresses(
                        large(node, "descriptors"),
                        large(node, "driver"),
                        large(node, "device"),
                        flag(node, "logged"),
                        large(node, "log"));
    }

    private static int number(JsonNode node, String name) {
        return node.required(name).intValue();
    }

    private static long large(JsonNode node, String name) {
        return node.required(name).longValue();
    }

    private static boolean flag(JsonNode node, String name) {
        return node.required(name).booleanValue();
    }
}
