package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.vhost.blk.BlkLayout;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What each parameter of a disk's fault that is given over the control socket does to a guest. */
class FaultsOverRpcTest {
    private static final int OK = 0;
    private static final int IO_ERROR = 1;
    private static final long NS_PER_US = 1_000;

    private RunningDaemon daemon;
    private BlkFrontend guest;
    private InjectedFaults faults;

    @BeforeEach
    void start() throws Exception {
        faults = InjectedFaults.start();
        daemon = faults.daemon();
        guest = faults.guest();
    }

    @AfterEach
    void stop() throws IOException {
        faults.close();
    }

    @Test
    void typesBlocksAndCountSayWhichRequestsFail() throws IOException {
        bdev("{'action': 'fail', 'io_types': ['read'], 'first_block': 8, 'last_block': 15, 'count': 3}");
        BlkDriverQueue queue = guest.queue(0);
        assertThat(queue.read(0, 8 * 512).status()).as("before").isEqualTo(OK);
        assertThat(queue.read(16, 512).status()).as("behind").isEqualTo(OK);
        assertThat(queue.write(8, new byte[512]).status()).as("another type").isEqualTo(OK);
        assertThat(queue.read(7, 1024).status()).as("its end is in").isEqualTo(IO_ERROR);
        assertThat(queue.read(8, 512).status()).isEqualTo(IO_ERROR);
        assertThat(queue.read(15, 1024).status()).as("its beginning is in").isEqualTo(IO_ERROR);
        assertThat(faults.hits()).isEqualTo(3);
        assertThat(queue.read(8, 512).status()).as("the count is over").isEqualTo(OK);
    }

    @Test
    void probabilityAndSeedSayWhichRequestsFailAndAgain() throws IOException {
        String first = pattern(7);
        assertThat(first.chars().filter(c -> c == 'x').count()).isBetween(40L, 160L);
        assertThat(pattern(7)).isEqualTo(first);
        assertThat(pattern(8)).isNotEqualTo(first);
    }

