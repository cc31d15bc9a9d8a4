package dev.ringside.daemon.cli;

import static dev.ringside.daemon.cli.DaemonProcesses.ready;
import static dev.ringside.daemon.cli.DaemonProcesses.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Daemons as processes of their own that take each other over, and are killed meanwhile. */
class TakeoverProcessTest {
    private static final String TAKEN_OVER = "1 guests are taken over";

    private DaemonProcesses daemons;
    private Path dir;
    private GuestRam ram;
    private Process first;
    private BlkFrontend guest;

    @BeforeEach
    void start() throws Exception {
        daemons = new DaemonProcesses();
        dir = daemons.dir();
        ram = GuestRam.ofMiB(16);
        first = serve("-r", rpc(), "-S", dir.toString(), "-m", "[" + RunningDaemon.core() + "]");
        ready(first);
        try (RpcClient client = RpcClient.connect(Path.of(rpc()))) {
            client.call(
                    "bdev_malloc_create", RunningDaemon.json("{'name': 'ram', 'num_blocks': 8192, 'block_size': 512}"));
            client.call("vhost_create_blk_controller", RunningDaemon.json("{'ctrlr': 'c', 'dev_name': 'ram'}"));
        }
        guest = BlkFrontend.connect(
                dir.resolve("c"), ram, BlkOptions.of(1, 64).withTracking().withCalls());
    }

    @AfterEach
    void killAndClear() throws Exception {
        guest.close();
        ram.close();
        daemons.killAndClear();
    }

    @Test
    void aGuestOutlivesItsDaemons() throws Exception {
        byte[] data = pattern(1);
        assertThat(guest.queue(0).write(8, data).status()).isZero();

        // What is killed or stopped before it has taken over changes nothing.
        endBeforeTheTakeover("taking over from version", ProcessHandle::destroyForcibly, data);
        endBeforeTheTakeover("bdev: ram is there", ProcessHandle::destroyForcibly, data);
        Process stopped = endBeforeTheTakeover("taking over from version", ProcessHandle::destroy, data);
        assertThat(status(stopped)).isZero();

        Process second = serve("--takeover", rpc());
        awaitLog(second, TAKEN_OVER);
        // Its end is nobody's concern any more.
        first.destroyForcibly();
        assertThat(ready(second)).contains(" rpc=" + rpc() + " vhost=" + dir);
        assertThat(guest.queue(0).read(8, data.length).data()).isEqualTo(data);

        Process third = serve("--takeover", rpc(), "--idle", "poll");
        assertThat(ready(third)).contains("idle=poll");
        assertThat(status(second)).isZero();
        assertThat(guest.queue(0).write(8, pattern(2)).status()).isZero();
        try (RpcClient client = RpcClient.connect(Path.of(rpc()))) {
            assertThat(client.call("vhost_get_controllers").at("/0/sessions").size())
                    .isEqualTo(1);
        }
        guest.close();
        third.destroy();
        assertThat(status(third)).isZero();
        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aMistakeIsSaidInOneLine() throws Exception {
        String elsewhere = dir.resolve("none.sock").toString();
        Process nobody = serve("--takeover", elsewhere);
        assertThat(status(nobody)).isEqualTo(ExitCode.FAILED);
        assertThat(nobody.errorReader().lines())
                .anyMatch(line -> line.startsWith("ringside: cannot start: " + elsewhere + " cannot be taken over: "));
        Process both = serve("--takeover", rpc(), "-r", "/tmp/other.sock");
        assertThat(both.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(both.errorReader().lines())
                .contains("ringside: --rpc-socket cannot be given with --takeover: it is the old daemon's");
    }

    /** Ends a successor that has just said something, and begins anew where that was too late. */
    private Process endBeforeTheTakeover(String moment, Consumer<ProcessHandle> end, byte[] data) throws Exception {
        Process successor = serve("--takeover", rpc());
        while (!endsAt(moment, end, successor)) {
            killAndClear();
            start();
            assertThat(guest.queue(0).write(8, data).status()).isZero();
            successor = serve("--takeover", rpc());
        }
        assertThat(first.isAlive()).isTrue();
        assertThat(guest.queue(0).read(8, data.length).data()).isEqualTo(data);
        return successor;
    }

    /** False if that was too late, and the guests were its own. */
    private static boolean endsAt(String moment, Consumer<ProcessHandle> end, Process successor) throws Exception {
        awaitLog(successor, moment);
        end.accept(successor.toHandle()); // which leaves its output to be read
        status(successor);
        return successor.errorReader(StandardCharsets.UTF_8).lines().noneMatch(line -> line.contains(TAKEN_OVER));
    }

    private String rpc() {
        return daemons.rpc();
    }

    private Process serve(String... args) throws IOException {
        return daemons.serve(null, List.of(args));
    }

    private static void awaitLog(Process daemon, String what) throws IOException {
        BufferedReader log = daemon.errorReader(StandardCharsets.UTF_8);
        String line;
        do {
            line = log.readLine();
            assertThat(line).as("the log ends before '%s'", what).isNotNull();
        } while (!line.contains(what));
    }

    private static byte[] pattern(int seed) {
        byte[] data = new byte[4096];
        Arrays.fill(data, (byte) seed);
        return data;
    }
}
