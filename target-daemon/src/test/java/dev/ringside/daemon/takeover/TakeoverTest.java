package dev.ringside.daemon.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.Daemon;
import dev.ringside.daemon.DaemonOptions;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.StartException;
import dev.ringside.daemon.web.Listener;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/** One daemon takes over another one in the same process, or tries to. */
class TakeoverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private RunningDaemon old;
    private GuestRam ram;
    private BlkFrontend guest;

    @BeforeEach
    void connect() throws Exception {
        old = RunningDaemon.with(options -> options.serving(Listener.parse("127.0.0.1:0", false)));
        Path file = Files.write(old.directory().resolve("file"), new byte[1 << 20]);
        old.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 8192, 'block_size': 512}");
        old.call("bdev_aio_create", "{'name': 'file', 'filename': '" + file + "', 'block_size': 512}");
        old.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        old.call("vhost_create_blk_controller", "{'ctrlr': 'f', 'dev_name': 'file', 'readonly': true}");
        ram = GuestRam.ofMiB(16);
        BlkOptions options =
                BlkOptions.of(2, 64).withPackedRings().withTracking().withCalls();
        guest = BlkFrontend.connect(old.directory().resolve("c"), ram, options);
    }

    @AfterEach
    void disconnect() throws Exception {
        guest.close();
        Files.deleteIfExists(old.directory().resolve("file"));
        old.close();
        ram.close();
    }

    private Path rpc() {
        return old.directory().resolve("rpc.sock");
    }

    private Daemon successor() {
        DaemonOptions.Takeover differences = new DaemonOptions.Takeover(Optional.empty(), Optional.empty());
        return new Daemon(DaemonOptions.takingOver(rpc(), differences), new Logging());
    }

    @Test
    void disksSocketsAndGuestsGoOver() throws Exception {
        byte[] data = pattern(4096, 1);
        assertThat(guest.queue(0).write(8, data).status()).isZero();
        try (RpcClient before = RpcClient.connect(rpc());
                Daemon next = successor()) {
            next.start();
            assertThat(old.daemon().awaitStop()).isEmpty();
            assertThatThrownBy(() -> before.call("bdev_malloc_delete", RunningDaemon.json("{'name': 'ram'}")))
                    .isInstanceOf(RpcException.class)
                    .hasMessage("another process has taken over");
            old.daemon().close();
            assertThat(next.options().extras().metrics().map(Listener::address))
                    .isEqualTo(old.daemon().options().extras().metrics().map(Listener::address));
            assertThat(guest.queue(1).read(8, data.length).data()).isEqualTo(data);
            try (RpcClient client = RpcClient.connect(rpc())) {
                assertThat(client.call("vhost_get_controllers").size()).isEqualTo(2);
                assertThat(client.call("vhost_get_controllers")
                                .at("/0/sessions/0/name")
                                .stringValue())
                        .isEqualTo("cs0");
                assertThat(client.call("vhost_get_controllers")
                                .at("/1/backend_specific/block/readonly")
                                .booleanValue())
                        .isTrue();
            }
            try (GuestRam itsRam = GuestRam.ofMiB(4);
                    BlkFrontend other =
                            BlkFrontend.connect(old.directory().resolve("f"), itsRam, BlkOptions.of(1, 64))) {
                assertThat(other.queue(0).read(0, 512).status()).isZero();
            }
            try (Daemon third = successor()) {
                third.start();
                assertThat(next.awaitStop()).isEmpty();
                end(next);
                assertThat(guest.queue(0).read(8, data.length).data()).isEqualTo(data);
            }
        }
    }

    @Test
    void whatIsAllowedGoesOver() throws Exception {
        String faults = "{'name': 'ram', 'faults': [{'action': 'fail', 'io_types': ['read'], 'count': 3}]}";
        try (RunningDaemon lenient = RunningDaemon.with(DaemonOptions::allowingFaults)) {
            Path socket = lenient.directory().resolve("rpc.sock");
            DaemonOptions.Takeover differences = new DaemonOptions.Takeover(Optional.empty(), Optional.empty());
            DaemonOptions more = DaemonOptions.takingOver(socket, differences).allowingNoIommu();
            lenient.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 8, 'block_size': 512}");
            try (Daemon next = new Daemon(more, new Logging())) {
                next.start();
                lenient.daemon().close();
                assertThat(next.options().allowFaults()).isTrue();
                assertThat(next.options().allowNoIommu()).isTrue();
                try (RpcClient client = RpcClient.connect(socket)) {
                    client.call("fault_inject_bdev", RunningDaemon.json(faults));
                    assertThat(client.call("fault_get_injections")).hasSize(1);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true"})
    void noMoreIsAllowedThanWas(boolean faults, boolean noIommu) throws Exception {
        Surroundings told = new Surroundings(
                CpuSet.parse("0x1"),
                IdleMode.POLL,
                old.directory().toAbsolutePath(),
                rpc(),
                faults,
                noIommu,
                Surroundings.Extras.NONE);
        ObjectNode text = told.toJson();
        assertThat(Surroundings.of(text, rpc())).isEqualTo(told);
        // A version that did not tell.
        text.remove(List.of("allow_faults", "allow_unsafe_noiommu"));
        Surroundings silent = Surroundings.of(text, rpc());
        assertThat(silent.allowFaults() || silent.allowNoIommu()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"HELLO", "BEGIN", "PREPARED", "STATE"})
    void aProcessThatDiesHarmsNobody(Step last) throws Exception {
        byte[] data = pattern(4096, 2);
        for (int i = 0; i < 3; i++) {
            try (TransferChannel channel = follow(last)) {
                assertThat(channel).isNotNull();
            }
            assertThat(guest.queue(0).write(8L * i, data).status()).isZero();
            assertThat(guest.queue(1).read(8L * i, data.length).data()).isEqualTo(data);
            awaitIdle();
            old.call("bdev_null_create", "{'name': 'n" + i + "', 'num_blocks': 8, 'block_size': 512}");
        }
        try (Daemon next = successor()) {
            next.start();
            old.daemon().close();
            assertThat(guest.queue(0).read(0, data.length).data()).isEqualTo(data);
        }
    }

    /** The old process has given up waiting: what the new one says now must not count. */
    @Test
    void aCommitThatComesTooLateIsNone() throws Exception {
        try (TransferChannel channel = follow(Step.STATE)) {
            // Served again when the old process has lost its patience.
            assertThat(guest.queue(0).write(8, pattern(512, 3)).status()).isZero();
            awaitIdle();
            assertThatThrownBy(() -> channel.send(Step.TAKEN))
                    .isInstanceOf(TakeoverException.class)
                    .hasMessageStartingWith("the other process is gone");
        }
        assertThat(guest.queue(0).write(8, pattern(512, 4)).status()).isZero();
        assertThat(old.log()).contains("not taken over: the other process has not come to TAKEN within 5000 ms");
    }

    @Test
    void anUnknownFormatIsRefused() throws Exception {
        assertThat(old.refusal("framework_takeover", "{'format': 2}").getMessage())
                .contains("'format'");
        Path socket = Path.of(old.call("framework_takeover", "{'format': 1}")
                .required("socket")
                .stringValue());
        try (UnixConnection connection = UnixConnection.connect(socket);
                TransferChannel channel = new TransferChannel(connection);
                Arena arena = Arena.ofConfined()) {
            MemorySegment frame = arena.allocate(16, 8);
            frame.set(ValueLayout.JAVA_INT, 0, 0x4f545352);
            frame.set(ValueLayout.JAVA_INT, 4, 9);
            connection.send(frame, 0, 16, List.of());
            assertThatThrownBy(() -> channel.receive(Step.WELCOME, PATIENCE))
                    .hasMessage("the other process speaks format 9 of the hand-over, this one 1");
        }
    }

    @Test
    void aReasonToFailIsTold() throws Exception {
        old.call("bdev_null_create", "{'name': 'gone', 'num_blocks': 8, 'block_size': 512}");
        old.call("vhost_create_blk_controller", "{'ctrlr': 'orphan', 'dev_name': 'gone'}");
        old.call("bdev_null_delete", "{'name': 'gone'}");
        try (Daemon next = successor()) {
            assertThatThrownBy(next::start)
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("controller orphan has no disk any more");
        }
        assertThat(guest.queue(0).write(8, pattern(512, 4)).status()).isZero();
        // It tells the other one first.
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!old.log().contains("not taken over: controller orphan has no disk any more")) {
            assertThat(System.nanoTime() - end).as(old.log()).isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    void theRehearsalDoesWhatGuestsDo() throws Exception {
        assertThat(Rehearsal.play(Duration.ZERO)).isGreaterThanOrEqualTo(8 * 16);
    }

    @Test
    void nobodyToTakeOverIsAnError() throws Exception {
        Daemon next = new Daemon(
                DaemonOptions.takingOver(
                        Path.of("/nonexistent/rpc.sock"),
                        new DaemonOptions.Takeover(Optional.empty(), Optional.empty())),
                new Logging());
        assertThatThrownBy(next::start)
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("/nonexistent/rpc.sock cannot be taken over: ");
        next.close();
    }

    /** Plays the new process to a step, and no further. */
    private TransferChannel follow(Step last) throws IOException, TakeoverException {
        Path socket = Path.of(old.call("framework_takeover", "{'format': 1}")
                .required("socket")
                .stringValue());
        TransferChannel channel = new TransferChannel(UnixConnection.connect(socket));
        channel.send(Step.HELLO, Json.object(), List.of());
        if (last.compareTo(Step.BEGIN) >= 0) {
            channel.receive(Step.WELCOME, PATIENCE).close();
            channel.send(Step.BEGIN);
        }
        if (last.compareTo(Step.PREPARED) >= 0) {
            channel.receive(Step.CONFIGURATION, PATIENCE).close();
            channel.send(Step.PREPARED);
        }
        if (last.compareTo(Step.STATE) >= 0) {
            channel.receive(Step.STATE, PATIENCE).close();
        }
        return channel;
    }

    /** Waits until the old process is ready for another one. */
    private void awaitIdle() throws IOException {
        Path socket = old.directory().resolve("rpc.sock.takeover");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().equals("takeover"))
                || Files.exists(socket)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static void end(Daemon daemon) {
        daemon.close();
    }

    private static byte[] pattern(int bytes, int seed) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) seed);
        return data;
    }
}
