package dev.ringside.daemon.cli;

import static dev.ringside.daemon.cli.DaemonProcesses.ready;
import static dev.ringside.daemon.cli.DaemonProcesses.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.env.linux.NotifySocket;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the machine sees of a daemon: its service manager, its network, other daemons, and what a kill leaves. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostViewTest {
    /** A socket among the open files of a process: /proc/PID/fd, proc(5). */
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    /** Local address and port. */
    private static final int ADDRESS = 1;
    /** The inode in a line of /proc/PID/net/tcp and its likes. */
    private static final int INODE = 9;

    private DaemonProcesses daemons;
    private Path dir;

    @BeforeEach
    void makeDirectory() throws IOException {
        daemons = new DaemonProcesses();
        dir = daemons.dir();
    }

    @AfterEach
    void killAndClear() throws Exception {
        daemons.killAndClear();
    }

    @Test
    void theServiceManagerIsToldWhenItCanBeReachedAndWhenItStops() throws Exception {
        Path socket = dir.resolve("notify");
        try (NotifySocket manager = NotifySocket.on(socket)) {
            Process daemon = daemons.start(errors(), all(), Map.of("NOTIFY_SOCKET", socket.toString()));
            assertThat(manager.next()).isEqualTo("READY=1");
            try (RpcClient client = connect()) {
                assertThat(client.call("spdk_get_version").isObject()).isTrue();
            }
            // SIGTERM, as a service manager does.
            daemon.destroy();
            assertThat(manager.next()).isEqualTo("STOPPING=1");
            assertThat(status(daemon)).isZero();
        }
    }

    @Test
    void theServiceManagerIsToldWhoServesFromNowOnAndNotThatAnythingStops() throws Exception {
        Path socket = dir.resolve("notify");
        try (NotifySocket manager = NotifySocket.on(socket)) {
            Map<String, String> environment = Map.of("NOTIFY_SOCKET", socket.toString());
            Process first = daemons.start(errors(), all(), environment);
            assertThat(manager.next()).isEqualTo("READY=1");
            List<String> taking =
                    List.of("serve", "--takeover", dir.resolve("rpc.sock").toString());
            Process second = daemons.start(errors(), taking, environment);
            assertThat(List.of(manager.next(), manager.next()))
                    .containsExactlyInAnyOrder("MAINPID=" + second.pid(), "READY=1");
            assertThat(status(first)).isZero();
            second.destroy();
            assertThat(manager.next()).isEqualTo("STOPPING=1");
            assertThat(status(second)).isZero();
        }
    }

    @Test
    void whatWasAnsweredBeforeAKillIsThereAfterIt() throws Exception {
        List<String> state = all("--state", dir.resolve("state").toString());
        Process killed = daemons.start(errors(), state, Map.of());
        ready(killed);
        String before;
        try (RpcClient client = connect()) {
            call(client, "bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512}");
            call(client, "bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
            call(client, "bdev_split_create", "{'base_bdev': 'n', 'split_count': 2}");
            call(client, "bdev_set_qos_limit", "{'name': 'np0', 'rw_ios_per_sec': 100}");
            call(client, "vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'np0'}");
            call(client, "vhost_create_scsi_controller", "{'ctrlr': 's'}");
            call(
                    client,
                    "vhost_scsi_controller_add_target",
                    "{'ctrlr': 's', 'scsi_target_num': 1, 'bdev_name': 'np1'}");
            before = Json.pretty(ConfigTransfer.save(client::call));
        }
        killed.destroyForcibly().waitFor();

        ready(daemons.start(errors(), state, Map.of()));
        try (RpcClient client = connect()) {
            assertThat(Json.pretty(ConfigTransfer.save(client::call))).isEqualTo(before);
            assertThat(dir.resolve("state/config.json")).content().isEqualTo(before + "\n");
        }
    }

    @Test
    void aKillBetweenChangesLosesNoneThatWasAnswered() throws Exception {
        List<String> state = all("--state", dir.resolve("state").toString());
        Process killed = daemons.start(errors(), state, Map.of());
        ready(killed);
        List<String> answered = new ArrayList<>();
        CountDownLatch some = new CountDownLatch(20);
        FutureTask<IOException> changes = new FutureTask<>(() -> {
            try (RpcClient client = connect()) {
                while (true) {
                    String name = "n" + answered.size();
                    call(client, "bdev_null_create", "{'name': '" + name + "', 'num_blocks': 2048, 'block_size': 512}");
                    answered.add(name);
                    some.countDown();
                }
            } catch (IOException e) {
                return e;
            }
        });
        Thread.ofPlatform().name("changes").start(changes);
        some.await();
        killed.destroyForcibly().waitFor();
        assertThat(changes.get(60, TimeUnit.SECONDS)).isNotNull();

        ready(daemons.start(errors(), state, Map.of()));
        try (RpcClient client = connect()) {
            List<String> restored = new ArrayList<>();
            client.call("bdev_get_bdevs")
                    .forEach(bdev -> restored.add(bdev.path("name").asString()));
            // One more may have been kept, but not answered yet.
            assertThat(restored)
                    .startsWith(answered.toArray(String[]::new))
                    .hasSizeBetween(answered.size(), answered.size() + 1);
        }
    }

    @Test
    void nothingListensOnTheNetworkUnlessAskedAndThenOnTheLoopback() throws Exception {
        Process quiet = daemons.start(errors(), all(), Map.of());
        ready(quiet);
        assertThat(networkSockets(quiet)).isEmpty();
        quiet.destroyForcibly().waitFor();

        Process asked = daemons.start(errors(), all("--metrics", "127.0.0.1:0"), Map.of());
        Matcher port = Pattern.compile("metrics=127\\.0\\.0\\.1:(\\d+)").matcher(ready(asked));
        assertThat(port.find()).isTrue();
        String hex = "%04X".formatted(Integer.parseInt(port.group(1)));
        // 127.0.0.1 as the kernel prints it, by itself or mapped into IPv6.
        assertThat(networkSockets(asked)).singleElement().asString().matches("(0{16}F{4}0{4})?0100007F:" + hex);
        asked.destroyForcibly().waitFor();

        Process refused = daemons.start(errors(), all("--metrics", "0.0.0.0:0"), Map.of());
        assertThat(status(refused)).isEqualTo(ExitCode.USAGE);
        assertThat(Files.readString(dir.resolve("stderr"))).contains("--metrics-anywhere");

        Process twice = daemons.start(errors(), all("--metrics", "0.0.0.0:0", "--metrics-anywhere"), Map.of());
        ready(twice);
        assertThat(networkSockets(twice)).hasSize(1);
    }

    @Test
    void aDaemonOfSpdkAndThisOneKeepOffEachOthersSockets() throws Exception {
        Path lock = Path.of(daemons.rpc() + ".lock");
        Process first = daemons.start(errors(), all(), Map.of());
        ready(first);
        // SPDK takes flock(2) on the same file.
        assertThat(flock(lock, "true").waitFor()).isEqualTo(1);
        first.destroyForcibly().waitFor();

        Process other = flock(lock, "cat");
        try {
            other.getOutputStream().write("held\n".getBytes(StandardCharsets.UTF_8));
            other.getOutputStream().flush();
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            assertThat(status(daemons.start(errors(), all(), Map.of()))).isEqualTo(ExitCode.FAILED);
            assertThat(Files.readString(dir.resolve("stderr")))
                    .contains("cannot start: another daemon serves " + daemons.rpc());
        } finally {
            other.getOutputStream().close();
            assertThat(other.waitFor()).isZero();
        }
        ready(daemons.start(errors(), all(), Map.of()));
    }

    private static Process flock(Path lock, String command) throws IOException {
        return new ProcessBuilder("flock", "--nonblock", lock.toString(), command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private RpcClient connect() throws IOException {
        return RpcClient.connect(Path.of(daemons.rpc()));
    }

    private static void call(RpcClient client, String method, String params) throws IOException {
        client.call(method, RunningDaemon.json(params));
    }

    private File errors() {
        return dir.resolve("stderr").toFile();
    }

    private List<String> all(String... more) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("serve", "-r", daemons.rpc(), "-S", dir.toString(), "-m", "[" + RunningDaemon.core() + "]"));
        words.addAll(List.of(more));
        return words;
    }

    /** What a descriptor is of; empty if it has been closed since it was listed. */
    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** The local addresses of a process's sockets that are no AF_UNIX ones, as the kernel prints them. */
    private static List<String> networkSockets(Process process) throws IOException {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        Set<String> open = new HashSet<>();
        try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
            for (Path file : files.toList()) {
                Matcher socket = SOCKET.matcher(target(file));
                if (socket.matches()) {
                    open.add(socket.group(1));
                }
            }
        }
        assertThat(open).as("the control socket").isNotEmpty();
        List<String> addresses = new ArrayList<>();
        for (String kind : List.of("tcp", "tcp6", "udp", "udp6", "raw", "raw6")) {
            Path table = proc.resolve("net").resolve(kind);
            // Where IPv6 is off there is no table of it.
            for (String line : Files.exists(table) ? Files.readAllLines(table) : List.<String>of()) {
                List<String> fields =
                        Pattern.compile(" +").splitAsStream(line.strip()).toList();
                if (fields.size() > INODE && open.contains(fields.get(INODE))) {
                    addresses.add(fields.get(ADDRESS));
                }
            }
        }
        return addresses;
    }
}
