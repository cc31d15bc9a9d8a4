package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ReservationCommands.REGISTRATIONS_PREEMPTED;
import static dev.ringside.vhost.scsi.ReservationCommands.keys;
import static dev.ringside.vhost.scsi.ReservationCommands.out;
import static dev.ringside.vhost.scsi.ReservationCommands.register;
import static dev.ringside.vhost.scsi.ReservationCommands.write;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which of the front ends of a controller is which initiator: who holds a reservation does not lose it to itself. */
class ScsiNexusTest {
    private static final long A = 0xaaaa;
    private static final long B = 0xbbbb;

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

    /** The old session has commands in flight, and is there as long as these are, when the new one is connected. */
    @ParameterizedTest
    @EnumSource
    void aFrontEndThatComesBackIsWhoItWas(RingFormat format) throws Exception {
        HeldDisk disk = new HeldDisk("held", Arena.ofAuto().allocate(64L * BLOCK), 100, 1);
        rig.register(disk);
        rig.add("one", 0, 0, "held");
        rig.controller("two");
        rig.add("two", 0, 0, "held");
        Guest other = rig.guest("two");
        BlkOptions options = BlkOptions.of(1, 128).with(format).withTracking().withScratch(4096);
        try (GuestRam ram = GuestRam.ofMiB(4);
                ScsiFrontend front = ScsiFrontend.connect(rig.rig.socket("one"), ram, options)) {
            Guest guest = new Guest(front);
            failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
            reserve(guest, A);
            byte[] cdb = Cdb.range(Operation.WRITE_10, 1, 1, 0);
            int held = guest.queue().submit(LUN, 1, cdb, filled(1, 1), 0, Integer.MAX_VALUE);
            Await.until("the disk has the command", () -> !disk.seen().isEmpty());
            Thread late = Thread.ofPlatform().start(() -> {
                Await.until("two sessions", () -> sessions() == 2);
                rig.rig.reactor(0).execute(disk::holdNone);
            });
            front.reconnect(rig.rig.socket("one"));
            late.join();
            good(guest.queue().await(held));
            failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
            write(guest, true);
            write(other, false);
            assertThat(keys(guest)).containsExactly(A);
        }
    }

    private int sessions() throws Exception {
        return rig.rig.target().find("one").sessions().size();
    }

    /** As QEMU does it: the destination connects before the source stops its queues, which stays connected for a while. */
    @Test
    void whoTakesAGuestOverIsWhoItWas() throws Exception {
        rig.ram("shared");
        rig.add("one", 0, 0, "shared");
        Guest source = rig.guest("one");
        reserve(source, A);
        stopQueues(source);
        Guest destination = rig.guest("one");
        write(destination, true);
        assertThat(keys(destination)).containsExactly(A);
        // A second one that runs is somebody else, also if it has been the first.
        source.frontend().reconnect(rig.rig.socket("one"));
        failed(source.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
        write(source, false);
        write(destination, true);
    }

    @Test
    void twoFrontEndsThatRunAreTwo() throws Exception {
        rig.ram("shared");
        rig.add("one", 0, 0, "shared");
        Guest first = rig.guest("one");
        Guest second = rig.guest("one");
        reserve(first, A);
        register(second, 0, B);
        assertThat(keys(second)).containsExactly(A, B);
        write(first, true);
        write(second, false);
        // A guest that boots again, and another one after it, are who they were.
        restartQueues(first);
        restartQueues(second);
        write(first, true);
        write(second, false);
        int type = ReservationType.WRITE_EXCLUSIVE.code();
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, type, B, A));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        write(first, false);
        write(second, true);
    }

    private static void stopQueues(Guest guest) throws Exception {
        for (int queue = 0; queue < ScsiLayout.FIRST_REQUEST_QUEUE + 2; queue++) {
            guest.frontend().stop(queue);
        }
    }

    private static void restartQueues(Guest guest) throws Exception {
        stopQueues(guest);
        guest.frontend().start();
    }

    private static void reserve(Guest guest, long key) {
        register(guest, 0, key);
        good(out(guest, Operation.PERSISTENT_RESERVE_OUT_RESERVE, ReservationType.WRITE_EXCLUSIVE.code(), key, 0));
    }
}
