package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

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

/** What each parameter of a virtqueue's fault that is given over the control socket does to a guest. */
class VringFaultsOverRpcTest {
    private static final int OK = 0;
    private static final long NS_PER_US = 1_000;
    private static final long LUN = 0x0100_4000_0000_0000L;

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
    void completionsOfAVirtqueueAreLate() throws IOException {
        vring("{'action': 'late_completions', 'queue': 0, 'distribution': 'fixed', 'latency_us': 20000}");
        long start = System.nanoTime();
        assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000 * NS_PER_US);
        assertThat(faults.hits()).isEqualTo(1);
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
        faults.inject(
                "fault_inject_vring",
                "'ctrlr': 'c', 'seed': 16",
                "{'action': 'late_completions', 'queue': 0, " + distribution + "}");
        long start = System.nanoTime();
        for (int i = 0; i < requests; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
        }
        assertThat(System.nanoTime() - start).as(distribution).isGreaterThanOrEqualTo(sumUs * NS_PER_US);
        assertThat(faults.hits()).isEqualTo(requests);
        faults.stop();
    }

    @Test
    void probabilityAndSeedSayWhichCompletionsAreLateAndAgain() throws IOException {
        String first = pattern(7);
        assertThat(first.chars().filter(c -> c == 'x').count()).isBetween(10L, 50L);
        assertThat(pattern(7)).isEqualTo(first);
        assertThat(pattern(8)).isNotEqualTo(first);
    }

    /** Which of 60 batches of completions are hit at a probability of a half. */
    private String pattern(long seed) throws IOException {
        faults.inject(
                "fault_inject_vring",
                "'ctrlr': 'c', 'seed': " + seed,
                "{'action': 'late_completions', 'queue': 0, 'probability': 0.5, 'latency_us': 100}");
        StringBuilder pattern = new StringBuilder();
        long before = 0;
        for (int i = 0; i < 60; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isEqualTo(OK);
            long now = faults.hits();
            pattern.append(now == before ? '.' : 'x');
            before = now;
        }
        faults.stop();
        return pattern.toString();
    }

    @Test
    void afterAndForSayWhenAVirtqueueSuffers() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        vring("{'action': 'stalled_queue', 'queue': 0, 'after_ms': 3600000}");
        assertThat(queue.read(0, 512).status()).isEqualTo(OK);
        assertThat(faults.hits()).as("in an hour").isZero();
        faults.stop();

        long called = System.nanoTime();
        vring("{'action': 'late_completions', 'queue': 0, 'after_ms': 50}");
        while (faults.hits() == 0 && System.nanoTime() - called < InjectedFaults.DEADLINE_NS) {
            assertThat(queue.read(0, 512).status()).isEqualTo(OK);
        }
        assertThat(System.nanoTime() - called).isBetween(TimeUnit.MILLISECONDS.toNanos(50), InjectedFaults.DEADLINE_NS);
        faults.stop();

        called = System.nanoTime();
        vring("{'action': 'withheld_completions', 'queue': 0, 'for_ms': 300}");
        assertThat(queue.read(0, 512).status()).isEqualTo(OK);
        assertThat(System.nanoTime() - called)
                .isBetween(TimeUnit.MILLISECONDS.toNanos(300), InjectedFaults.DEADLINE_NS);
    }

    @Test
    void completionsOfAVirtqueueAreWithheld() throws IOException {
        vring("{'action': 'withheld_completions', 'queue': 0}");
        BlkDriverQueue queue = guest.queue(0);
        queue.submit(0, BlkLayout.T_IN, 0, 512);
        queue.kick();
        faults.awaitHits(1);
        assertThat(guest.queue(1).read(0, 512).status()).as("the other one").isEqualTo(OK);
        assertThat(queue.reap()).isNegative();
        faults.stop();
        queue.await();
        assertThat(queue.reap()).isZero();
    }

    @Test
    void aVirtqueueStalls() throws IOException {
        vring("{'action': 'stalled_queue', 'queue': 1}");
        BlkDriverQueue queue = guest.queue(1);
        queue.submit(0, BlkLayout.T_OUT, 0, 512);
        queue.kick();
        faults.awaitHits(1);
        assertThat(guest.queue(0).read(0, 512).status()).as("the other one").isEqualTo(OK);
        assertThat(daemon.call("bdev_get_iostat", "{'name': 'ram'}")
                        .at("/bdevs/0/num_write_ops")
                        .asInt())
                .isZero();
        faults.stop();
        queue.await();
        assertThat(queue.reap()).isZero();
    }

    @Test
    void aGuestIsCalledForNothing() throws IOException {
        BlkDriverQueue queue = guest.queue(0);
        try (CallWaiter calls = new CallWaiter(queue.callFd())) {
            vring("{'action': 'spurious_calls', 'queue': 0, 'latency_us': 1000}");
            for (int i = 0; i < 3; i++) {
                assertThat(calls.await(InjectedFaults.DEADLINE_NS)).isTrue();
                assertThat(queue.reap()).isNegative();
            }
        }
        assertThat(faults.hits()).isGreaterThanOrEqualTo(3);
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
                faults.awaitHits(1);
                assertThat(driver.requests(1)
                                .execute(LUN, command, new byte[0], 0)
                                .status())
                        .as("the other one")
                        .isZero();
                assertThat(queue.hasEnded(id)).as(action).isFalse();
                faults.stop();
                assertThat(queue.await(id).status()).as(action).isZero();
            }
            scsiVring("{'action': 'late_completions', 'distribution': 'fixed', 'latency_us': 20000}");
            long start = System.nanoTime();
            assertThat(queue.execute(LUN, command, new byte[0], 0).status()).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000 * NS_PER_US);
            faults.stop();
            scsiVring("{'action': 'spurious_calls', 'queue': 2, 'latency_us': 1000}");
            for (int i = 0; i < 3; i++) {
                assertThat(calls.await(InjectedFaults.DEADLINE_NS)).isTrue();
            }
            assertThat(daemon.call("fault_get_injections").at("/0/ctrlr").asString())
                    .isEqualTo("s");
        }
    }

    private void scsiVring(String some) throws IOException {
        faults.inject("fault_inject_vring", "'ctrlr': 's'", some);
    }

    private void vring(String some) throws IOException {
        faults.inject("fault_inject_vring", "'ctrlr': 'c'", some);
    }
}
