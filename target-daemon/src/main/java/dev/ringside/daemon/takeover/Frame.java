package dev.ringside.daemon.takeover;

import dev.ringside.env.linux.Fd;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What one process says to the other in one piece; owns the descriptors that came with it. */
record Frame(Step step, JsonNode body, List<Fd> fds) implements AutoCloseable {
    @Override
    public void close() {
        fds.forEach(Fd::close);
    }
}