    /** Which of many reads fail at a probability of a half. */
    private String pattern(long seed) throws IOException {
        faults.inject("fault_inject_bdev", "'name': 'ram', 'seed': " + seed, "{'action': 'fail', 'probability': 0.5}");
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            pattern.append(guest.queue(0).read(0, 512).status() == OK ? '.' : 'x');
        }
        faults.stop();
        return pattern.toString();
    }

    @ParameterizedTest
    @CsvSource({"io_error, 1", "no_space, 1", "no_device, 1", "not_supported, 2", "read_only, 1", "aborted, 1"})
    void statusSaysHowTheyFail(String status, int seen) throws IOException {
        bdev("{'action': 'fail', 'status': '" + status + "'}");
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(seen);
    }

    @ParameterizedTest
    @CsvSource({
        // Distribution, latency, longest, requests; the shortest of all, and all together, at least.
        "fixed, 3000, 0, 4, 3000, 12000",
        "uniform, 2000, 4000, 8, 2000, 16000",
        "exponential, 1000, 0, 60, 0, 30000",
        "p99, 0, 20000, 200, 0, 20000"
    })
    void distributionsSayHowLongTheyAreHeld(
            String distribution, long latencyUs, long mostUs, int requests, long shortestUs, long sumUs)
            throws IOException {
        faults.inject(
                "fault_inject_bdev",
                "'name': 'ram', 'seed': 1",
                "{'action': 'delay', 'distribution': '" + distribution + "', 'latency_us': " + latencyUs
                        + ", 'max_latency_us': " + mostUs + "}");
        for (int i = 0; i < requests; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        }
        JsonNode stats = daemon.call("bdev_get_iostat", "{'name': 'ram'}").at("/bdevs/0");
        assertThat(faults.hits()).isEqualTo(requests);
        assertThat(stats.path("min_read_latency_ticks").asLong()).isGreaterThanOrEqualTo(shortestUs * NS_PER_US);
        assertThat(stats.path("read_latency_ticks").asLong()).isGreaterThanOrEqualTo(sumUs * NS_PER_US);
    }

    @Test
    void whatSticksGoesOnWhenTheFaultIsStopped() throws IOException {
        bdev("{'action': 'stick', 'count': 1}");
        BlkDriverQueue queue = guest.queue(0);
        queue.submit(0, BlkLayout.T_IN, 0, 512);
        queue.kick();
        faults.awaitHits(1);
        queue.submit(1, BlkLayout.T_IN, 0, 512);
        queue.kick();
        queue.await();
        assertThat(queue.reap()).as("the count is over").isEqualTo(1);
        assertThat(queue.reap()).isNegative();
        faults.stop();
        queue.await();
        assertThat(queue.reap()).isZero();
        assertThat(queue.status(0)).isEqualTo(OK);
    }

    @Test
    void aByteOfWhatIsReadOrWrittenIsAnother() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        bdev("{'action': 'corrupt', 'io_types': ['read'], 'corrupt_offset': 5, 'corrupt_value': 129}");
        byte[] data = queue.read(0, 512).data();
        assertThat(data[5]).isEqualTo((byte) 129);
        data[5] = 0;
        assertThat(data).containsOnly(0);
        faults.stop();
        bdev("{'action': 'corrupt', 'io_types': ['write'], 'count': 1}");
        assertThat(queue.write(0, new byte[512]).status()).isEqualTo(OK);
        faults.stop();
        assertThat(queue.read(0, 512).data()[0]).as("what is preset").isEqualTo((byte) 255);
    }

    @Test
    void whatHasNoDataDoesNotUseUpTheCount() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        bdev("{'action': 'corrupt', 'count': 1}");
        assertThat(queue.flush().status()).isEqualTo(OK);
        assertThat(faults.hits()).isZero();
        assertThat(queue.read(0, 512).data()[0]).isEqualTo((byte) 255);
        assertThat(faults.hits()).isEqualTo(1);
        assertThat(queue.read(0, 512).data()).as("the count is over").containsOnly(0);
    }

    @Test
    void whatFindsNoRoomIsTriedAgain() throws IOException {
        bdev("{'action': 'nomem', 'count': 3}");
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        assertThat(faults.hits()).isEqualTo(3);
    }

    @Test
    void queueDepthSaysBesideHowManyOthers() throws IOException {
        bdev("{'action': 'fail', 'io_types': ['write'], 'queue_depth': 1}, {'action': 'stick', 'io_types': ['read']}");
        BlkDriverQueue queue = guest.queue(0);
        assertThat(queue.write(0, new byte[512]).status()).as("alone").isEqualTo(OK);
        queue.submit(0, BlkLayout.T_IN, 0, 512);
        queue.submit(1, BlkLayout.T_OUT, 0, 512);
        queue.kick();
        queue.await();
        assertThat(queue.reap()).isEqualTo(1);
        assertThat(queue.status(1)).as("beside one").isEqualTo(IO_ERROR);
        faults.stop();
        queue.await();
        assertThat(queue.reap()).isZero();
    }

    @Test
    void afterAndForSayWhen() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        bdev("{'action': 'fail', 'after_ms': 3600000}");
        assertThat(queue.read(0, 512).status()).as("in an hour").isEqualTo(OK);
        faults.stop();

        long called = System.nanoTime();
        // Long enough for nobody to sleep through it.
        bdev("{'action': 'fail', 'after_ms': 50, 'for_ms': 4000}");
        long end = called + InjectedFaults.DEADLINE_NS;
        while (queue.read(0, 512).status() == OK && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        assertThat(System.nanoTime() - called).isBetween(TimeUnit.MILLISECONDS.toNanos(50), InjectedFaults.DEADLINE_NS);
        while (queue.read(0, 512).status() != OK && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        assertThat(System.nanoTime() - called)
                .isBetween(TimeUnit.MILLISECONDS.toNanos(4050), InjectedFaults.DEADLINE_NS);
    }

    private void bdev(String some) throws IOException {
        faults.inject("fault_inject_bdev", "'name': 'ram'", some);
    }
}
