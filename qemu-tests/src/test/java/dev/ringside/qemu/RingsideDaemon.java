package dev.ringside.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The daemon under test, as an operator runs it: {@code scripts/ringside serve}. */
final class RingsideDaemon implements DiskServer {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final String cpumask;
    private final Process process;
    private final Path log;
    private final Path vhostFolder;
    private final Path rpcSocket;
    private int lastId;

    /** Starts a daemon with one reactor, on processor 0, and waits until it says that it is ready. */
    RingsideDaemon(TestBed bed) {
        this(bed, "0x1");
    }

    /** Starts a daemon with a reactor on each processor of the mask; its controllers use them all. */
    RingsideDaemon(TestBed bed, String processors, String... moreArguments) {
        this("ringside", bed, processors, moreArguments);
    }

    private RingsideDaemon(String name, TestBed bed, String processors, String... moreArguments) {
        cpumask = processors;
        vhostFolder = bed.socket(name);
        rpcSocket = bed.socket(name + ".rpc");
        log = bed.log(name + ".log");
        List<String> command = new ArrayList<>(List.of(Scripts.path("ringside").toString(), "serve", "-m", cpumask));
        command.addAll(List.of("-S", vhostFolder.toString(), "-r", rpcSocket.toString()));
        command.addAll(List.of(moreArguments));
        try {
            Files.createDirectories(vhostFolder);
        } catch (IOException e) {
            throw new IllegalStateException("cannot make " + vhostFolder, e);
        }
        process = bed.launch(log, command, Map.of(), true);
        awaitReady();
    }

    /** Starts a daemon that takes over another one, and waits until it has. */
    private RingsideDaemon(TestBed bed, RingsideDaemon old, String logName) {
        cpumask = old.cpumask;
        vhostFolder = old.vhostFolder;
        rpcSocket = old.rpcSocket;
        log = bed.log(logName);
        List<String> command =
                List.of(Scripts.path("ringside").toString(), "serve", "--takeover", rpcSocket.toString());
        process = bed.launch(log, command, Map.of(), true);
        awaitReady();
    }

    /** Starts another daemon in the place of this one, which ends. */
    RingsideDaemon replace(TestBed bed, String log) {
        RingsideDaemon next = new RingsideDaemon(bed, this, log);
        if (awaitExit(Duration.ofSeconds(20)) != 0) {
            throw new IllegalStateException("the daemon that was taken over ends with " + process.exitValue());
        }
        return next;
    }

    /** Starts a daemon beside others of the test, with a log and sockets of its own. */
    static RingsideDaemon named(String name, TestBed bed, String processors) {
        return new RingsideDaemon(name, bed, processors);
    }

    private void awaitReady() {
        awaitReady(process);
    }

    /** Waits until a daemon says that it is ready, and reads what it says from then on. */
    static void awaitReady(Process process) {
        CountDownLatch ready = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("ringside-output").start(() -> {
            try (BufferedReader lines = process.inputReader()) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("ringside: ready")) {
                        ready.countDown();
                    }
                }
            } catch (IOException e) {
                System.err.println("the daemon's output: " + e);
            }
        });
        try {
            if (!ready.await(START.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("the daemon is not ready after " + START.toSeconds() + " s"
                        + (process.isAlive() ? "" : "; it ended with exit status " + process.exitValue()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the daemon starts", e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** How many lines of the log contain a text. */
    long logged(String text) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path socketOf(String controller) {
        return vhostFolder.resolve(controller);
    }

    /** How many reads and writes a disk has been given. */
    long requests(String bdev) {
        JsonNode counts =
                rpc("bdev_get_iostat", Map.of("name", bdev)).get("bdevs").get(0);
        return counts.get("num_read_ops").asLong() + counts.get("num_write_ops").asLong();
    }

    /** Calls a method and returns its result. Fails with the error's code and message when the daemon refuses. */
    JsonNode rpc(String method, Map<String, ?> params) {
        JsonNode answer = call(method, params);
        if (!answer.has("result")) {
            throw new IllegalStateException(method + params + ": " + answer);
        }
        return answer.get("result");
    }

    /** Calls a method over a connection of its own and returns the whole answer. */
    JsonNode call(String method, Map<String, ?> params) {
        ObjectNode request = JsonSocket.JSON.createObjectNode();
        request.put("jsonrpc", "2.0").put("method", method).put("id", ++lastId);
        if (!params.isEmpty()) {
            request.set("params", JsonSocket.JSON.valueToTree(params));
        }
        try (JsonSocket socket = JsonSocket.connect("rpc", rpcSocket, ANSWER)) {
            socket.send(request);
            JsonNode answer = socket.receive(Deadline.in(ANSWER));
            if (answer.path("id").asInt(-1) != lastId) {
                throw new IllegalStateException(method + " is answered with a foreign id: " + answer);
            }
            return answer;
        } catch (IOException e) {
            throw new IllegalStateException(method, e);
        }
    }

    @Override
    public Path serveMemory(String name, long bytes) {
        rpc("bdev_malloc_create", Map.of("name", name, "num_blocks", bytes / 512, "block_size", 512));
        return serve(name, false);
    }

    @Override
    public Path serveFile(String name, Path file, boolean readOnly) {
        rpc("bdev_aio_create", Map.of("name", name, "filename", file.toString(), "block_size", 512, "fallocate", true));
        return serve(name, readOnly);
    }

    /** Serves a file that other daemons serve too, behind a controller vhost.NAME; its names as a SCSI disk are always the same. */
    void serveSharedFile(String name, Path file, boolean scsi) {
        String uuid =
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
        rpc(
                "bdev_aio_create",
                Map.of("name", name, "filename", file.toString(), "block_size", 512, "shared", true, "uuid", uuid));
        if (scsi) {
            String controller = "vhost." + name;
            rpc("vhost_create_scsi_controller", Map.of("ctrlr", controller, "cpumask", cpumask));
            rpc(
                    "vhost_scsi_controller_add_target",
                    Map.of("ctrlr", controller, "scsi_target_num", 0, "bdev_name", name));
        } else {
            serve(name, false);
        }
    }

    /** Makes a controller, vhost.BDEV, for a disk that there is; returns its socket. */
    Path serve(String bdev) {
        return serve(bdev, false);
    }

    private Path serve(String bdev, boolean readOnly) {
        String controller = "vhost." + bdev;
        rpc(
                "vhost_create_blk_controller",
                Map.of("ctrlr", controller, "dev_name", bdev, "cpumask", cpumask, "readonly", readOnly));
        return socketOf(controller);
    }

    @Override
    public String serialOf(String name) {
        return name;
    }

    @Override
    public int stop() {
        process.destroy();
        return awaitExit(Duration.ofSeconds(20));
    }

    /** Ends the daemon as a crash would. */
    void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(20));
    }

    /** Waits for the end of the process and returns its exit status. */
    int awaitExit(Duration timeout) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the daemon has not ended after " + timeout.toSeconds() + " s");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the daemon ends", e);
        }
    }
}
