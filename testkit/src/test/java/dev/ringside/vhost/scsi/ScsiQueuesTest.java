package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The queues of a SCSI controller: as many as there can be, and how they stop. */
class ScsiQueuesTest {
    private static final int MOST_REQUEST_QUEUES = ScsiLayout.MAX_QUEUES - ScsiLayout.FIRST_REQUEST_QUEUE;

    private ScsiRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.controller("one");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @EnumSource
    void allRequestQueuesAreUsedAtOnce(RingFormat format) throws Exception {
        rig.ram("ram");
        rig.add("one", 0, 0, "ram");
        BlkOptions options = BlkOptions.of(MOST_REQUEST_QUEUES, 16).with(format).withScratch(BLOCK);
        try (GuestRam ram = GuestRam.ofMiB(64);
                ScsiFrontend front = ScsiFrontend.connect(rig.rig.socket("one"), ram, options)) {
            assertThat(MOST_REQUEST_QUEUES).isEqualTo(254);
            ScsiDriverQueue first = front.requests(0);
            failed(first.execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), ScsiRig.UNIT_ATTENTION);
            List<Integer> writes = new ArrayList<>();
            for (int i = 0; i < MOST_REQUEST_QUEUES; i++) {
                byte[] cdb = Cdb.range(Operation.WRITE_10, i, 1, 0);
                writes.add(front.requests(i).submit(LUN, i, cdb, filled(i, 1), 0, Integer.MAX_VALUE));
            }
            for (int i = 0; i < MOST_REQUEST_QUEUES; i++) {
                good(front.requests(i).await(writes.get(i)));
            }
            for (int i = 0; i < MOST_REQUEST_QUEUES; i++) {
                int of = MOST_REQUEST_QUEUES - 1 - i;
                byte[] cdb = Cdb.range(Operation.READ_10, of, 1, 0);
                assertThat(good(front.requests(i).execute(LUN, cdb, new byte[0], BLOCK))
                                .data())
                        .isEqualTo(filled(of, 1));
            }
            assertThat(rig.rig.target().find("one").sessions().getFirst().maxQueues())
                    .isEqualTo(ScsiLayout.MAX_QUEUES);
        }
        assertThat(rig.rig.log().warnings()).isEmpty();
    }

    /** GET_VRING_BASE_SKIP_DRAIN: a command is not taken from a disk that has it, but ends before the answer. */
    @ParameterizedTest
    @EnumSource
    void aQueueThatMayBeStoppedInFlightEndsWhatItHas(RingFormat format) throws Exception {
        HeldDisk disk = new HeldDisk("held", Arena.ofAuto().allocate(64L * BLOCK), 100, 1);
        rig.register(disk);
        rig.add("one", 0, 0, "held");
        BlkOptions options = BlkOptions.of(1, 64).with(format).withTracking().withScratch(4096);
        long protocol = ProtocolFeature.GET_VRING_BASE_INFLIGHT | ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN;
        try (GuestRam ram = GuestRam.ofMiB(4);
                ScsiFrontend front = ScsiFrontend.connect(rig.rig.socket("one"), ram, options, protocol)) {
            assertThat(front.protocolFeatures() & protocol).as("offered").isEqualTo(protocol);
            ScsiDriverQueue queue = front.requests(0);
            failed(queue.execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0), ScsiRig.UNIT_ATTENTION);
            byte[] cdb = Cdb.range(Operation.WRITE_10, 1, 1, 0);
            int write = queue.submit(LUN, 1, cdb, filled(1, 1), 0, Integer.MAX_VALUE);
            Await.until("the disk has the command", () -> disk.seen().size() == 1);
            CompletableFuture<Integer> base = CompletableFuture.supplyAsync(() -> stop(front));
            rig.rig.reactor(0).execute(disk::holdNone);
            int stoppedAt = base.get(20, TimeUnit.SECONDS);
            assertThat(queue.hasEnded(write)).as("before the answer").isTrue();
            good(queue.await(write));
            assertThat(stoppedAt).isEqualTo(queue.ring().base());
            front.stop(ScsiLayout.CONTROL_QUEUE);
            front.stop(ScsiLayout.EVENT_QUEUE);
            front.start();
            good(queue.execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0));
            assertThat(disk.seen()).as("nothing was left to do").hasSize(1);
        }
    }

    private static int stop(ScsiFrontend front) {
        try {
            return front.messages().getVringBaseSkipDrain(ScsiLayout.FIRST_REQUEST_QUEUE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
