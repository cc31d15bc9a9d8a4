package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ReservationCommands.REGISTRATIONS_PREEMPTED;
import static dev.ringside.vhost.scsi.ReservationCommands.RESERVATIONS_PREEMPTED;
import static dev.ringside.vhost.scsi.ReservationCommands.RESERVATIONS_RELEASED;
import static dev.ringside.vhost.scsi.ReservationCommands.in;
import static dev.ringside.vhost.scsi.ReservationCommands.keys;
import static dev.ringside.vhost.scsi.ReservationCommands.out;
import static dev.ringside.vhost.scsi.ReservationCommands.read;
import static dev.ringside.vhost.scsi.ReservationCommands.register;
import static dev.ringside.vhost.scsi.ReservationCommands.reservation;
import static dev.ringside.vhost.scsi.ReservationCommands.write;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_FIELD;
import static dev.ringside.vhost.scsi.ScsiRig.INVALID_PARAMETER;
import static dev.ringside.vhost.scsi.ScsiRig.LENGTH_ERROR;
import static dev.ringside.vhost.scsi.ScsiRig.conflicts;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.NaaName;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.scsi.reservation.TransportId;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two guests with a disk in common, each behind a controller of its own, that fence each other (SPC-5, 5.14). */
class ReservationTest {
    private static final long A = 0xaaaa;
    private static final long B = 0xbbbb;
    private static final int NO_ROOM = 0x55504;

