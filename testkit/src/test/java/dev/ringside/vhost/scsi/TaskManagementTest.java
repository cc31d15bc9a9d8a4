package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Task management functions with commands in flight, on a disk that ends them when it is told (virtio 1.2, 5.6.6.2). */
class TaskManagementTest {
    private ScsiRig rig;
    private HeldDisk disk;
    private Guest guest;
    private Guest other;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        MemorySegment content = Arena.ofAuto().allocate(1024L * BLOCK);
        disk = new HeldDisk("held", content, 100, 1, true);
        rig.register(disk);
        rig.controller("one");
        rig.controller("two");
        rig.add("one", 0, 0, "held");
        rig.add("two", 0, 0, "held");
        guest = rig.guest("one");
        other = rig.guest("two");
    }

    @AfterEach
    void stop() throws Exception {
        endHeld();
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {ScsiLayout.ABORT_TASK, ScsiLayout.LOGICAL_UNIT_RESET})
    void theDiskIsAskedToEndWhatIsAborted(int subtype) {
        int aborted = read(guest, 2, 2);
        int function = guest.frontend().control().function(subtype, LUN, 2);
        assertThat(guest.frontend().control().answer(function, 1)[0]).isEqualTo((byte) ScsiLayout.S_OK);
        assertThat(guest.queue().await(aborted).response())
                .isEqualTo(subtype == ScsiLayout.ABORT_TASK ? ScsiLayout.S_ABORTED : ScsiLayout.S_RESET);
    }

    /** What several requests of the disk carry out, one after the other. */
    static List<byte[]> commandsInSteps() {
        return List.of(
                Cdb.range(Operation.COMPARE_AND_WRITE, 2, 1, 0),
                Cdb.range(Operation.VERIFY_10, 2, 600, 0),
                Cdb.range(Operation.WRITE_SAME_10, 2, 600, 0),
                Cdb.range(Operation.READ_10, 2, 1, Cdb.FUA),
                Cdb.range(Operation.WRITE_AND_VERIFY_10, 2, 1, 0),
                Cdb.of(Operation.START_STOP_UNIT));
    }

    @ParameterizedTest
    @MethodSource("commandsInSteps")
    void theDiskIsAskedToEndWhatIsDoneInSteps(byte[] cdb) {
        int aborted = begin(2, cdb);
        assertThat(guest.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.queue().await(aborted).response()).isEqualTo(ScsiLayout.S_RESET);
        assertThat(disk.seen()).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("commandsInSteps")
    void noNextStepOfWhatIsAbortedIsBegun(byte[] cdb) {
        disk.ignoreAborts();
        int aborted = begin(2, cdb);
        int function = guest.frontend().control().function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0);
        begun();
        endHeld();
        assertThat(guest.frontend().control().answer(function, 1)[0]).isEqualTo((byte) ScsiLayout.S_OK);
        assertThat(guest.queue().await(aborted).response()).isEqualTo(ScsiLayout.S_RESET);
        assertThat(disk.seen()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"COMPARE_AND_WRITE", "WRITE_10", "WRITE_SAME_10"})
    void whatWaitsForACompareAndWriteIsAbortedWithIt(Operation operation) {
        int first = begin(1, Cdb.range(Operation.COMPARE_AND_WRITE, 2, 1, 0));
        int second = submit(2, Cdb.range(operation, 2, 1, 0));
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK, LUN, 2)).isEqualTo(ScsiLayout.S_FUNCTION_SUCCEEDED);
        assertThat(guest.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.queue().await(first).response()).isEqualTo(ScsiLayout.S_RESET);
        assertThat(guest.queue().await(second).response()).isEqualTo(ScsiLayout.S_RESET);
        assertThat(disk.seen()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"COMPARE_AND_WRITE", "WRITE_10", "WRITE_SAME_10"})
    void whatWaitsForAnothersCompareAndWriteIsAbortedAlone(Operation operation) {
        int holder = submit(other, 1, Cdb.range(Operation.COMPARE_AND_WRITE, 2, 1, 0));
        Await.until("the disk has the request", () -> disk.seen().size() == 1);
        abortedAlone(2, Cdb.range(operation, 2, 1, 0));
        endHeld();
        assertThat(other.queue().await(holder).response()).isEqualTo(ScsiLayout.S_OK);
    }

    /** The range is locked, and is to be granted as soon as the write has ended that was begun before. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCompareAndWriteThatWaitsForAWriteIsAbortedAlone(boolean own) {
        Guest writer = own ? guest : other;
        int write = submit(writer, 1, Cdb.range(Operation.WRITE_10, 2, 1, 0));
        Await.until("the disk has the request", () -> disk.seen().size() == 1);
        abortedAlone(2, Cdb.range(Operation.COMPARE_AND_WRITE, 2, 1, 0));
        int second = submit(writer, 3, Cdb.range(Operation.WRITE_10, 2, 1, 0));
        Await.until("the range is nobody's any more", () -> disk.seen().size() == 2);
        // The end of the writes grants this one its range, and not the one before.
        int next = submit(4, Cdb.range(Operation.COMPARE_AND_WRITE, 2, 1, 0));
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK, LUN, 4)).isEqualTo(ScsiLayout.S_FUNCTION_SUCCEEDED);
        assertThat(disk.seen()).hasSize(2);
        disk.holdNoMore();
        endHeld();
        good(writer.queue().await(write));
        good(writer.queue().await(second));
        good(guest.queue().await(next));
    }

    @Test
    void whatWaitsForOthersOfItsQueueIsAbortedAlone() {
        int first = begin(1, Cdb.range(Operation.COMPARE_AND_WRITE, 2, 1, 0));
        abortedAlone(2, Cdb.range(Operation.COMPARE_AND_WRITE, 8, 1, 0));
        endHeld();
        assertThat(guest.queue().await(first).response()).isEqualTo(ScsiLayout.S_OK);
    }

    @Test
    void whatWaitsForSweepsIsAbortedAlone() {
        int sweeps = 4;
        for (int n = 0; n < sweeps; n++) {
            submit(10 + n, Cdb.range(Operation.WRITE_SAME_10, 8L * n, 1, 0));
        }
        Await.until("the disk has their requests", () -> disk.seen().size() == sweeps);
        int kept = submit(20, Cdb.range(Operation.WRITE_SAME_10, 40, 1, 0));
        abortedAlone(2, Cdb.range(Operation.WRITE_SAME_10, 48, 1, 0));
        endHeld();
        Await.until("the disk has the one that was kept", () -> disk.seen().size() == sweeps + 1);
        endHeld();
        good(guest.queue().await(kept));
    }

    /** A request that waits for one that the disk has ends by ABORT TASK, and nothing of it gets to the disk. */
    private void abortedAlone(long id, byte[] cdb) {
        disk.ignoreAborts();
        int before = disk.seen().size();
        int waits = submit(id, cdb);
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK, LUN, id))
                .isEqualTo(ScsiLayout.S_FUNCTION_SUCCEEDED);
        assertThat(guest.frontend().function(ScsiLayout.ABORT_TASK, LUN, id)).isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.queue().await(waits).response()).isEqualTo(ScsiLayout.S_ABORTED);
        assertThat(disk.seen()).hasSize(before);
    }

    private int begin(long id, byte[] cdb) {
        int request = submit(id, cdb);
        Await.until("the disk has the request", () -> disk.seen().size() == 1);
        return request;
    }

    private int submit(long id, byte[] cdb) {
        return submit(guest, id, cdb);
    }

    private static int submit(Guest from, long id, byte[] cdb) {
        Operation operation = Operation.of(cdb);
        boolean reads = operation == Operation.READ_10 || operation == Operation.VERIFY_10;
        boolean writes = !reads && operation != Operation.START_STOP_UNIT;
        byte[] sent = new byte[operation == Operation.COMPARE_AND_WRITE ? 2 * BLOCK : writes ? BLOCK : 0];
        Arrays.fill(sent, (byte) 1);
        return from.queue().submit(LUN, id, cdb, sent, reads ? BLOCK : 0, 4096);
    }

    @Test
    void anAbortedTaskEndsAndSaysSo() {
        disk.ignoreAborts();
        int kept = read(guest, 1, 1);
        int aborted = read(guest, 2, 2);
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK, LUN, 2)).isEqualTo(ScsiLayout.S_FUNCTION_SUCCEEDED);
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK, LUN, 3)).isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK_SET, LUN, 0))
                .isEqualTo(ScsiLayout.S_FUNCTION_SUCCEEDED);
        int function = guest.frontend().control().function(ScsiLayout.ABORT_TASK, LUN, 2);
        assertThat(guest.frontend().function(ScsiLayout.ABORT_TASK, LUN, 99)).isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.frontend().control().hasEnded(function)).isFalse();
        endHeld();
        assertThat(guest.frontend().control().answer(function, 1)[0]).isEqualTo((byte) ScsiLayout.S_OK);
        assertThat(guest.queue().hasEnded(aborted)).isTrue();
        assertThat(guest.queue().await(aborted).response()).isEqualTo(ScsiLayout.S_ABORTED);
        good(guest.queue().await(kept));
        assertThat(guest.frontend().function(ScsiLayout.QUERY_TASK_SET, LUN, 0)).isEqualTo(ScsiLayout.S_OK);
    }

    @Test
    void aTaskSetIsTheInitiatorsOwn() {
        int mine = read(guest, 1, 1);
        int theirs = read(other, 1, 1);
        int function = guest.frontend().control().function(ScsiLayout.ABORT_TASK_SET, LUN, 0);
        begun();
        endHeld();
        guest.frontend().control().answer(function, 1);
        assertThat(guest.queue().await(mine).response()).isEqualTo(ScsiLayout.S_ABORTED);
        good(other.queue().await(theirs));
    }

    @Test
    void aTaskSetIsClearedForAll() {
        int mine = read(guest, 1, 1);
        int theirs = read(other, 1, 1);
        int function = guest.frontend().control().function(ScsiLayout.CLEAR_TASK_SET, LUN, 0);
        begun();
        endHeld();
        guest.frontend().control().answer(function, 1);
        assertThat(guest.queue().await(mine).response()).isEqualTo(ScsiLayout.S_ABORTED);
        assertThat(other.queue().await(theirs).response()).isEqualTo(ScsiLayout.S_ABORTED);
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
        failed(other.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62f00);
    }

    @Test
    void aResetEndsEverybodysTasksAndTellsEverybody() {
        int mine = read(guest, 1, 1);
        int theirs = read(other, 1, 1);
        int function = other.frontend().control().function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0);
        begun();
        endHeld();
        other.frontend().control().answer(function, 1);
        assertThat(guest.queue().await(mine).response()).isEqualTo(ScsiLayout.S_RESET);
        assertThat(other.queue().await(theirs).response()).isEqualTo(ScsiLayout.S_RESET);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62903);
        failed(other.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62903);
    }

    @Test
    void aNexusIsReset() {
        int mine = read(guest, 1, 1);
        int theirs = read(other, 1, 1);
        int function = guest.frontend().control().function(ScsiLayout.I_T_NEXUS_RESET, LUN, 0);
        begun();
        endHeld();
        guest.frontend().control().answer(function, 1);
        assertThat(guest.queue().await(mine).response()).isEqualTo(ScsiLayout.S_RESET);
        good(other.queue().await(theirs));
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62907);
        good(other.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    @Test
    void aLossOfTheNexusSaysLessThanAReset() {
        assertThat(guest.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.frontend().function(ScsiLayout.I_T_NEXUS_RESET, LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62903);
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
        assertThat(guest.frontend().function(ScsiLayout.I_T_NEXUS_RESET, LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        assertThat(guest.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62903);
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    @Test
    void soManyFunctionsAreDoneAtATime() throws Exception {
        disk.ignoreAborts();
        int aborted = read(guest, 1, 1);
        List<Integer> functions = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            functions.add(guest.frontend().control().function(ScsiLayout.ABORT_TASK_SET, LUN, 0));
        }
        Await.until("functions wait for the read", () -> inFlight() >= 1 + 16);
        other.frontend().function(ScsiLayout.QUERY_TASK, LUN, 0);
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
        assertThat(inFlight()).isEqualTo(1 + 16);
        endHeld();
        functions.forEach(each ->
                assertThat(guest.frontend().control().answer(each, 1)[0]).isEqualTo((byte) ScsiLayout.S_OK));
        assertThat(guest.queue().await(aborted).response()).isEqualTo(ScsiLayout.S_ABORTED);
    }

    /** Requests of all queues that were taken and have not ended. */
    private int inFlight() throws Exception {
        return rig.rig.target().find("one").sessions().get(0).inFlight();
    }

    @Test
    void whatThereIsNotIsRefused() {
        assertThat(guest.frontend().function(ScsiLayout.CLEAR_ACA, LUN, 0)).isEqualTo(ScsiLayout.S_FUNCTION_REJECTED);
        assertThat(guest.frontend().function(8, LUN, 0)).isEqualTo(ScsiLayout.S_FUNCTION_REJECTED);
        assertThat(guest.frontend().function(ScsiLayout.ABORT_TASK, VirtioLun.of(0, 1), 0))
                .isEqualTo(ScsiLayout.S_INCORRECT_LUN);
        assertThat(guest.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, VirtioLun.of(1, 0), 0))
                .isEqualTo(ScsiLayout.S_BAD_TARGET);
        byte[] unknown = new byte[24];
        unknown[0] = 9;
        assertThat(guest.frontend().control().control(unknown, 1)[0]).isEqualTo((byte) ScsiLayout.S_FAILURE);
    }

    @Test
    void thereAreNoNotifications() {
        byte[] query = new byte[ScsiLayout.AN_BYTES];
        ByteBuffer.wrap(query)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, ScsiLayout.T_AN_QUERY)
                .putInt(12, 0x7e);
        ByteBuffer.wrap(query).putLong(4, LUN);
        assertThat(guest.frontend().control().control(query, ScsiLayout.AN_RESPONSE_BYTES))
                .isEqualTo(new byte[] {0, 0, 0, 0, ScsiLayout.S_OK});
        query[0] = ScsiLayout.T_AN_SUBSCRIBE;
        query[5] = 1;
        assertThat(guest.frontend().control().control(query, ScsiLayout.AN_RESPONSE_BYTES))
                .isEqualTo(new byte[] {0, 0, 0, 0, ScsiLayout.S_BAD_TARGET});
    }

    @Test
    void removalWaitsForNobodyAndLosesNothing() throws Exception {
        int mine = read(guest, 1, 1);
        rig.rig.target().scsi("one").remove(0);
        assertThat(guest.run(Cdb.of(Operation.TEST_UNIT_READY)).response()).isEqualTo(ScsiLayout.S_BAD_TARGET);
        endHeld();
        good(guest.queue().await(mine));
    }

    /** Functions are begun in order, by whomever they were sent: one that is done shows that those before it have begun. */
    private void begun() {
        guest.frontend().function(ScsiLayout.QUERY_TASK, LUN, 0);
        other.frontend().function(ScsiLayout.QUERY_TASK, LUN, 0);
    }

    private int read(Guest from, long id, long lba) {
        int before = disk.seen().size();
        int request = from.queue().submit(LUN, id, Cdb.range(Operation.READ_10, lba, 1, 0), new byte[0], BLOCK, 4096);
        Await.until("the disk has the request", () -> disk.seen().size() > before);
        return request;
    }

    /** Ends what the disk holds, again and again until nothing comes any more. */
    private void endHeld() {
        for (int i = 0; i < 4; i++) {
            rig.rig
                    .reactor(i % 2)
                    .call(() -> {
                        disk.endHeld();
                        return true;
                    })
                    .join();
        }
    }
}
