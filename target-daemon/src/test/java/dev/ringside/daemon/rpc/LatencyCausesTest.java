package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.DaemonOptions;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.ServedGuest;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Whatever holds requests up is what operators are told, of the disk and of the guest's queue. */
class LatencyCausesTest {
    private static final int REQUESTS = 5;
    private static final long HELD_US = 20_000;
    /** Of a neighbour, which keep a reactor busy for some milliseconds: copies of so many bytes. */
    private static final int COPIES = 32;

    private static final int COPY_BYTES = 1 << 20;

    /** What is measured. */
    private String disk = "ram";

    private ServedGuest served;
    private RunningDaemon daemon;
    private BlkFrontend guest;

    @BeforeEach
    void start() throws Exception {
        served = ServedGuest.with(DaemonOptions::allowingFaults, BlkOptions.of(1, 64));
        daemon = served.daemon();
        guest = served.front();
    }

    @AfterEach
    void stop() throws IOException {
        served.close();
    }

    @Test
    void aSlowDisk() throws IOException {
        daemon.call("bdev_malloc_create", "{'name': 'below', 'num_blocks': 2048, 'block_size': 512}");
        daemon.call(
                "bdev_delay_create",
                "{'name': 'slow', 'base_bdev_name': 'below', 'avg_read_latency': HELD, 'p99_read_latency': HELD,"
                                .replace("HELD", Long.toString(HELD_US))
                        + " 'avg_write_latency': 0, 'p99_write_latency': 0}");
        daemon.call("vhost_controller_swap_bdev", "{'ctrlr': 'c', 'dev_name': 'slow'}");
        disk = "slow";
        read();
        requireCause("device", "Mostly the disk took its time: ", HELD_US);
    }

    @Test
    void aLimit() throws IOException {
        daemon.call("bdev_set_qos_limit", "{'name': 'ram', 'rw_ios_per_sec': 50, 'rw_ios_burst': 1}");
        guest.queue(0).read(0, 512);
        read();
        requireCause("qos", "Mostly requests waited for their turn under a limit: ", HELD_US / 2);
    }

    @Test
    void aDiskWithoutRoom() throws IOException {
        enable();
        for (int i = 0; i < REQUESTS; i++) {
            daemon.call(
                    "fault_inject_bdev",
                    "{'name': 'ram', 'faults': [{'action': 'nomem', 'for_ms': " + 5 * HELD_US / 1000 + "}]}");
            assertThat(guest.queue(0).read(0, 512).status()).isZero();
        }
        requireCause("block_layer", "Mostly requests waited for room in the device: ", 1);
    }

    @Test
    void aGuestThatIsToldLate() throws IOException {
        daemon.call(
                "fault_inject_vring",
                "{'ctrlr': 'c', 'faults': [{'action': 'late_completions', 'distribution': 'fixed', 'latency_us': "
                        + HELD_US + "}]}");
        read();
        requireCause("completion", "Mostly telling the guest took its time: ", HELD_US);
    }

    /** The reactor is held up by what a neighbour has it do. */
    @Test
    void aLatePoller() throws Exception {
        daemon.call("bdev_malloc_create", "{'name': 'other', 'num_blocks': 65536, 'block_size': 512}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'n', 'dev_name': 'other'}");
        enable();
        try (GuestRam more = GuestRam.ofMiB(64);
                BlkFrontend neighbour = BlkFrontend.connect(
                        daemon.directory().resolve("n"),
                        more,
                        BlkOptions.of(1, 128).withSlots(COPIES, COPY_BYTES))) {
            BlkDriverQueue busy = neighbour.queue(0);
            for (int i = 0; i < REQUESTS; i++) {
                readBeside(busy);
            }
            requireCause("poll_delay", "Mostly the poller was late: ", 1);
            // The reactors are looked at once a second, and what came before may have been longer.
            long begun = System.nanoTime();
            while (!blamesTheRing()) {
                assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(60));
                readBeside(busy);
            }
        }
    }

    private void readBeside(BlkDriverQueue busy) throws IOException {
        for (int slot = 0; slot < COPIES; slot++) {
            assertThat(busy.submit(slot, BlkLayout.T_IN, 0, COPY_BYTES)).isTrue();
        }
        busy.kick();
        // The first copy is told before the others are made: from now on the reactor is at work.
        busy.await();
        assertThat(guest.queue(0).read(0, 512).status()).isZero();
        for (int ended = 0; ended < COPIES; ) {
            busy.await();
            ended += busy.reap() >= 0 ? 1 : 0;
        }
    }

    /** Whether the longest turn of the reactor's loop is told to be one in which a virtqueue's poller found work. */
    private boolean blamesTheRing() throws IOException {
        JsonNode worst = daemon.call("framework_get_loops", "{'reset': true}").at("/reactors/0/worst");
        for (JsonNode part : worst.path("ran")) {
            if (part.path("name").asString().equals("vhost_ring_0")) {
                assertThat(part.path("work").asInt()).isPositive();
                assertThat(worst.path("ns").asLong()).isPositive();
                return true;
            }
        }
        return false;
    }

    private void enable() throws IOException {
        daemon.call("bdev_enable_histogram", "{'name': '" + disk + "'}");
    }

    private void read() throws IOException {
        enable();
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isZero();
        }
    }

    /** @param leastUs how long it has taken at worst, at least */
    private void requireCause(String span, String sentence, long leastUs) throws IOException {
        JsonNode whole =
                daemon.call("bdev_get_latency", "{'name': '" + disk + "'}").path(0);
        JsonNode queue = daemon.call("vhost_get_latency", "{'ctrlr': 'c'}").at("/0/queues/0");
        for (JsonNode told : new JsonNode[] {whole, queue}) {
            assertThat(told.path("cause").asString()).as(told.toString()).isEqualTo(span);
            assertThat(told.path("sentence").asString()).startsWith(sentence);
            assertThat(told.at("/shares/" + span).asDouble()).isBetween(0.5, 1.0);
            assertThat(told.at("/spans/" + span + "/count").asInt()).isEqualTo(REQUESTS);
            assertThat(told.at("/spans/" + span + "/max").asLong())
                    .isGreaterThanOrEqualTo(TimeUnit.MICROSECONDS.toNanos(leastUs));
        }
    }
}