    private ScsiRig rig;
    private Guest first;
    private Guest second;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("shared");
        rig.controller("one");
        rig.controller("two");
        rig.add("one", 0, 0, "shared");
        rig.add("two", 0, 0, "shared");
        first = rig.guest("one");
        second = rig.guest("two");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @EnumSource(ReservationType.class)
    void aReservationKeepsOthersOut(ReservationType type) {
        register(first, 0, A);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, type.code(), A, 0));
        assertThat(reservation(second)).isEqualTo(type.code());
        write(first, true);
        // Who is not registered.
        write(second, false);
        read(second, !type.exclusiveAccess());
        good(second.run(Cdb.of(Operation.TEST_UNIT_READY)));
        // Who is.
        register(second, 0, B);
        write(second, type.registrants());
        read(second, type.registrants() || !type.exclusiveAccess());
        // The holder releases it.
        failed(out(first, Operation.PERSISTENT_RESERVE_OUT_RELEASE, type.code() == 1 ? 3 : 1, A, 0), 0x52604);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RELEASE, type.code(), A, 0));
        if (type.registrants()) {
            failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), RESERVATIONS_RELEASED);
        }
        write(second, true);
        assertThat(reservation(first)).isZero();
    }

    @Test
    void keysAreTheInitiatorsOwn() {
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, 0));
        conflicts(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, A, A));
        register(first, 0, A);
        conflicts(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, B, A));
        register(first, A, B);
        register(second, 0, B);
        assertThat(keys(first)).containsExactly(B, B);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE, 0, 77, A));
        assertThat(keys(second)).containsExactly(A, B);
        register(first, A, 0);
        assertThat(keys(second)).containsExactly(B);
        conflicts(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        assertThat(BigEndian.u32(in(first, Operation.PERSISTENT_RESERVE_IN_READ_KEYS), 0))
                .isEqualTo(6);
    }

    @Test
    void oneReserves() {
        register(first, 0, A);
        register(second, 0, B);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        conflicts(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 3, A, 0));
        conflicts(out(second, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, B, 0));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_RELEASE, 1, B, 0));
        assertThat(reservation(first)).isEqualTo(1);
        failed(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 0x11, A, 0), INVALID_FIELD);
        failed(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 2, A, 0), INVALID_FIELD);
        // Unregistering gives the reservation back.
        register(first, A, 0);
        assertThat(reservation(first)).isZero();
        write(second, true);
    }

    @Test
    void aReservationIsPreempted() {
        register(first, 0, A);
        register(second, 0, B);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        conflicts(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 3, B, 0x1234));
        failed(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 3, B, 0), INVALID_PARAMETER);
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 3, B, A));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        write(first, false);
        read(first, false);
        assertThat(keys(first)).containsExactly(B);
        assertThat(reservation(first)).isEqualTo(3);
        register(first, 0, A);
        // Without the holder's key only registrations go.
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT_AND_ABORT, 3, B, A));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        assertThat(keys(first)).containsExactly(B);
    }

    @Test
    void aConflictIsToldAfterAResetAndBeforeAllElse() {
        register(first, 0, A);
        register(second, 0, B);
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 0, B, A));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, B, 0));
        write(first, false);
        byte[] wrong = Cdb.range(Operation.WRITE_10, 1, 1, 0x01);
        conflicts(first.out(wrong, filled(1, 1)));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        assertThat(first.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, ScsiRig.LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        failed(first.out(wrong, filled(1, 1)), 0x62903);
        write(first, false);
    }

    @Test
    void allRegistrantsArePreemptedByNoKey() {
        register(first, 0, A);
        register(second, 0, B);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 7, A, 0));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 1, B, 0));
        assertThat(keys(second)).containsExactly(B);
        assertThat(reservation(second)).isEqualTo(1);
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        write(first, false);
    }

    @Test
    void clearEndsEverything() {
        register(first, 0, A);
        register(second, 0, B);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_CLEAR, 0, B, 0));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), RESERVATIONS_PREEMPTED);
        assertThat(keys(first)).isEmpty();
        write(first, true);
        write(second, true);
    }

    @Test
    void aReservationMoves() throws Exception {
        register(first, 0, A);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        byte[] name = NaaName.of("initiator:two:0");
        byte[] list = new ReserveOutList.Move(A, B, true, false, 2, name).bytes();
        byte[] cdb = Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_MOVE, list.length);
        cdb[2] = 1;
        conflicts(second.out(cdb, list));
        byte[] nowhere = new ReserveOutList.Move(A, B, true, false, 9, name).bytes();
        failed(first.out(cdb, nowhere), INVALID_PARAMETER);
        good(first.out(cdb, list));
        assertThat(keys(first)).containsExactly(B);
        write(first, false);
        write(second, true);
        byte[] status = in(second, Operation.PERSISTENT_RESERVE_IN_READ_FULL_STATUS);
        assertThat(TransportId.name(status, 32)).contains(name);
        assertThat(status[20]).isEqualTo((byte) 1);
        assertThat(BigEndian.u16(status, 26)).isEqualTo(2);
    }

    @Test
    void anInitiatorCanRegisterAnother() {
        byte[] list = Arrays.copyOf(ReserveOutList.bytes(0, A, false, false), 52);
        list[20] = 0x08;
        list[27] = 24;
        System.arraycopy(TransportId.sas(NaaName.of("initiator:guest:0")), 0, list, 28, 24);
        good(first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, 52), list));
        assertThat(keys(first)).containsExactly(A, A);
        failed(
                first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE, 52), list),
                INVALID_PARAMETER);
        byte[] allPorts = ReserveOutList.bytes(0, B, true, false);
        good(second.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, 24), allPorts));
        assertThat(keys(first)).containsExactly(A, A, B, B);
    }

    @Test
    void thereIsRoomForSoManyRegistrations() {
        int named = 1023;
        byte[] list = Arrays.copyOf(ReserveOutList.bytes(0, A, false, false), 28 + named * TransportId.BYTES);
        list[20] = 0x08;
        BigEndian.put32(list, 24, list.length - 28);
        for (int i = 0; i < named; i++) {
            byte[] id = TransportId.sas(NaaName.of("initiator " + i));
            System.arraycopy(id, 0, list, 28 + i * TransportId.BYTES, TransportId.BYTES);
        }
        good(first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, list.length), list));
        failed(out(second, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, B), NO_ROOM);
        failed(out(second, Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE, 0, 0, B), NO_ROOM);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        byte[] move = new ReserveOutList.Move(A, B, false, false, 2, NaaName.of("initiator:two:0")).bytes();
        failed(
                first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_MOVE, move.length), move),
                NO_ROOM);
        register(first, A, B);
        register(first, B, 0);
        register(second, 0, B);
    }

    @Test
    void listsHaveTheirLength() {
        byte[] list = ReserveOutList.bytes(0, A, false, false);
        for (int length = 0; length < 24; length++) {
            failed(first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, length), list), LENGTH_ERROR);
        }
        assertThat(first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, 25), list)
                        .response())
                .isEqualTo(ScsiLayout.S_OVERRUN);
    }

    @Test
    void reservationsOutliveTheUnitIfTheyAreTold() throws Exception {
        byte[] persisted = ReserveOutList.bytes(0, A, false, true);
        good(first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, 24), persisted));
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        // To register nothing does nothing.
        register(second, 0, 0);
        assertThat(in(first, Operation.PERSISTENT_RESERVE_IN_REPORT_CAPABILITIES)[3] & 1)
                .isEqualTo(1);
        rig.rig.target().scsi("one").remove(0);
        rig.rig.target().scsi("two").remove(0);
        try (var files = Files.list(rig.rig.socket("one").getParent())) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .anyMatch(name -> name.endsWith(".reservations"));
        }
        rig.add("one", 0, 0, "shared");
        rig.add("two", 0, 0, "shared");
        Guest[] both = {first, second};
        for (Guest each : both) {
            failed(each.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
        }
        // The unit got its second port.
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x63f03);
        assertThat(keys(second)).containsExactly(A);
        write(first, true);
        write(second, false);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_CLEAR, 0, A, 0));
        try (var files = Files.list(rig.rig.socket("one").getParent())) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".reservations"));
        }
    }

    @Test
    void aReserveOfOldKeepsEverybodyElseOut() {
        good(first.run(Cdb.of(Operation.RESERVE_6)));
        good(first.run(Cdb.of(Operation.RESERVE_10)));
        conflicts(second.run(Cdb.of(Operation.RESERVE_6)));
        conflicts(second.run(Cdb.of(Operation.TEST_UNIT_READY)));
        good(second.read(Operation.INQUIRY, 96));
        good(second.run(Cdb.of(Operation.RELEASE_6)));
        read(second, false);
        good(first.run(Cdb.of(Operation.RELEASE_6)));
        read(second, true);
        good(first.run(Cdb.of(Operation.RESERVE_6)));
        assertThat(second.frontend().function(ScsiLayout.LOGICAL_UNIT_RESET, ScsiRig.LUN, 0))
                .isEqualTo(ScsiLayout.S_OK);
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62903);
        read(second, true);
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62903);
        register(first, 0, A);
        conflicts(second.run(Cdb.of(Operation.RESERVE_6)));
    }

    @Test
    void aReserveOfOldLetsOthersAskAboutTheDisk() {
        good(first.run(Cdb.of(Operation.RESERVE_10)));
        good(second.in(Cdb.of(Operation.READ_CAPACITY_10), 8));
        good(second.read(Operation.READ_CAPACITY_16, 32));
        good(second.read(Operation.REPORT_LUNS, 64));
        good(second.read(Operation.REQUEST_SENSE, 18));
        good(second.read(Operation.LOG_SENSE, 64));
        byte[] startStop = Cdb.of(Operation.START_STOP_UNIT);
        conflicts(second.run(startStop));
        startStop[4] = 1;
        good(second.run(startStop));
        conflicts(second.read(Operation.MODE_SENSE_10, 64));
        conflicts(second.read(Operation.PERSISTENT_RESERVE_IN_READ_KEYS, 64));
        conflicts(second.run(Cdb.of(Operation.SYNCHRONIZE_CACHE_10)));
        good(first.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }
}
