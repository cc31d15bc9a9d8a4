package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCKS;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_FIELD;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.OUT_OF_RANGE;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** COMPARE AND WRITE (SBC-4, 5.3), alone and against others on other reactors. */
class CompareAndWriteTest {
    private static final int MISCOMPARE = 0xe1d00;
    private static final int ROUNDS = 60;

    private ScsiRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        for (String name : List.of("one", "two")) {
            rig.controller(name);
            rig.add(name, 0, 0, "ram");
        }
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void writesIfTheBlocksAreAsTheyShouldBe() throws Exception {
        Guest guest = rig.guest("one");
        guest.write(10, filled(1, 4));
        ScsiResult done = good(guest.out(cdb(10, 4), both(filled(1, 4), filled(9, 4))));
        assertThat(done.residual()).isZero();
        assertThat(guest.blocks(10, 4)).isEqualTo(filled(9, 4));
        byte[] almost = both(filled(9, 4), filled(5, 4));
        almost[2 * BLOCK + 7] ^= 1;
        ScsiResult differs = failed(guest.out(cdb(10, 4), almost), MISCOMPARE);
        assertThat(differs.parsedSense().orElseThrow().information()).hasValue(2 * BLOCK + 7);
        assertThat(guest.blocks(10, 4)).isEqualTo(filled(9, 4));
        good(guest.out(cdb(10, 1), both(filled(9, 1), filled(1, 1))));
    }

    @Test
    void refusesWhatItCannotDo() throws Exception {
        Guest guest = rig.guest("one");
        good(guest.run(cdb(0, 0)));
        failed(guest.out(cdb(BLOCKS - 1, 2), both(filled(0, 2), filled(0, 2))), OUT_OF_RANGE);
        failed(guest.out(cdb(BLOCKS, 1), both(filled(0, 1), filled(0, 1))), OUT_OF_RANGE);
        failed(guest.out(cdb(-1, 1), both(filled(0, 1), filled(0, 1))), OUT_OF_RANGE);
        assertThat(guest.out(cdb(0, 2), filled(0, 3)).response()).isEqualTo(ScsiLayout.S_OVERRUN);
        failed(guest.out(cdb(0, 1), filled(0, 3)), INVALID_FIELD);
        failed(guest.out(cdb(0, 129), new byte[258 * BLOCK]), INVALID_FIELD);
    }

    @Test
    void nobodyLosesACount() throws Exception {
        List<CompletableFuture<Void>> counting = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            Guest guest = rig.guest(name);
            // Each queue of a guest is on a reactor of its own.
            for (int i = 0; i < 2; i++) {
                ScsiDriverQueue queue = guest.frontend().requests(i);
                counting.add(CompletableFuture.runAsync(() -> count(queue), task -> new Thread(task).start()));
            }
        }
        // Writes beside the range, and over all of it in another place, go on meanwhile.
        Guest writer = rig.guest("one");
        while (!counting.stream().allMatch(CompletableFuture::isDone)) {
            writer.write(1, filled(3, 64));
        }
        for (CompletableFuture<Void> each : counting) {
            each.get(60, TimeUnit.SECONDS);
        }
        assertThat(ByteBuffer.wrap(writer.blocks(0, 1)).getLong(0)).isEqualTo(4L * ROUNDS);
        assertThat(writer.blocks(1, 64)).isEqualTo(filled(3, 64));
    }

    @Test
    void plainWritesToTheRangeAreBeforeOrAfter() throws Exception {
        Guest guest = rig.guest("one");
        Guest other = rig.guest("two");
        guest.write(0, filled(1, 2));
        for (int round = 0; round < 200; round++) {
            byte[] first = filled(1, 2);
            int write = other.frontend()
                    .requests(1)
                    .submit(LUN, 1, Cdb.range(Operation.WRITE_10, 0, 2, 0), filled(50, 2), 0, Integer.MAX_VALUE);
            ScsiResult result = guest.out(cdb(0, 2), both(first, filled(90, 2)));
            good(other.frontend().requests(1).await(write));
            byte[] now = guest.blocks(0, 2);
            // The write came last, or the comparison saw it.
            assertThat(now).isEqualTo(filled(50, 2));
            assertThat(result.status()).isIn(ScsiStatus.GOOD, ScsiStatus.CHECK_CONDITION);
            guest.write(0, first);
        }
    }

    private static void count(ScsiDriverQueue queue) {
        for (int done = 0; done < ROUNDS; ) {
            byte[] now = queue.execute(LUN, Cdb.range(Operation.READ_10, 0, 1, 0), new byte[0], BLOCK)
                    .data();
            byte[] next = now.clone();
            ByteBuffer.wrap(next).putLong(0, ByteBuffer.wrap(now).getLong(0) + 1);
            ScsiResult result = queue.execute(LUN, cdb(0, 1), both(now, next), 0);
            if (result.status() == ScsiStatus.GOOD) {
                done++;
            } else {
                failed(result, MISCOMPARE);
            }
        }
    }

    private static byte[] cdb(long lba, int blocks) {
        byte[] cdb = Cdb.range(Operation.COMPARE_AND_WRITE, lba, 0, 0);
        cdb[13] = (byte) blocks;
        return cdb;
    }

    private static byte[] both(byte[] compare, byte[] write) {
        return ByteBuffer.allocate(compare.length + write.length)
                .put(compare)
                .put(write)
                .array();
    }
}
