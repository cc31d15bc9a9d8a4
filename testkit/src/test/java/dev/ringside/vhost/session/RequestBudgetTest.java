package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.ChainBudget;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** A guest with as many and as long queues as there can be, in a daemon that has no heap to spare for requests. */
class RequestBudgetTest {
    private static final int QUEUES = 256;
    private static final int SLOTS = 40;
    private static final long BUDGET = 0;

    @Test
    void everyQueueMakesProgress() throws Exception {
        ChainBudget budget = new ChainBudget(BUDGET);
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1, budget);
                Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(64)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(1 << 20), 100, 0);
            rig.disk(disk, false);
            BlkOptions options = BlkOptions.of(QUEUES, 1024)
                    .without(VirtioFeature.RING_INDIRECT_DESC)
                    .withScratch(4096)
                    .withSlots(SLOTS, 512);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                assertThat(budget.left()).isEqualTo(BUDGET);
                for (BlkDriverQueue queue : blk.queues()) {
                    for (int slot = 0; slot < SLOTS; slot++) {
                        assertThat(queue.submit(slot, BlkLayout.T_IN, slot, 512))
                                .isTrue();
                    }
                    queue.kick();
                }
                // What a queue has at least, and for none more.
                Await.until("each queue has taken some", () -> disk.seen().size() == QUEUES * 16);
                assertThat(budget.left()).isNegative();
                int[] ended = new int[QUEUES];
                Await.until("all have ended", () -> {
                    rig.reactor(0)
                            .call(() -> {
                                disk.endHeld();
                                return true;
                            })
                            .join();
                    return reap(blk, ended) == QUEUES * SLOTS;
                });
                assertThat(ended).containsOnly(SLOTS);
            }
            rig.awaitEndOfSessions("disk", 1);
            assertThat(budget.left()).isEqualTo(BUDGET);
            assertThat(rig.failures()).isEmpty();
            assertThat(rig.log().warnings()).isEmpty();
        }
    }

    private static int reap(BlkFrontend blk, int[] ended) {
        int sum = 0;
        for (int i = 0; i < ended.length; i++) {
            BlkDriverQueue queue = blk.queue(i);
            for (int slot = queue.reap(); slot >= 0; slot = queue.reap()) {
                assertThat(queue.status(slot)).isZero();
                ended[i]++;
            }
            sum += ended[i];
        }
        return sum;
    }
}
