package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.codec.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Configurations, by the words and options of SPDK's rpc.py. */
class SpdkConfigCommandsTest {
    private static final String BDEV = """
            {"subsystem": "bdev", "config": [
              {"method": "bdev_null_create", "params": {"name": "n", "num_blocks": 8, "block_size": 512}}]}
            """;

    /** The disks of SPDK's target as it saves them, with all of its defaults; what rebuilds RAID and iSCSI is none of ours. */
    private static final String SPDK = """
            {"subsystem": "bdev", "config": [
              {"method": "bdev_set_options", "params": {"bdev_io_pool_size": 65535, "bdev_io_cache_size": 256,
                "bdev_auto_examine": true, "iobuf_small_cache_size": 128, "iobuf_large_cache_size": 16}},
              {"method": "bdev_nvme_set_options", "params": {"action_on_timeout": "none", "timeout_us": 0,
                "timeout_admin_us": 0, "keep_alive_timeout_ms": 10000, "arbitration_burst": 0, "low_priority_weight": 0,
                "medium_priority_weight": 0, "high_priority_weight": 0, "nvme_adminq_poll_period_us": 10000,
                "nvme_ioq_poll_period_us": 0, "io_queue_requests": 0, "delay_cmd_submit": true,
                "transport_retry_count": 4, "bdev_retry_count": 3, "transport_ack_timeout": 0,
                "ctrlr_loss_timeout_sec": 0, "reconnect_delay_sec": 0, "fast_io_fail_timeout_sec": 0,
                "disable_auto_failback": false, "generate_uuids": false, "transport_tos": 0, "nvme_error_stat": false,
                "rdma_srq_size": 0, "io_path_stat": false, "allow_accel_sequence": false, "rdma_max_cq_size": 0,
                "rdma_cm_event_timeout_ms": 0, "dhchap_digests": ["sha256", "sha384", "sha512"],
                "dhchap_dhgroups": ["null", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"],
                "rdma_umr_per_io": false, "tcp_connect_timeout_ms": 0, "enable_flush": false}},
              {"method": "bdev_nvme_set_hotplug", "params": {"period_us": 100000, "enable": false}},
              {"method": "bdev_malloc_create", "params": {"name": "Malloc0", "num_blocks": 8192, "block_size": 512,
                "physical_block_size": 512, "uuid": "11111111-2222-3333-4444-555555555555", "optimal_io_boundary": 0,
                "md_size": 0, "dif_type": 0, "dif_is_head_of_md": false, "dif_pi_format": 0}},
              {"method": "bdev_wait_for_examine"}]}
            """;

    private final Terminal terminal = new Terminal();
    private final StringWriter out = terminal.out;
    private final StringWriter err = terminal.err;

    @TempDir
    private Path dir;

