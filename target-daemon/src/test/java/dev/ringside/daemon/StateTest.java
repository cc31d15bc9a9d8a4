package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.Access;
import dev.ringside.daemon.target.StartException;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that keeps its configuration. */
class StateTest {
    @TempDir
    private Path dir;

    @Test
    void aRestoredDaemonIsTheSame() throws Exception {
        String before;
        try (RunningDaemon daemon = keeping(state())) {
            daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512}");
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'Malloc0'}");
            daemon.call("vhost_create_scsi_controller", "{'ctrlr': 's'}");
            daemon.call("vhost_scsi_controller_add_target", "{'ctrlr': 's', 'scsi_target_num': 3, 'bdev_name': 'n'}");
            daemon.call("bdev_malloc_resize", "{'name': 'Malloc0', 'new_size': 1}");
            before = saved(daemon);
        }
        try (RunningDaemon daemon = keeping(state())) {
            assertThat(saved(daemon)).isEqualTo(before);
            assertThat(state().resolve("config.json")).content().isEqualTo(before + "\n");
        }
    }

    @Test
    void everyChangeIsKeptBeforeItIsAnswered() throws Exception {
        Path file = state().resolve("config.json");
        try (RunningDaemon daemon = keeping(state())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state())))
                    .isEqualTo("rwx------");
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
            assertThat(file).content().contains("\"n\"");
            daemon.call("bdev_null_resize", "{'name': 'n', 'new_size': 2}");
            assertThat(file).content().contains("4096");
            daemon.call("bdev_null_delete", "{'name': 'n'}");
            assertThat(file).content().doesNotContain("\"n\"");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aChangeThatCannotBeKeptIsAnErrorAndIsKeptWithTheNextOne() throws Exception {
        Path inTheWay = state().resolve("config.json.new");
        try (RunningDaemon daemon = keeping(state())) {
            Files.createDirectory(inTheWay);
            assertThat(daemon.refusal("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}")
                            .code())
                    .isEqualTo(-5);
            Files.delete(inTheWay);
            daemon.call("bdev_null_create", "{'name': 'm', 'num_blocks': 2048, 'block_size': 512}");
            assertThat(state().resolve("config.json")).content().contains("\"n\"", "\"m\"");
        }
    }

    @Test
    void aStateThatCannotBeRestoredStopsTheStartAndStays() throws Exception {
        try (RunningDaemon daemon = keeping(state())) {
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("bdev_null_create", "{'name': 'm', 'num_blocks': 2048, 'block_size': 512}");
        }
        Path file = state().resolve("config.json");
        String spoilt = Files.readString(file).replaceFirst("(?s)(.*)2048", "$1\"many\"");
        Files.writeString(file, spoilt);

        assertThatThrownBy(() -> keeping(state()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(
                        "call 2, bdev_null_create of subsystem bdev failed: parameter 'num_blocks' must be");
        assertThat(file).content().isEqualTo(spoilt);
    }

    @Test
    void twoDaemonsDoNotShareAState() throws Exception {
        try (RunningDaemon daemon = keeping(state())) {
            assertThatThrownBy(() -> keeping(state()))
                    .hasMessage("another daemon keeps its configuration in " + state());
            assertThat(daemon.call("bdev_get_bdevs")).isEmpty();
        }
    }

    @Test
    void aSuccessorKeepsTheStateAndTheRules() throws Exception {
        Access rules = new Access(List.of(), Optional.empty(), Optional.empty(), 0660, List.of(dir));
        DaemonOptions.Takeover differences = new DaemonOptions.Takeover(Optional.empty(), Optional.empty());
        try (RunningDaemon old =
                RunningDaemon.with(options -> options.keeping(state()).guardedBy(rules))) {
            Path rpc = old.directory().resolve("rpc.sock");
            old.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
            try (Daemon next = new Daemon(DaemonOptions.takingOver(rpc, differences), new Logging())) {
                next.start();
                assertThat(old.daemon().awaitStop()).isEmpty();
                old.daemon().close();
                assertThat(next.options().extras().state()).contains(state().toAbsolutePath());
                assertThat(next.options().extras().access()).isEqualTo(rules);
                assertThat(state().resolve("config.json")).content().contains("\"n\"");
                try (RpcClient client = RpcClient.connect(rpc)) {
                    client.call(
                            "bdev_null_create",
                            RunningDaemon.json("{'name': 'm', 'num_blocks': 2048, 'block_size': 512}"));
                }
                assertThat(state().resolve("config.json")).content().contains("\"n\"", "\"m\"");
            }
        }
        try (RunningDaemon daemon = keeping(state())) {
            assertThat(daemon.call("bdev_get_bdevs")).hasSize(2);
        }
    }

    private Path state() {
        return dir.resolve("state");
    }

    private static RunningDaemon keeping(Path state) throws IOException, StartException {
        return RunningDaemon.with(options -> options.keeping(state));
    }

    private static String saved(RunningDaemon daemon) throws IOException {
        return Json.pretty(ConfigTransfer.save(daemon.client()::call));
    }
}
