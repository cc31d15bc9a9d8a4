package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ReservationCommands.REGISTRATIONS_PREEMPTED;
import static dev.ringside.vhost.scsi.ReservationCommands.RESERVATIONS_RELEASED;
import static dev.ringside.vhost.scsi.ReservationCommands.in;
import static dev.ringside.vhost.scsi.ReservationCommands.keys;
import static dev.ringside.vhost.scsi.ReservationCommands.out;
import static dev.ringside.vhost.scsi.ReservationCommands.register;
import static dev.ringside.vhost.scsi.ReservationCommands.reservation;
import static dev.ringside.vhost.scsi.ReservationCommands.write;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_PARAMETER;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.conflicts;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is told what when a reservation or a registration ends, among three guests (SPC-5, 5.14.11), and what is kept of it. */
class PreemptionTest {
    private static final long A = 0xaaaa;
    private static final long B = 0xbbbb;
    private static final long C = 0xcccc;
    private static final int INTERNAL_TARGET_FAILURE = 0x44400;
    private static final int THERE_ARE_OTHER_PORTS = 0x63f03;

    private ScsiRig rig;
    private HeldDisk disk;
    private Guest first;
    private Guest second;
    private Guest third;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        disk = new HeldDisk("shared", Arena.ofAuto().allocate(64L * BLOCK), 100, 1);
        rig.register(disk);
        first = guest("one", A);
        second = guest("two", B);
        third = guest("three", C);
        for (Guest each : new Guest[] {first, second}) {
            failed(each.run(Cdb.of(Operation.TEST_UNIT_READY)), THERE_ARE_OTHER_PORTS);
        }
    }

    private Guest guest(String controller, long key) throws Exception {
        rig.controller(controller);
        rig.add(controller, 0, 0, "shared");
        Guest guest = rig.guest(controller);
        register(guest, 0, key);
        return guest;
    }

    @AfterEach
    void stop() throws Exception {
        holdNone();
        rig.close();
    }

    private void holdNone() {
        rig.rig
                .reactor(0)
                .call(() -> {
                    disk.holdNone();
                    return true;
                })
                .join();
    }

    /** TAS is 0: tasks that others abort end without a status, which virtio calls ABORTED. */
    @Test
    void whoIsPreemptedLosesTheCommandsInFlight() {
        disk.ignoreAborts();
        reserve(second, ReservationType.WRITE_EXCLUSIVE, B);
        int own = read(first, 1);
        int lost = read(second, 2);
        int kept = read(third, 3);
        byte[] cdb = Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_PREEMPT_AND_ABORT, 24);
        cdb[2] = (byte) ReservationType.EXCLUSIVE_ACCESS.code();
        byte[] list = ReserveOutList.bytes(A, B, false, false);
        int preempts = first.queue().submit(LUN, 9, cdb, list, 0, Integer.MAX_VALUE);
        Await.until("the reservation is another's", () -> reservation(first) == 3);
        assertThat(first.queue().hasEnded(preempts))
                .as("while commands are in flight")
                .isFalse();
        holdNone();
        good(first.queue().await(preempts));
        assertThat(second.queue().hasEnded(lost)).as("before the answer").isTrue();
        assertThat(second.queue().await(lost).response()).isEqualTo(ScsiLayout.S_ABORTED);
        good(first.queue().await(own));
        good(third.queue().await(kept));
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        write(second, false);
        write(first, true);
    }

    private int read(Guest from, long lba) {
        byte[] cdb = Cdb.range(Operation.READ_10, lba, 1, 0);
        int request = from.queue().submit(LUN, lba, cdb, new byte[0], BLOCK, Integer.MAX_VALUE);
        Await.until("the disk has the request", () -> disk.seen().contains(lba));
        return request;
    }

    @ParameterizedTest
    @EnumSource
    void whoUnregistersReleasesWhatItHoldsAlone(ReservationType type) {
        reserve(first, type, A);
        register(first, A, 0);
        assertThat(keys(first)).containsExactly(B, C);
        assertThat(reservation(first)).isEqualTo(type.allHold() ? type.code() : 0);
        boolean told = type.registrants() && !type.allHold();
        for (Guest each : new Guest[] {second, third}) {
            if (told) {
                failed(each.run(Cdb.of(Operation.TEST_UNIT_READY)), RESERVATIONS_RELEASED);
            }
            good(each.run(Cdb.of(Operation.TEST_UNIT_READY)));
        }
        good(first.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    @ParameterizedTest
    @EnumSource
    void whoStaysRegisteredIsToldOfAnotherType(ReservationType type) {
        reserve(first, ReservationType.WRITE_EXCLUSIVE, A);
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, type.code(), B, A));
        assertThat(reservation(second)).isEqualTo(type.code());
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        good(first.run(Cdb.of(Operation.TEST_UNIT_READY)));
        if (type != ReservationType.WRITE_EXCLUSIVE) {
            failed(third.run(Cdb.of(Operation.TEST_UNIT_READY)), RESERVATIONS_RELEASED);
        }
        good(third.run(Cdb.of(Operation.TEST_UNIT_READY)));
        good(second.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    /** With a key registrations go, and the reservation stays as it is; with none the reservation goes, too. */
    @ParameterizedTest
    @EnumSource(names = {"WRITE_EXCLUSIVE_ALL_REGISTRANTS", "EXCLUSIVE_ACCESS_ALL_REGISTRANTS"})
    void whatAllHoldIsPreemptedByNoKeyOnly(ReservationType type) {
        reserve(first, type, A);
        conflicts(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 1, B, 0xdddd));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 1, B, A));
        assertThat(keys(second)).containsExactly(B, C);
        assertThat(reservation(second)).isEqualTo(type.code());
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        good(third.run(Cdb.of(Operation.TEST_UNIT_READY)));
        conflicts(first.out(Cdb.range(Operation.WRITE_10, 1, 1, 0), filled(1, 1)));
        good(out(third, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 1, C, 0));
        assertThat(keys(third)).containsExactly(C);
        assertThat(reservation(third)).isEqualTo(1);
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        // Its own registration can go this way, too, and the reservation with the last of them.
        good(out(third, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, type.code(), C, C));
        good(out(third, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, type.code(), C, C));
        assertThat(keys(third)).isEmpty();
        assertThat(reservation(third)).isZero();
        good(first.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    @Test
    void whatCannotBeKeptIsRefused() throws Exception {
        Path directory = rig.rig.socket("");
        Path aside = Path.of(directory + "-aside");
        Files.move(directory, aside);
        try {
            assertThat(canPersist()).isFalse();
            failed(persist(), INVALID_PARAMETER);
        } finally {
            Files.move(aside, directory);
        }
        assertThat(canPersist()).isTrue();
        // In the way of the file.
        Path next = directory.resolve(disk.info().uuid() + ".reservations.new");
        Files.createDirectory(next);
        failed(persist(), INTERNAL_TARGET_FAILURE);
        assertThat(keys(first)).as("as if nothing had been").containsExactly(A, B, C);
        Files.delete(next);
        good(persist());
        assertThat(keys(first)).containsExactly(B, B, C);
        Files.createDirectory(next);
        failed(out(first, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 0, B, C), INTERNAL_TARGET_FAILURE);
        assertThat(keys(first)).containsExactly(B, B, C);
        good(third.run(Cdb.of(Operation.TEST_UNIT_READY)));
        Files.delete(next);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_CLEAR, 0, B, 0));
    }

    private boolean canPersist() {
        return (in(first, Operation.PERSISTENT_RESERVE_IN_REPORT_CAPABILITIES)[2] & 1) != 0;
    }

    private ScsiResult persist() {
        byte[] list = ReserveOutList.bytes(A, B, false, true);
        return first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, list.length), list);
    }

    private static void reserve(Guest guest, ReservationType type, long key) {
        good(out(guest, Operation.PERSISTENT_RESERVE_OUT_RESERVE, type.code(), key, 0));
    }
}