    @Test
    void whatIsSavedIsLoadedByAnother() throws Exception {
        Path file;
        String saved;
        try (RunningDaemon daemon = RunningDaemon.start()) {
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 8, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'n'}");
            assertThat(run(daemon, "save_config")).isZero();
            saved = out.toString();
            file = Files.writeString(dir.resolve("saved.json"), saved);
            assertThat(run("save-config", "-s", socket(daemon))).isZero();
            assertThat(out.toString()).isEqualTo(saved);
        }
        try (RunningDaemon daemon = RunningDaemon.waiting("")) {
            assertThat(run(daemon, "load_config", "-i", "-j", file.toString())).isZero();
            assertThat(run(daemon, "save_config", "-i", "2")).isZero();
            assertThat(out.toString()).isEqualTo(saved);
        }
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(runWith(saved, daemon, "load_config")).isZero();
            assertThat(daemon.call("vhost_get_controllers")).hasSize(1);
            assertThat(runWith(saved, daemon, "load_config")).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("standard input:").contains("failed: File exists");
        }
    }

    @Test
    void levelsAreIndentedAsIsWanted() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(run(daemon, "save_config", "-i", "-1")).isZero();
            assertThat(out.toString().lines()).hasSize(1);
            assertThat(run(daemon, "save_config", "--indent=4")).isZero();
            assertThat(out.toString()).startsWith("{\n    \"subsystems\"");
        }
    }

    @Test
    void someSubsystemsAreSavedWithThoseThatTheyDependOn() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(run(daemon, "save_config", "-s", "vhost_blk")).isZero();
            JsonNode saved = Json.parse(out.toString());
            assertThat(saved.path("subsystems").findValuesAsString("subsystem")).containsExactly("bdev", "vhost_blk");
            assertThat(run(daemon, "save_config", "-s", "bdev,nbd")).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("there is no subsystem nbd");
        }
    }

    @Test
    void aSubsystemIsSavedAndLoadedAlone() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(run(daemon, "load_subsystem_config", "-j", BDEV)).isZero();
            assertThat(run(daemon, "save_subsystem_config", "-n", "bdev")).isZero();
            JsonNode saved = Json.parse(out.toString());
            assertThat(saved.path("subsystem").asString()).isEqualTo("bdev");
            assertThat(saved.at("/config/0/params/name").asString()).isEqualTo("n");
            assertThat(run(daemon, "save_subsystem_config")).isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains("--name").contains("ringside rpc save_subsystem_config --help");
        }
    }

    @Test
    void whatSpdkHasSavedIsLoaded() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(run(daemon, "load_subsystem_config", "-j", SPDK))
                    .as(err.toString())
                    .isZero();
            assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}").at("/0"))
                    .isEqualTo(
                            RunningDaemon.json(
                                    "{'method': 'bdev_nvme_set_options', 'params': {'timeout_us': 30000000,"
                                            + " 'timeout_admin_us': 30000000, 'bdev_retry_count': 3, 'io_queue_requests': 256}}"));
            assertThat(daemon.call("bdev_get_bdevs").at("/0/name").asString()).isEqualTo("Malloc0");
            // Of the options and the disk there is no difference.
            Path file = Files.writeString(dir.resolve("spdk.json"), "{\"subsystems\": [" + SPDK + "]}");
            assertThat(run("load-config", "-s", socket(daemon), "--dry-run", file.toString()))
                    .isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString().lines().map(line -> line.split(" ", 3)[1]))
                    .containsExactly("bdev_set_options", "bdev_nvme_set_hotplug", "bdev_wait_for_examine");
        }
    }

    @Test
    void aSubsystemWithAnErrorLoadsNothing() throws Exception {
        String wrong = BDEV.replace("]}", ", {\"method\": \"bdev_null_create\", \"params\": {\"name\": 1}}]}");
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(runWith(wrong, daemon, "load_subsystem_config")).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("standard input:").contains("call 2, bdev_null_create");
            assertThat(daemon.call("bdev_get_bdevs")).isEmpty();
            assertThat(runWith("{}", daemon, "load_subsystem_config")).isEqualTo(ExitCode.USAGE);
            assertThat(run(daemon, "load_config", "-j", dir.resolve("none").toString()))
                    .isEqualTo(ExitCode.USAGE);
            assertThat(err.toString()).contains("there is no such file");
        }
    }

    @Test
    void aDaemonThatWaitsGoesOnWaitingForASubsystem() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.waiting("")) {
            assertThat(run(daemon, "load_subsystem_config", "-j", BDEV)).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("call 1, bdev_null_create").contains("present state");
            assertThat(
                            run(
                                    daemon,
                                    "load_subsystem_config",
                                    "-j",
                                    "{\"subsystem\": \"bdev\", \"config\": [{\"method\": \"bdev_set_options\", \"params\": {}}]}"))
                    .isZero();
            daemon.call("framework_start_init");
        }
    }

    @Test
    void whatIsAskedAndAnsweredIsToldToWhoWantsIt() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(run("rpc", "-v", "-s", socket(daemon), "save_subsystem_config", "-n", "bdev", "-i", "-1"))
                    .isZero();
            assertThat(out.toString()).isEqualTo("{\"subsystem\":\"bdev\",\"config\":[]}\n");
            assertThat(err.toString().lines())
                    .containsExactly(
                            "ringside: asked: framework_get_config {\"name\":\"bdev\"}", "ringside: answer: []");
            assertThat(run("rpc", "-v", "-s", socket(daemon), "save_config")).isZero();
            assertThat(err.toString().lines()).contains("ringside: asked: framework_get_subsystems");
            assertThat(run("rpc", "-v", "-s", socket(daemon), "load_subsystem_config", "-j", BDEV))
                    .isZero();
            assertThat(err.toString().lines())
                    .contains(
                            "ringside: asked: bdev_null_create {\"name\":\"n\",\"num_blocks\":8,\"block_size\":512}",
                            "ringside: answer: \"n\"");
        }
    }

    @Test
    void resultsAreJsonIfThatIsWanted() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(run("rpc", "--json", "-s", socket(daemon), "load_subsystem_config", "-j", BDEV))
                    .isZero();
            assertThat(out.toString()).isEqualTo("true\n");
            assertThat(run("rpc", "--json", "-s", socket(daemon), "save_config"))
                    .isZero();
            String saved = out.toString();
            assertThat(Json.parse(saved).path("subsystems")).isNotEmpty();
            assertThat(run(daemon, "save_config")).isZero();
            assertThat(out.toString()).isEqualTo(saved);
            daemon.call("bdev_null_delete", "{'name': 'n'}");
            assertThat(run(daemon, "load_config", "-j", saved)).isZero();
            assertThat(out.toString()).isEmpty();
        }
    }

    @Test
    void eachExplainsItself() {
        for (String name : SpdkConfigCommands.NAMES) {
            assertThat(run("rpc", name, "--help")).isZero();
            assertThat(out.toString()).contains("Usage: ringside rpc " + name);
        }
    }

    private static String socket(RunningDaemon daemon) {
        return daemon.directory().resolve("rpc.sock").toString();
    }

    private int runWith(String input, RunningDaemon daemon, String... words) throws IOException {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(daemon, words);
        } finally {
            System.setIn(before);
        }
    }

    private int run(RunningDaemon daemon, String... words) {
        String[] all = new String[words.length + 3];
        all[0] = "rpc";
        all[1] = "-s";
        all[2] = socket(daemon);
        System.arraycopy(words, 0, all, 3, words.length);
        return run(all);
    }

    private int run(String... args) {
        return terminal.run(args);
    }
}
