package dev.ringside.daemon.takeover;

import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Version;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.ServiceNotice;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.vhost.ControllerState;
import dev.ringside.vhost.TargetState;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The side that hands over, through the steps of one hand-over. One thread. */
final class Predecessor {
    private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);
    /** For what the other does while guests are served. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** For what is done while guests wait: coming to rest, and the other's adopting them. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Takeovers.Parts parts;
    private final TransferChannel channel;

    Predecessor(Takeovers.Parts parts, TransferChannel channel) {
        this.parts = parts;
        this.channel = channel;
    }

    /**
     * Hands over, and lets go.
     *
     * @throws TakeoverException if it did not come to that; everything is as it was
     */
    void run() throws TakeoverException {
        try {
            meet();
            parts.control().change(() -> {
                give();
                parts.control().end("another process has taken over");
                return true;
            });
        } catch (TakeoverException e) {
            channel.fail(e.getMessage());
            throw e;
        } catch (Exception e) {
            channel.fail("the old process failed: " + e);
            LOG.error("the hand-over failed", e);
            throw new TakeoverException(String.valueOf(e.getMessage()), e);
        }
        LOG.info("the guests are another process's now");
        nameToServiceManager();
        parts.release().run();
    }

    /** The end of this process is not that of its service, if the other one belongs to that, too. */
    private void nameToServiceManager() {
        try {
            int peer = channel.peer();
            if (service("self").equals(service(Integer.toString(peer)))) {
                ServiceNotice.tell("MAINPID=" + peer);
            }
        } catch (IOException e) {
            LOG.warn("the service manager could not be told which process serves now: {}", e.toString());
        }
    }

    /** What a service manager tells processes of a service by: their control group (cgroups(7)). */
    private static String service(String process) throws IOException {
        return Files.readString(Path.of("/proc", process, "cgroup"));
    }

    private void meet() throws TakeoverException {
        try (Frame hello = channel.receive(Step.HELLO, PATIENCE)) {
            LOG.info("it is version {}", hello.body().path("version").asString("unknown"));
        }
        ObjectNode welcome = parts.surroundings().get().toJson();
        welcome.put("version", Version.current().text());
        channel.send(Step.WELCOME, welcome, List.of());
        channel.receive(Step.BEGIN, PATIENCE).close();
        Rehearsal.run(Duration.ZERO);
    }

    private void give() throws TakeoverException {
        VhostTarget target = parts.controllers().target();
        if (parts.disks().list().stream().anyMatch(disk -> disk.kind() == DiskKind.NVME)) {
            throw new TakeoverException("an NVMe controller cannot be handed over: detach it first");
        }
        if (parts.disks().list().stream().anyMatch(disk -> disk.kind() == DiskKind.SCSI)) {
            throw new TakeoverException("a SCSI host cannot be handed over: detach it first");
        }
        for (VhostController controller : target.controllers()) {
            if (controller.device() instanceof BlkDevice device) {
                requireDisk(controller.name(), device);
            }
        }
        sendConfiguration(target);
        channel.receive(Step.PREPARED, PATIENCE).close();
        boolean taken = false;
        try {
            sendState(target);
            taken = awaitCommit();
        } finally {
            if (!taken) {
                target.goOn();
            }
        }
        target.leave();
    }

    private void requireDisk(String controller, BlkDevice device) throws TakeoverException {
        if (parts.disks().made(device.info().name()).isEmpty()) {
            throw new TakeoverException("controller " + controller
                    + " has no disk any more: give it one (vhost_controller_swap_bdev) or delete it");
        }
    }

    private void sendConfiguration(VhostTarget target) throws TakeoverException {
        Descriptors fds = new Descriptors();
        ObjectNode body = Json.object();
        body.set("calls", calls());
        ArrayNode disks = body.putArray("disks");
        for (Disk disk : parts.disks().list()) {
            Fd contents = contents(disk);
            if (contents != null) {
                fds.put(named(disks, disk.bdev().info().name()), "fd", contents);
            }
        }
        ArrayNode listeners = body.putArray("listeners");
        for (ControllerState.Listener one : target.listeners()) {
            fds.put(named(listeners, one.name()), "fd", one.socket());
        }
        ArrayNode ports = body.putArray("ports");
        target.portNumbers().forEach((name, number) -> named(ports, name).put("number", number));
        channel.send(Step.CONFIGURATION, body, fds.list());
    }

    private ArrayNode calls() throws TakeoverException {
        ArrayNode calls = Json.array();
        try {
            for (JsonNode subsystem :
                    parts.methods().call("framework_get_subsystems", null).values()) {
                ObjectNode params = Json.object();
                params.set("name", subsystem.path("subsystem"));
                for (JsonNode call :
                        parts.methods().call("framework_get_config", params).values()) {
                    ObjectNode one = calls.addObject();
                    one.setAll((ObjectNode) call);
                    one.set("subsystem", subsystem.path("subsystem"));
                }
            }
            return calls;
        } catch (RpcException e) {
            throw new TakeoverException("the configuration cannot be told: " + e.getMessage(), e);
        }
    }

    /** What holds a disk's contents, or its lock, and cannot be had twice. */
    private static @Nullable Fd contents(Disk disk) {
        return switch (disk.bdev()) {
            case MallocBdev ram -> ram.memory();
            case FileBdev file -> file.file();
            default -> null;
        };
    }

    private static ObjectNode named(ArrayNode array, String name) {
        ObjectNode node = array.addObject();
        node.put("name", name);
        return node;
    }

    private void sendState(VhostTarget target) throws TakeoverException {
        long restedAt = System.nanoTime();
        CompletableFuture<TargetState> rest = target.rest();
        try {
            TargetState state = rest.get(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            Descriptors fds = new Descriptors();
            ObjectNode body = Json.object();
            body.put("rested_at", restedAt);
            StateJson.write(body, state, fds);
            channel.send(Step.STATE, body, fds.list());
        } catch (TimeoutException e) {
            throw new TakeoverException(
                    "what guests have in flight has not ended within " + PAUSE.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new TakeoverException("a guest cannot come to rest: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TakeoverException("interrupted", e);
        }
    }

    /** Waits for the other's word that the guests are its own: what it has not said when its line is cut, it cannot say. */
    private boolean awaitCommit() throws TakeoverException {
        try {
            channel.receive(Step.TAKEN, PAUSE).close();
            return true;
        } catch (TakeoverException e) {
            channel.cancel();
            try {
                channel.receive(Step.TAKEN, PAUSE).close();
                return true;
            } catch (TakeoverException none) {
                throw e;
            }
        }
    }
}
