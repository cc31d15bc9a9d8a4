package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.Access;
import dev.ringside.daemon.target.StartException;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
            makeOneOfEachKind(daemon);
            before = saved(daemon);
        }
        try (RunningDaemon daemon = keeping(state())) {
            assertThat(saved(daemon)).isEqualTo(before);
            assertThat(state().resolve("config.json")).content().isEqualTo(before + "\n");
        }
    }

    @Test
    void partsOfADiskStayWhereTheyAreWhateverItsSize() throws Exception {
        List<String> before;
        String config;
        try (RunningDaemon daemon = keeping(state())) {
            daemon.call("bdev_malloc_create", "{'name': 'grows', 'num_blocks': 6144, 'block_size': 512}");
            daemon.call("bdev_malloc_create", "{'name': 'shrinks', 'num_blocks': 6144, 'block_size': 512}");
            daemon.call("bdev_split_create", "{'base_bdev': 'grows', 'split_count': 4}");
            daemon.call("bdev_split_create", "{'base_bdev': 'shrinks', 'split_count': 3, 'split_size_mb': 1}");
            daemon.call("bdev_malloc_resize", "{'name': 'grows', 'new_size': 8}");
            daemon.call("bdev_malloc_resize", "{'name': 'shrinks', 'new_size': 2}");
            before = parts(daemon);
            config = saved(daemon);
        }
        assertThat(before).contains("growsp3: 1536 at 4608", "shrinksp1: 2048 at 2048", "shrinksp2: 0 at 4096");
        try (RunningDaemon daemon = keeping(state())) {
            assertThat(parts(daemon)).isEqualTo(before);
            assertThat(saved(daemon)).isEqualTo(config);
            daemon.call("bdev_malloc_resize", "{'name': 'shrinks', 'new_size': 3}");
            assertThat(parts(daemon)).contains("shrinksp2: 2048 at 4096");
        }
    }

    @Test
    void aGuestWhoseDiskWasSwappedKeepsItsSerialNumber() throws Exception {
        String config;
        try (RunningDaemon daemon = keeping(state())) {
            daemon.call("bdev_malloc_create", "{'name': 'first', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("bdev_malloc_create", "{'name': 'second', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'first'}");
            assertThat(saved(daemon)).doesNotContain("serial");
            daemon.call("vhost_controller_swap_bdev", "{'ctrlr': 'c', 'dev_name': 'second'}");
            assertThat(serial(daemon)).isEqualTo("first");
            config = saved(daemon);
        }
        try (RunningDaemon daemon = keeping(state())) {
            assertThat(serial(daemon)).isEqualTo("first");
            assertThat(saved(daemon)).isEqualTo(config);
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

    /** Rather than without some of its disks, which guests would miss one by one. */
    @Test
    void aDriveThatIsNotThereStopsTheStart() throws Exception {
        try (RunningDaemon daemon = keeping(state())) {
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
        }
        Path file = state().resolve("config.json");
        String withDrive = "{'subsystems': [{'subsystem': 'bdev', 'config': ["
                + "{'method': 'bdev_null_create', 'params': {'name': 'n', 'num_blocks': 2048, 'block_size': 512}},"
                + "{'method': 'bdev_nvme_attach_controller',"
                + " 'params': {'name': 'Nvme0', 'trtype': 'PCIe', 'traddr': 'ffff:1f:1f.7'}}]}]}";
        Files.writeString(file, withDrive.replace('\'', '"'));

        assertThatThrownBy(() -> keeping(state()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("call 2, bdev_nvme_attach_controller of subsystem bdev failed: ")
                .hasMessageEndingWith("there is no PCI device ffff:1f:1f.7");
        assertThat(file).content().isEqualTo(withDrive.replace('\'', '"'));
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

    /** What a guest of the controller c sees. */
    private static String serial(RunningDaemon daemon) throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(16);
                BlkFrontend guest = BlkFrontend.connect(daemon.directory().resolve("c"), ram, BlkOptions.of(1, 64))) {
            return new String(guest.queue(0).getId().data(), StandardCharsets.US_ASCII).replace("\0", "");
        }
    }

    private static List<String> parts(RunningDaemon daemon) throws IOException {
        return daemon.call("bdev_get_bdevs")
                .valueStream()
                .filter(bdev -> bdev.at("/driver_specific/split").isObject())
                .map(bdev -> bdev.path("name").asString() + ": "
                        + bdev.path("num_blocks").asLong() + " at "
                        + bdev.at("/driver_specific/split/offset_blocks").asLong())
                .toList();
    }

    /** Of what else is in a configuration. */
    private void makeOneOfEachKind(RunningDaemon daemon) throws IOException {
        Path image = Files.write(dir.resolve("image"), new byte[1 << 20]);
        daemon.call("bdev_nvme_set_options", "{'timeout_us': 5000000}");
        daemon.call("bdev_aio_create", "{'name': 'aio', 'filename': '" + image + "', 'shared': true}");
        daemon.call("bdev_uring_create", "{'name': 'uring', 'filename': '" + image + "', 'shared': true}");
        daemon.call("bdev_split_create", "{'base_bdev': 'aio', 'split_count': 2}");
        daemon.call("bdev_error_create", "{'base_name': 'aiop0'}");
        daemon.call("bdev_passthru_create", "{'base_bdev_name': 'EE_aiop0', 'name': 'pass'}");
        daemon.call(
                "bdev_delay_create",
                "{'base_bdev_name': 'pass', 'name': 'slow', 'avg_read_latency': 1, 'p99_read_latency': 2,"
                        + " 'avg_write_latency': 3, 'p99_write_latency': 4}");
        daemon.call(
                "bdev_delay_update_latency",
                "{'delay_bdev_name': 'slow', 'latency_type': 'p99_read', 'latency_us': 9}");
        daemon.call("bdev_set_qos_limit", "{'name': 'slow', 'rw_ios_per_sec': 100, 'rw_ios_burst': 200}");
        daemon.call("bdev_qos_group_create", "{'name': 'vm', 'w_mbytes_per_sec': 10}");
        daemon.call("bdev_qos_group_add_bdev", "{'name': 'vm', 'bdev_name': 'slow'}");
        daemon.call("bdev_enable_histogram", "{'name': 'slow', 'enable': true, 'slow_io_us': 1000}");
        daemon.call(
                "vhost_create_blk_controller", "{'ctrlr': 'd', 'dev_name': 'slow', 'serial': 'one', 'seg_max': 64}");
        daemon.call("vhost_controller_set_coalescing", "{'ctrlr': 'd', 'delay_base_us': 10, 'iops_threshold': 60000}");
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
