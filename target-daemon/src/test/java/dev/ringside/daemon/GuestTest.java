package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What RPC clients see of a guest that uses its disk, and what the guest sees of them. */
class GuestTest {
    private static final int OK = 0;
    private static final int IO_ERROR = 1;

    private ServedGuest served;
    private RunningDaemon daemon;
    private BlkFrontend guest;

    @BeforeEach
    void connect() throws Exception {
        served = ServedGuest.with(options -> options, BlkOptions.of(2, 64));
        daemon = served.daemon();
        guest = served.front();
        daemon.call("bdev_malloc_create", "{'name': 'other', 'num_blocks': 2048, 'block_size': 512}");
    }

    @AfterEach
    void disconnect() throws IOException {
        served.close();
    }

    @Test
    void theWaysToItsDiskAreListed() throws IOException {
        JsonNode channels = daemon.call("thread_get_io_channels");
        assertThat(channels.propertyNames()).containsExactly("tick_rate", "threads");
        assertThat(channels.at("/threads/0").propertyNames()).containsExactly("name", "io_channels");
        assertThat(channels.at("/threads/0/name"))
                .isEqualTo(daemon.call("thread_get_stats").at("/threads/0/name"));
        assertThat(channels.at("/threads/0/io_channels")).isEqualTo(RunningDaemon.json("[{'name': 'ram', 'ref': 2}]"));
    }

    /** Monitors take no member that they do not know. */
    @Test
    void itsPollersHaveTheMembersThatMonitorsKnow() throws IOException {
        JsonNode thread = daemon.call("thread_get_pollers").at("/threads/0");
        assertThat(thread.path("active_pollers")).isNotEmpty();
        thread.path("active_pollers")
                .forEach(poller -> assertThat(poller.propertyNames())
                        .containsExactly("name", "id", "state", "run_count", "busy_count"));
        thread.path("timed_pollers")
                .forEach(poller -> assertThat(poller.propertyNames())
                        .containsExactly("name", "id", "state", "run_count", "busy_count", "period_ticks"));
    }

    @Test
    void whatAGuestDoesIsCounted() throws IOException {
        byte[] data = pattern(8192);
        assertThat(guest.sectors()).isEqualTo(2048);
        assertThat(guest.queue(0).write(8, data).status()).isEqualTo(OK);
        assertThat(guest.queue(1).read(8, data.length).data()).isEqualTo(data);
        assertThat(guest.queue(1).read(4096, 512).status()).isEqualTo(IO_ERROR);

        JsonNode stats = daemon.call("bdev_get_iostat", "{'name': 'ram', 'reset_mode': 'all'}")
                .at("/bdevs/0");
        assertThat(stats.path("num_write_ops").asInt()).isEqualTo(1);
        assertThat(stats.path("bytes_written").asInt()).isEqualTo(data.length);
        assertThat(stats.path("num_read_ops").asInt()).isEqualTo(1);
        assertThat(stats.path("bytes_read").asInt()).isEqualTo(data.length);
        assertThat(stats.path("max_read_latency_ticks").asLong())
                .isGreaterThanOrEqualTo(stats.path("min_read_latency_ticks").asLong());
        assertThat(daemon.call("bdev_get_iostat", "{'name': 'ram'}")
                        .at("/bdevs/0/num_write_ops")
                        .asInt())
                .isZero();
    }

    @Test
    void whatAThreadDoesIsCountedToo() throws IOException {
        assertThat(guest.queue(0).write(8, pattern(512)).status()).isEqualTo(OK);
        assertThat(guest.queue(1).write(8, pattern(1024)).status()).isEqualTo(OK);

        JsonNode stats = daemon.call("bdev_get_iostat", "{'name': 'ram', 'per_channel': true}");
        assertThat(stats.propertyNames()).containsExactly("tick_rate", "ticks", "name", "channels");
        assertThat(stats.path("channels").size()).isEqualTo(1);
        assertThat(stats.at("/channels/0/thread_id"))
                .isEqualTo(daemon.call("thread_get_stats").at("/threads/0/id"));
        assertThat(stats.at("/channels/0/bytes_written").asInt()).isEqualTo(1536);
    }

