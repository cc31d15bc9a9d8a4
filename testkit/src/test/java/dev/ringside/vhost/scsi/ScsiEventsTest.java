package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCKS;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import dev.ringside.vhost.scsi.unit.Naming;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that come and go while guests are there, and the events that tell of it (virtio 1.2, 5.6.6.3). */
class ScsiEventsTest {
    private ScsiRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new ScsiRig();
        rig.ram("ram");
        rig.controller("c");
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void aDiskComesAndGoes(RingFormat format) throws Exception {
        Guest guest = rig.freshGuest("c", format);
        ScsiDriverQueue events = guest.frontend().events();
        int come = events.offerEvent();
        int gone = events.offerEvent();
        rig.add("c", -1, 0, "ram");
        event(events.answer(come, 16), ScsiLayout.TRANSPORT_RESET, VirtioLun.reported(0, 0), ScsiLayout.RESCAN);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
        rig.rig.target().scsi("c").remove(0);
        event(events.answer(gone, 16), ScsiLayout.TRANSPORT_RESET, VirtioLun.reported(0, 0), ScsiLayout.REMOVED);
        assertThat(guest.run(Cdb.of(Operation.TEST_UNIT_READY)).response()).isEqualTo(ScsiLayout.S_BAD_TARGET);
    }

    @Test
    void aResizeIsToldTwice() throws Exception {
        MallocBdev grows = MallocBdev.create(new MallocOptions("grows", BLOCK, BLOCKS));
        rig.register(grows);
        rig.add("c", 0, 0, "grows");
        Guest guest = rig.guest("c");
        int event = guest.frontend().events().offerEvent();
        grows.resize(rig.rig.registry(), 2 * BLOCKS);
        event(guest.frontend().events().answer(event, 16), ScsiLayout.PARAM_CHANGE, VirtioLun.reported(0, 0), 0x092a);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x62a09);
        assertThat(Capacity.parseLong(
                        good(guest.read(Operation.READ_CAPACITY_16, 32)).data(), 32))
                .contains(new Capacity(2 * BLOCKS, BLOCK, 0, true, true));
        good(guest.in(Cdb.range(Operation.READ_10, BLOCKS, 1, 0), BLOCK));
    }

    @Test
    void aBdevThatGoesTakesItsUnitAlong() throws Exception {
        rig.add("c", 2, 1, "ram");
        Guest guest = rig.freshGuest("c", RingFormat.SPLIT);
        int event = guest.frontend().events().offerEvent();
        rig.rig.registry().unregister("ram").get(20, TimeUnit.SECONDS);
        event(
                guest.frontend().events().answer(event, 16),
                ScsiLayout.TRANSPORT_RESET,
                VirtioLun.reported(2, 1),
                ScsiLayout.REMOVED);
        assertThat(rig.rig.target().scsi("c").targets()).isEmpty();
    }

    @Test
    void otherUnitsOfTheTargetTellThatTheListHasChanged() throws Exception {
        rig.add("c", 0, 0, "ram");
        rig.ram("more");
        Guest guest = rig.guest("c");
        rig.add("c", 0, 1, "more");
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x63f0e);
        rig.rig.target().scsi("c").remove(0, 1);
        good(guest.read(Operation.REPORT_LUNS, 64));
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    /** REPORT LUNS tells of all units at once, to whichever of them it was sent. */
    @ParameterizedTest
    @ValueSource(
            longs = {0x0100_4001_0000_0000L, 0x0100_4005_0000_0000L, 0x0100_c101_0000_0000L, VirtioLun.REPORT_LUNS})
    void whoeverAsksForTheListNeedsNotToBeToldOfIt(long to) throws Exception {
        rig.add("c", 0, 0, "ram");
        rig.ram("second");
        rig.ram("third");
        rig.add("c", 0, 1, "second");
        Guest guest = rig.guest("c");
        Guest other = rig.guest("c");
        long second = VirtioLun.of(0, 1);
        failed(guest.queue().execute(second, new byte[16], new byte[0], 0), ScsiRig.UNIT_ATTENTION);
        rig.add("c", 0, 2, "third");
        good(guest.queue().execute(to, Cdb.parameters(Operation.REPORT_LUNS, 64), new byte[0], 64));
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
        good(guest.queue().execute(second, new byte[16], new byte[0], 0));
        failed(other.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x63f0e);
    }

    @Test
    void aUnitThatGetsAnotherPortSaysThatItsInquiryDataHaveChanged() throws Exception {
        rig.add("c", 0, 0, "ram");
        Guest guest = rig.guest("c");
        rig.add("c", 1, 0, "ram");
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x63f03);
        assertThat(good(guest.read(Operation.INQUIRY, 96)).data()[6]).isEqualTo((byte) 0x10);
        rig.rig.target().scsi("c").remove(1);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x63f03);
        assertThat(good(guest.read(Operation.INQUIRY, 96)).data()[6]).isZero();
        good(guest.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    @Test
    void allTargetsServe() throws Exception {
        for (int target = 0; target < ScsiLayout.TARGETS; target++) {
            rig.add("c", -1, target == 255 ? 16_383 : 0, "ram");
        }
        refused(() -> rig.add("c", -1, 0, "ram"), "all 256 targets are taken");
        Guest guest = rig.freshGuest("c", RingFormat.PACKED);
        byte[] write = Cdb.range(Operation.WRITE_10, 3, 1, 0);
        byte[] read = Cdb.range(Operation.READ_10, 3, 1, 0);
        for (int target = 0; target < ScsiLayout.TARGETS; target++) {
            long unit = VirtioLun.of(target, target == 255 ? 16_383 : 0);
            failed(guest.queue().execute(unit, read, new byte[0], BLOCK), ScsiRig.UNIT_ATTENTION);
            good(guest.queue().execute(unit, write, filled(target, 1), 0));
            assertThat(good(guest.queue().execute(unit, read, new byte[0], BLOCK))
                            .data())
                    .isEqualTo(filled(target, 1));
        }
        byte[] luns = Cdb.parameters(Operation.REPORT_LUNS, 8192);
        assertThat(good(guest.queue().execute(VirtioLun.REPORT_LUNS, luns, new byte[0], 8192))
                        .transferred())
                .hasSize(8 + 256 * 8);
        // One group has 255 ports at most.
        byte[] groups =
                good(guest.read(Operation.REPORT_TARGET_PORT_GROUPS, 8192)).transferred();
        assertThat(groups).hasSize(4 + 2 * 8 + 256 * 4);
        assertThat(groups[4 + 7]).isEqualTo((byte) 255);
        assertThat(groups[4 + 8 + 255 * 4 + 7]).isEqualTo((byte) 1);
    }

    @Test
    void eventsWaitForBuffersAndAreNotSentToThoseWhoDoNotWantThem() throws Exception {
        Guest guest = rig.freshGuest("c", RingFormat.SPLIT);
        rig.add("c", 7, 0, "ram");
        rig.rig.target().scsi("c").remove(7);
        ScsiDriverQueue events = guest.frontend().events();
        event(
                events.answer(events.offerEvent(), 16),
                ScsiLayout.TRANSPORT_RESET,
                VirtioLun.reported(7, 0),
                ScsiLayout.RESCAN);
        event(
                events.answer(events.offerEvent(), 16),
                ScsiLayout.TRANSPORT_RESET,
                VirtioLun.reported(7, 0),
                ScsiLayout.REMOVED);
        try (GuestRam ram = GuestRam.ofMiB(192);
                ScsiFrontend plain = ScsiFrontend.connect(
                        rig.rig.socket("c"), ram, BlkOptions.of(1, 128).without(ScsiLayout.HOTPLUG))) {
            int never = plain.events().offerEvent();
            int told = events.offerEvent();
            rig.add("c", 7, 0, "ram");
            events.answer(told, 16);
            assertThat(plain.events().hasEnded(never)).isFalse();
            // A ring with buffers that no event has taken can be stopped.
            plain.stop(ScsiLayout.EVENT_QUEUE);
        }
    }

    @Test
    void whatIsNotAllowedIsRefused() throws Exception {
        ScsiDevice device = rig.rig.target().scsi("c");
        rig.add("c", 0, 0, "ram");
        refused(() -> rig.add("c", 0, 0, "ram"), "already");
        refused(() -> rig.add("c", 256, 0, "ram"), "allowed");
        refused(() -> rig.add("c", 0, 16_384, "ram"), "allowed");
        refused(() -> rig.add("c", 1, 0, "none"), "none");
        refused(() -> device.remove(5), "no target 5");
        refused(() -> device.remove(0, 5), "no logical unit 5");
        Naming renamed = new Naming(Optional.of("V"), Optional.empty(), Optional.empty(), Optional.empty());
        refused(() -> device.add(1, 0, rig.rig.registry(), "ram", renamed), "another vendor");
        assertThatThrownBy(() -> rig.rig.target().startScsi("c")).isInstanceOf(VhostException.class);
        assertThatThrownBy(() -> rig.rig.target().createScsi("c", rig.rig.cpus(), true))
                .isInstanceOf(VhostException.class);
    }

    @Test
    void aDelayedControllerListensWhenItIsStarted() throws Exception {
        rig.rig.target().createScsi("late", rig.rig.cpus(), true);
        assertThat(rig.rig.socket("late")).doesNotExist();
        rig.add("late", 0, 0, "ram");
        rig.rig.target().startScsi("late");
        good(rig.guest("late").run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    private static void refused(ThrowingCallable call, String why) {
        assertThatThrownBy(call).isInstanceOf(BdevException.class).hasMessageContaining(why);
    }

    private static void event(byte[] bytes, int event, long address, int reason) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(buffer.getInt(0)).isEqualTo(event);
        assertThat(buffer.getInt(12)).isEqualTo(reason);
        assertThat(ByteBuffer.wrap(bytes).getLong(4)).isEqualTo(address);
    }
}
