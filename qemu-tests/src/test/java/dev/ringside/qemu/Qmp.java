package dev.ringside.qemu;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** QEMU's monitor ("QEMU Machine Protocol"). For one thread at a time. */
final class Qmp implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final JsonSocket socket;
    private final Queue<JsonNode> events = new ArrayDeque<>();

    private Qmp(JsonSocket socket) {
        this.socket = socket;
    }

    static Qmp connect(Path path) {
        Qmp qmp = new Qmp(JsonSocket.connect("qmp", path, ANSWER));
        qmp.socket.receive(Deadline.in(ANSWER)); // the greeting
        qmp.execute("qmp_capabilities", Map.of());
        return qmp;
    }

    /** Runs a command and returns what it returns. Fails with QEMU's words when QEMU refuses. */
    JsonNode execute(String command, Map<String, ?> arguments) {
        ObjectNode request = JsonSocket.JSON.createObjectNode().put("execute", command);
        request.set("arguments", JsonSocket.JSON.valueToTree(arguments));
        socket.send(request);
        Deadline deadline = Deadline.in(ANSWER);
        while (true) {
            JsonNode answer = socket.receive(deadline);
            if (answer.has("event")) {
                events.add(answer);
            } else if (answer.has("error")) {
                throw new IllegalStateException(command + arguments + ": " + answer.get("error"));
            } else {
                return answer.get("return");
            }
        }
    }

    /** Waits for an event of this name, also one that came while a command was running. */
    JsonNode awaitEvent(String name, Duration timeout) {
        for (Iterator<JsonNode> past = events.iterator(); past.hasNext(); ) {
            JsonNode event = past.next();
            past.remove();
            if (event.get("event").asString().equals(name)) {
                return event;
            }
        }
        Deadline deadline = Deadline.in(timeout);
        while (true) {
            JsonNode event = socket.receive(deadline);
            if (event.path("event").asString("").equals(name)) {
                return event;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
