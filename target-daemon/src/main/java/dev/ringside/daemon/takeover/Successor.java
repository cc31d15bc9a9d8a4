package dev.ringside.daemon.takeover;

import dev.ringside.daemon.config.ConfigEntry;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Version;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.vhost.ControllerState;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The side that takes over, through the steps of one hand-over. One thread; any may {@link #cancel}. */
public final class Successor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Successor.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Long enough for the optimising compiler to be done with what a guest's requests run through. */
    private static final Duration REHEARSAL = Duration.ofMillis(600);

    private static final String METHOD = "framework_takeover";

    private final TransferChannel channel;
    private final Surroundings surroundings;

    private Successor(TransferChannel channel, Surroundings surroundings) {
        this.channel = channel;
        this.surroundings = surroundings;
    }

    /**
     * Meets the process that is to be replaced.
     *
     * @param rpcSocket its control socket
     * @throws TakeoverException if nobody is there, or it cannot be replaced by this version
     */
    public static Successor meet(Path rpcSocket) throws TakeoverException {
        TransferChannel channel = new TransferChannel(connect(rpcSocket));
        try {
            ObjectNode hello = Json.object();
            hello.put("version", Version.current().text());
            channel.send(Step.HELLO, hello, List.of());
            try (Frame welcome = channel.receive(Step.WELCOME, PATIENCE)) {
                LOG.info(
                        "taking over from version {}",
                        welcome.body().path("version").asString("unknown"));
                return new Successor(channel, Surroundings.of(welcome.body(), rpcSocket));
            }
        } catch (TakeoverException e) {
            channel.close();
            throw e;
        }
    }

    private static UnixConnection connect(Path rpcSocket) throws TakeoverException {
        ObjectNode params = Json.object();
        params.put("format", TransferChannel.FORMAT);
        try (RpcClient client = RpcClient.connect(rpcSocket)) {
            return UnixConnection.connect(
                    Path.of(client.call(METHOD, params).required("socket").stringValue()));
        } catch (RpcException e) {
            throw new TakeoverException(METHOD + " is refused: " + e.getMessage(), e);
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            throw new TakeoverException(rpcSocket + " cannot be taken over: " + e.getMessage(), e);
        }
    }

    /** What the old process was started with. */
    public Surroundings surroundings() {
        return surroundings;
    }

    /**
     * Rehearses, and asks for the configuration, which the old process does not change from here on.
     *
     * @param disks get the contents of those that are to be made
     * @param target gets the sockets of the controllers that are to be made
     * @return the calls that make disks and controllers
     */
    public List<ConfigEntry> begin(Disks disks, VhostTarget target) throws TakeoverException {
        Rehearsal.run(REHEARSAL);
        channel.send(Step.BEGIN);
        try (Frame frame = channel.receive(Step.CONFIGURATION, PATIENCE)) {
            Descriptors fds = new Descriptors(frame.fds());
            for (JsonNode disk : frame.body().required("disks").values()) {
                disks.inherit(
                        disk.required("name").stringValue(), fds.get(disk, "fd").duplicate());
            }
            List<ControllerState.Listener> listeners = new ArrayList<>();
            for (JsonNode one : frame.body().required("listeners").values()) {
                listeners.add(new ControllerState.Listener(one.required("name").stringValue(), fds.get(one, "fd")));
            }
            target.inherit(listeners);
            return calls(frame.body().required("calls"));
        } catch (LinuxException | VhostException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (JacksonException | IllegalArgumentException e) {
            throw failed("the configuration cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<ConfigEntry> calls(JsonNode calls) {
        List<ConfigEntry> entries = new ArrayList<>();
        for (JsonNode call : calls.values()) {
            entries.add(new ConfigEntry(
                    call.required("subsystem").stringValue(),
                    entries.size() + 1,
                    call.required("method").stringValue(),
                    call.get("params"),
                    "hand-over"));
        }
        return entries;
    }

    /**
     * Takes the guests over, who wait while this runs, and serves them from its end on.
     *
     * @throws TakeoverException if it did not come to that; the old process goes on with them
     */
    public void take(VhostTarget target) throws TakeoverException {
        channel.send(Step.PREPARED);
        long restedAt;
        int guests = 0;
        try (Frame frame = channel.receive(Step.STATE, PATIENCE)) {
            List<ControllerState> states =
                    StateJson.read(frame.body().path("controllers"), new Descriptors(frame.fds()));
            restedAt = frame.body().path("rested_at").asLong(0);
            for (ControllerState state : states) {
                guests += state.sessions().size();
            }
            target.adopt(states);
            channel.send(Step.TAKEN);
        } catch (VhostException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        }
        target.startAdopted().join();
        LOG.info("{} guests are taken over; they waited {} ms", guests, (System.nanoTime() - restedAt) / 1_000_000);
    }

    /** Tells the old process that this one gives up. */
    public void fail(String reason) {
        channel.fail(reason);
    }

    /** Ends the hand-over, unless it has succeeded. */
    public void cancel() {
        channel.cancel();
    }

    private TakeoverException failed(String reason, Exception cause) {
        channel.fail(reason);
        return new TakeoverException(reason, cause);
    }

    @Override
    public void close() {
        channel.close();
    }
}