    @Test
    void whatAReactorDoesIsCountedOnce() throws IOException {
        daemon.call("bdev_passthru_create", "{'name': 'pass', 'base_bdev_name': 'other'}");
        daemon.call("vhost_controller_swap_bdev", "{'ctrlr': 'c', 'dev_name': 'pass'}");
        assertThat(guest.queue(0).write(8, pattern(512)).status()).isEqualTo(OK);
        assertThat(guest.queue(1).read(8, 1024).status()).isEqualTo(OK);

        JsonNode stats = daemon.call("bdev_get_reactor_iostat");
        assertThat(stats.propertyNames()).containsExactly("tick_rate", "ticks", "reactors");
        JsonNode reactor = stats.at("/reactors/0");
        JsonNode thread = daemon.call("thread_get_stats").at("/threads/0");
        assertThat(reactor.path("name")).isEqualTo(thread.path("name"));
        assertThat(reactor.path("thread_id")).isEqualTo(thread.path("id"));
        assertThat(reactor.path("bytes_written").asInt()).isEqualTo(512);
        assertThat(reactor.path("bytes_read").asInt()).isEqualTo(1024);
        assertThat(reactor.path("num_read_ops").asInt()).isEqualTo(1);
        daemon.call("bdev_reset_iostat");
        assertThat(readByReactor()).isZero();
        assertThat(guest.queue(1).read(8, 1024).status()).isEqualTo(OK);
        daemon.call("vhost_controller_swap_bdev", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        daemon.call("bdev_passthru_delete", "{'name': 'pass'}");
        assertThat(readByReactor()).as("of a disk that is gone").isEqualTo(1024);
        daemon.call("bdev_get_iostat", "{'name': 'ram', 'reset_mode': 'all'}");
        assertThat(readByReactor()).as("another disk was named").isEqualTo(1024);
        daemon.call("bdev_get_iostat", "{'reset_mode': 'all'}");
        assertThat(readByReactor()).isZero();
    }

    private int readByReactor() throws IOException {
        return daemon.call("bdev_get_reactor_iostat")
                .at("/reactors/0/bytes_read")
                .asInt();
    }

    @Test
    void failuresAreForgottenAlone() throws IOException {
        daemon.call("bdev_error_create", "{'base_name': 'other'}");
        daemon.call("vhost_controller_swap_bdev", "{'ctrlr': 'c', 'dev_name': 'EE_other'}");
        daemon.call(
                "bdev_error_inject_error",
                "{'name': 'EE_other', 'io_type': 'read', 'error_type': 'failure', 'num': 1}");
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(IO_ERROR);
        guest.queue(0).read(0, 512);
        String get = "{'name': 'EE_other', 'reset_mode': 'error'}";
        assertThat(daemon.call("bdev_get_iostat", get)
                        .at("/bdevs/0/io_error/failed")
                        .asInt())
                .isEqualTo(1);
        JsonNode after = daemon.call("bdev_get_iostat", get).at("/bdevs/0");
        assertThat(after.path("io_error").isEmpty()).isTrue();
        assertThat(after.path("num_read_ops").asInt()).isEqualTo(1);
        assertThat(daemon.call("bdev_reset_iostat", "{'name': 'EE_other', 'mode': 'maxmin'}")
                        .booleanValue())
                .isTrue();
        assertThat(daemon.call("bdev_get_iostat", get)
                        .at("/bdevs/0/num_read_ops")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void aGuestIsASessionWithPollers() throws IOException {
        JsonNode session = daemon.call("vhost_get_controllers").at("/0/sessions/0");
        assertThat(session.path("started").booleanValue()).isTrue();
        assertThat(session.path("inflight_task_cnt").asInt()).isZero();
        List<JsonNode> pollers = List.copyOf(daemon.call("thread_get_pollers")
                .at("/threads/0/active_pollers")
                .values());
        assertThat(pollers).isNotEmpty();
        assertThat(pollers.getFirst().propertyNames())
                .containsExactly("name", "id", "state", "run_count", "busy_count");
        assertThat(daemon.call("thread_get_stats")
                        .at("/threads/0/active_pollers_count")
                        .asInt())
                .isEqualTo(pollers.size());
    }

    @Test
    void aDiskThatIsDeletedFailsItsGuest() throws IOException {
        assertThat(daemon.call("bdev_malloc_delete", "{'name': 'ram'}").booleanValue())
                .isTrue();

        BlkDriverQueue queue = guest.queue(0);
        assertThat(queue.write(0, pattern(512)).status()).isEqualTo(IO_ERROR);
        assertThat(daemon.call("vhost_get_controllers").at("/0/sessions").size())
                .isEqualTo(1);
    }

    @Test
    void aStopDisconnectsGuestsAndLeavesNothing() throws Exception {
        guest.queue(0).write(0, pattern(512));

        daemon.daemon().close();

        assertThat(daemon.directory()).isEmptyDirectory();
    }

    private static byte[] pattern(int bytes) {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = (byte) (i * 31);
        }
        return data;
    }
}
