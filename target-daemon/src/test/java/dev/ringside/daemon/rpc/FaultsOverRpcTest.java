package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.DaemonOptions;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.CallWaiter;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What each parameter of a fault that is given over the control socket does to a guest. */
class FaultsOverRpcTest {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int OK = 0;
    private static final int IO_ERROR = 1;
    private static final int UNSUPPORTED = 2;
    private static final long NS_PER_US = 1_000;
    private static final long LUN = 0x0100_4000_0000_0000L;

    private RunningDaemon daemon;
    private GuestRam ram;
    private BlkFrontend guest;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.with(DaemonOptions::allowingFaults);
        ram = GuestRam.ofMiB(16);
        daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 2048, 'block_size': 512}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        guest = BlkFrontend.connect(
                daemon.directory().resolve("c"), ram, BlkOptions.of(2, 64).withCalls());
    }

    @AfterEach
    void stop() throws IOException {
        guest.close();
        ram.close();
        daemon.close();
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
        assertThat(hits()).isEqualTo(3);
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
        inject("fault_inject_bdev", "'name': 'ram', 'seed': " + seed, "{'action': 'fail', 'probability': 0.5}");
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            pattern.append(guest.queue(0).read(0, 512).status() == OK ? '.' : 'x');
        }
        daemon.call("fault_stop");
        return pattern.toString();
    }

    @ParameterizedTest
    @CsvSource({"io_error, 1", "no_space, 1", "no_device, 1", "not_supported, 2", "read_only, 1", "aborted, 1"})
    void statusSaysHowTheyFail(String status, int seen) throws IOException {
        bdev("{'action': 'fail', 'status': '" + status + "'}");
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(seen);
        assertThat(UNSUPPORTED).isNotEqualTo(IO_ERROR);
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
        inject(
                "fault_inject_bdev",
                "'name': 'ram', 'seed': 1",
                "{'action': 'delay', 'distribution': '" + distribution + "', 'latency_us': " + latencyUs
                        + ", 'max_latency_us': " + mostUs + "}");
        for (int i = 0; i < requests; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        }
        JsonNode stats = daemon.call("bdev_get_iostat", "{'name': 'ram'}").at("/bdevs/0");
        assertThat(hits()).isEqualTo(requests);
        assertThat(stats.path("min_read_latency_ticks").asLong()).isGreaterThanOrEqualTo(shortestUs * NS_PER_US);
        assertThat(stats.path("read_latency_ticks").asLong()).isGreaterThanOrEqualTo(sumUs * NS_PER_US);
    }

    @Test
    void whatSticksGoesOnWhenTheFaultIsStopped() throws IOException {
        bdev("{'action': 'stick', 'count': 1}");
        BlkDriverQueue queue = guest.queue(0);
        queue.submit(0, BlkLayout.T_IN, 0, 512);
        queue.kick();
        awaitHits(1);
        queue.submit(1, BlkLayout.T_IN, 0, 512);
        queue.kick();
        queue.await();
        assertThat(queue.reap()).as("the count is over").isEqualTo(1);
        assertThat(queue.reap()).isNegative();
        daemon.call("fault_stop");
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
        daemon.call("fault_stop");
        bdev("{'action': 'corrupt', 'io_types': ['write'], 'count': 1}");
        assertThat(queue.write(0, new byte[512]).status()).isEqualTo(OK);
        daemon.call("fault_stop");
        assertThat(queue.read(0, 512).data()[0]).as("what is preset").isEqualTo((byte) 255);
    }

    @Test
    void whatHasNoDataDoesNotUseUpTheCount() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        bdev("{'action': 'corrupt', 'count': 1}");
        assertThat(queue.flush().status()).isEqualTo(OK);
        assertThat(hits()).isZero();
        assertThat(queue.read(0, 512).data()[0]).isEqualTo((byte) 255);
        assertThat(hits()).isEqualTo(1);
        assertThat(queue.read(0, 512).data()).as("the count is over").containsOnly(0);
    }

    @Test
    void whatFindsNoRoomIsTriedAgain() throws IOException {
        bdev("{'action': 'nomem', 'count': 3}");
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        assertThat(hits()).isEqualTo(3);
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
        daemon.call("fault_stop");
        queue.await();
        assertThat(queue.reap()).isZero();
    }

    @Test
    void afterAndForSayWhen() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        bdev("{'action': 'fail', 'after_ms': 3600000}");
        assertThat(queue.read(0, 512).status()).as("in an hour").isEqualTo(OK);
        daemon.call("fault_stop");

        long called = System.nanoTime();
        // Long enough for nobody to sleep through it.
        bdev("{'action': 'fail', 'after_ms': 50, 'for_ms': 4000}");
        long end = called + DEADLINE_NS;
        while (queue.read(0, 512).status() == OK && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        assertThat(System.nanoTime() - called).isBetween(TimeUnit.MILLISECONDS.toNanos(50), DEADLINE_NS);
        while (queue.read(0, 512).status() != OK && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        assertThat(System.nanoTime() - called).isBetween(TimeUnit.MILLISECONDS.toNanos(4050), DEADLINE_NS);
    }

    @Test
    void completionsOfAVirtqueueAreLate() throws IOException {
        vring("{'action': 'late_completions', 'queue': 0, 'distribution': 'fixed', 'latency_us': 20000}");
        long start = System.nanoTime();
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000 * NS_PER_US);
        assertThat(hits()).isEqualTo(1);
    }

    @Test
    void distributionsSayHowLateCompletionsAre() throws IOException {
        // With this seed p99 has the fourth of them be late, and the times of 20 exponential ones are 18 ms together.
        requireLate("'distribution': 'fixed', 'latency_us': 3000", 4, 10_000);
        requireLate("'distribution': 'uniform', 'latency_us': 2000, 'max_latency_us': 4000", 6, 10_000);
        requireLate("'distribution': 'exponential', 'latency_us': 1000", 20, 14_000);
        requireLate("'distribution': 'p99', 'latency_us': 0, 'max_latency_us': 20000", 8, 16_000);
    }

    /** @param sumUs how late all together are, at least; less than it is, as a virtqueue's clock is as coarse as a turn */
    private void requireLate(String distribution, int requests, long sumUs) throws IOException {
        inject(
                "fault_inject_vring",
                "'ctrlr': 'c', 'seed': 16",
                "{'action': 'late_completions', 'queue': 0, " + distribution + "}");
        long start = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        }
        assertThat(System.nanoTime() - start).as(distribution).isGreaterThanOrEqualTo(sumUs * NS_PER_US);
        assertThat(hits()).isEqualTo(requests);
        daemon.call("fault_stop");
    }

    @Test
    void probabilityAndSeedSayWhichCompletionsAreLateAndAgain() throws IOException {
        String first = ringPattern(7);
        assertThat(first.chars().filter(c -> c == 'x').count()).isBetween(10L, 50L);
        assertThat(ringPattern(7)).isEqualTo(first);
        assertThat(ringPattern(8)).isNotEqualTo(first);
    }

    /** Which of 60 batches of completions are hit at a probability of a half. */
    private String ringPattern(long seed) throws IOException {
        inject(
                "fault_inject_vring",
                "'ctrlr': 'c', 'seed': " + seed,
                "{'action': 'late_completions', 'queue': 0, 'probability': 0.5, 'latency_us': 100}");
        StringBuilder pattern = new StringBuilder();
        long before = 0;
        for (int i = 0; i < 60; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
            long now = hits();
            pattern.append(now == before ? '.' : 'x');
            before = now;
        }
        daemon.call("fault_stop");
        return pattern.toString();
    }

    @Test
    void afterAndForSayWhenAVirtqueueSuffers() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        vring("{'action': 'stalled_queue', 'queue': 0, 'after_ms': 3600000}");
        assertThat(queue.read(0, 512).status()).isEqualTo(OK);
        assertThat(hits()).as("in an hour").isZero();
        daemon.call("fault_stop");

        long called = System.nanoTime();
        vring("{'action': 'late_completions', 'queue': 0, 'after_ms': 50}");
        while (hits() == 0 && System.nanoTime() - called < DEADLINE_NS) {
            assertThat(queue.read(0, 512).status()).isEqualTo(OK);
        }
        assertThat(System.nanoTime() - called).isBetween(TimeUnit.MILLISECONDS.toNanos(50), DEADLINE_NS);
        daemon.call("fault_stop");

        called = System.nanoTime();
        vring("{'action': 'withheld_completions', 'queue': 0, 'for_ms': 300}");
        assertThat(queue.read(0, 512).status()).isEqualTo(OK);
        assertThat(System.nanoTime() - called).isBetween(TimeUnit.MILLISECONDS.toNanos(300), DEADLINE_NS);
    }

    @Test
    void completionsOfAVirtqueueAreWithheld() throws IOException {
        vring("{'action': 'withheld_completions', 'queue': 0}");
        BlkDriverQueue queue = guest.queue(0);
        queue.submit(0, BlkLayout.T_IN, 0, 512);
        queue.kick();
        awaitHits(1);
        assertThat(guest.queue(1).read(0, 512).status()).as("the other one").isEqualTo(OK);
        assertThat(queue.reap()).isNegative();
        daemon.call("fault_stop");
        queue.await();
        assertThat(queue.reap()).isZero();
    }

    @Test
    void aVirtqueueStalls() throws IOException {
        vring("{'action': 'stalled_queue', 'queue': 1}");
        BlkDriverQueue queue = guest.queue(1);
        queue.submit(0, BlkLayout.T_OUT, 0, 512);
        queue.kick();
        awaitHits(1);
        assertThat(guest.queue(0).read(0, 512).status()).as("the other one").isEqualTo(OK);
        assertThat(daemon.call("bdev_get_iostat", "{'name': 'ram'}")
                        .at("/bdevs/0/num_write_ops")
                        .asInt())
                .isZero();
        daemon.call("fault_stop");
        queue.await();
        assertThat(queue.reap()).isZero();
    }

    @Test
    void aGuestIsCalledForNothing() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        try (CallWaiter calls = new CallWaiter(queue.callFd())) {
            vring("{'action': 'spurious_calls', 'queue': 0, 'latency_us': 1000}");
            for (int i = 0; i < 3; i++) {
                assertThat(calls.await(DEADLINE_NS)).isTrue();
                assertThat(queue.reap()).isNegative();
            }
        }
        assertThat(hits()).isGreaterThanOrEqualTo(3);
        assertThat(queue.read(0, 512).status()).isEqualTo(OK);
    }

    /** A SCSI controller's request queues are behind its control queue and its event queue. */
    @Test
    void virtqueuesOfAScsiControllerHaveThemToo() throws IOException {
        daemon.call("vhost_create_scsi_controller", "{'ctrlr': 's'}");
        daemon.call("vhost_scsi_controller_add_target", "{'ctrlr': 's', 'scsi_target_num': 0, 'bdev_name': 'ram'}");
        byte[] command = Cdb.of(Operation.TEST_UNIT_READY);
        try (GuestRam more = GuestRam.ofMiB(16);
                ScsiFrontend driver = ScsiFrontend.connect(
                        daemon.directory().resolve("s"),
                        more,
                        BlkOptions.of(2, 64).withScratch(4096));
                CallWaiter calls = new CallWaiter(driver.requests(0).callFd())) {
            ScsiDriverQueue queue = driver.requests(0);
            // The unit's attention is told by the first.
            queue.execute(LUN, command, new byte[0], 0);
            for (String action : List.of("withheld_completions", "stalled_queue")) {
                scsiVring("{'action': '" + action + "', 'queue': 2}");
                int id = queue.submit(LUN, 1, command, new byte[0], 0, Integer.MAX_VALUE);
                awaitHits(1);
                assertThat(driver.requests(1)
                                .execute(LUN, command, new byte[0], 0)
                                .status())
                        .as("the other one")
                        .isZero();
                assertThat(queue.hasEnded(id)).as(action).isFalse();
                daemon.call("fault_stop");
                assertThat(queue.await(id).status()).as(action).isZero();
            }
            scsiVring("{'action': 'late_completions', 'distribution': 'fixed', 'latency_us': 20000}");
            long start = System.nanoTime();
            assertThat(queue.execute(LUN, command, new byte[0], 0).status()).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000 * NS_PER_US);
            daemon.call("fault_stop");
            scsiVring("{'action': 'spurious_calls', 'queue': 2, 'latency_us': 1000}");
            for (int i = 0; i < 3; i++) {
                assertThat(calls.await(DEADLINE_NS)).isTrue();
            }
            assertThat(daemon.call("fault_get_injections").at("/0/ctrlr").asString())
                    .isEqualTo("s");
        }
    }

    private void scsiVring(String faults) throws IOException {
        inject("fault_inject_vring", "'ctrlr': 's'", faults);
    }

    private void bdev(String faults) throws IOException {
        inject("fault_inject_bdev", "'name': 'ram'", faults);
    }

    private void vring(String faults) throws IOException {
        inject("fault_inject_vring", "'ctrlr': 'c'", faults);
    }

    private void inject(String method, String params, String faults) throws IOException {
        daemon.call(method, "{" + params + ", 'faults': [" + faults + "]}");
    }

    /** How often the first fault has hit. */
    private long hits() throws IOException {
        return daemon.call("fault_get_injections").at("/0/faults/0/hits").asLong();
    }

    private void awaitHits(long wanted) throws IOException {
        long end = System.nanoTime() + DEADLINE_NS;
        while (hits() < wanted) {
            assertThat(System.nanoTime() - end).as("%d hits", wanted).isNegative();
        }
    }
}
