package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.MortalTarget;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * SCSI requests in flight outlive the target that had taken them, on all queues. Crashes at each store are {@code
 * InflightCrashTest}'s: the queues are the same.
 */
class ScsiRecoveryTest {
    private static final int LIVES = 8;
    private static final int BLOCKS = 2048;
    /** Below the 32 requests that a driver's queue has slots for. */
    private static final int MOST = 24;

    @ParameterizedTest
    @CsvSource({"SPLIT, 128", "PACKED, 128", "PACKED, 100"})
    void eachRequestIsAnsweredOnceByOneTargetAfterAnother(RingFormat format, int size) throws Exception {
        Random random = new Random(Seed.of("SCSI targets in turn, " + format));
        List<MortalTarget> targets = new ArrayList<>();
        BlkOptions options = BlkOptions.of(1, size).with(format).withTracking().withScratch(4096);
        try (GuestRam ram = GuestRam.ofMiB(4);
                Arena arena = Arena.ofShared()) {
            MemorySegment content = arena.allocate((long) BLOCKS * BLOCK);
            targets.add(MortalTarget.ofScsi(content, 50, random.nextLong()));
            try (ScsiFrontend front = ScsiFrontend.connect(targets.getLast().socket(), ram, options)) {
                Load load = new Load(front.requests(0));
                final int event = front.events().offerEvent();
                List<Integer> functions = new ArrayList<>();
                for (int life = 0; life < LIVES; life++) {
                    load.submit(1 + random.nextInt(12), random);
                    load.reap();
                    // Waits for a command that the disk may hold for ever, and is in flight as that is.
                    functions.add(front.control().function(ScsiLayout.ABORT_TASK, LUN, load.anyTag()));
                    load.submit(random.nextInt(8), random);
                    targets.getLast().kill();
                    // Nobody is there to see these.
                    load.submit(random.nextInt(4), random);
                    load.reap();
                    MortalTarget next = MortalTarget.ofScsi(content, life == LIVES - 1 ? 0 : 50, random.nextLong());
                    targets.add(next);
                    front.reconnect(next.socket());
                    List<Long> left = load.blocksOut();
                    Await.until("what was in flight is there again, or has ended", () -> {
                        load.reap();
                        return load.blocksOut().stream()
                                .filter(left::contains)
                                .allMatch(next.disk().seen()::contains);
                    });
                }
                Await.until("all is answered", () -> {
                    load.reap();
                    return load.out.isEmpty();
                });
                for (int function : functions) {
                    assertThat(front.control().answer(function, 1)[0]).isEqualTo((byte) ScsiLayout.S_OK);
                }
                assertThat(front.events().hasEnded(event)).isFalse();
                load.verify();
            }
            for (MortalTarget target : targets) {
                target.close();
            }
        }
    }

    /** Writes that a driver has out, one to a block, and what was written. */
    private static final class Load {
        final ScsiDriverQueue queue;
        /** By the number of the request. */
        final Map<Integer, Write> out = new HashMap<>();

        final Map<Integer, Integer> written = new HashMap<>();

        record Write(int block, int value) {}

        Load(ScsiDriverQueue queue) {
            this.queue = queue;
        }

        void submit(int count, Random random) {
            for (int i = 0; i < count && out.size() < MOST; i++) {
                int block = random.nextInt(BLOCKS);
                if (out.values().stream().noneMatch(write -> write.block == block)) {
                    submit(new Write(block, random.nextInt(256)));
                }
            }
        }

        private void submit(Write write) {
            byte[] cdb = Cdb.range(Operation.WRITE_10, write.block, 1, 0);
            out.put(queue.submit(LUN, write.block, cdb, filled(write.value, 1), 0, Integer.MAX_VALUE), write);
        }

        int anyTag() {
            return out.values().stream().findFirst().map(Write::block).orElse(0);
        }

        List<Long> blocksOut() {
            return out.values().stream().map(write -> (long) write.block).toList();
        }

        /** Takes what has ended; like Linux it repeats what met a unit attention, which a new target has, or was aborted. */
        void reap() {
            Map.copyOf(out).forEach((id, write) -> {
                if (queue.hasEnded(id)) {
                    out.remove(id);
                    ended(write, queue.await(id));
                }
            });
        }

        private void ended(Write write, ScsiResult result) {
            boolean repeats = result.response() == ScsiLayout.S_ABORTED
                    || (result.status() == ScsiStatus.CHECK_CONDITION && result.code() == ScsiRig.UNIT_ATTENTION);
            if (repeats) {
                submit(write);
            } else {
                good(result);
                written.put(write.block, write.value);
            }
        }

        void verify() {
            written.forEach((block, value) -> {
                byte[] cdb = Cdb.range(Operation.READ_10, block, 1, 0);
                assertThat(good(queue.execute(LUN, cdb, new byte[0], BLOCK)).data())
                        .isEqualTo(filled(value, 1));
            });
        }
    }
}
