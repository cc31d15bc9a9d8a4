package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ReservationCommands.REGISTRATIONS_PREEMPTED;
import static dev.ringside.vhost.scsi.ReservationCommands.out;
import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.LUN;
import static dev.ringside.vhost.scsi.ScsiRig.conflicts;
import static dev.ringside.vhost.scsi.ScsiRig.failed;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.ScsiDriverQueue;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Generations;
import dev.ringside.vhost.TargetState;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import dev.ringside.vhost.scsi.unit.Naming;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SCSI disks go from one target to another with all that their initiators have made of them. */
class ScsiHandoverTest {
    private static final long A = 0xaaaa;
    private static final long B = 0xbbbb;
    private static final int MODE_CHANGED = 0x62a01;
    private static final int INQUIRY_CHANGED = 0x63f03;

    private Generations generations;
    private BdevRegistry registry = new BdevRegistry();
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        generations = new Generations(IdleMode.ADAPTIVE, (target, disks, cpus) -> {
            registry = disks;
            for (String name : List.of("one", "two")) {
                target.createScsi(name, cpus, false);
                target.scsi(name).add(0, 0, disks, Generations.DISK, Naming.FROM_BDEV);
            }
        });
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        generations.close();
    }

    private Guest connect(String controller, RingFormat format) throws Exception {
        GuestRam ram = GuestRam.ofMiB(192);
        open.add(ram);
        BlkOptions options = BlkOptions.of(2, 128).with(format).withScratch(1 << 20);
        ScsiFrontend frontend = ScsiFrontend.connect(generations.socket(controller), ram, options);
        open.add(frontend);
        return new Guest(frontend);
    }

    private Guest guest(String controller, RingFormat format) throws Exception {
        Guest guest = connect(controller, format);
        failed(guest.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
        return guest;
    }

    @ParameterizedTest
    @EnumSource
    void reservationsAndDataGoOverUnderLoad(RingFormat format) throws Exception {
        Guest first = guest("one", format);
        Guest second = guest("two", format);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, A));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, B));
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, ReservationType.WRITE_EXCLUSIVE.code(), A, 0));
        byte[] keys = in(first, Operation.PERSISTENT_RESERVE_IN_READ_KEYS);
        byte[] status = in(first, Operation.PERSISTENT_RESERVE_IN_READ_FULL_STATUS);
        byte[] names = page(second, 0x83);
        for (int i = 0; i < 3; i++) {
            Load load = new Load(first.frontend().requests(1));
            generations.takeOver();
            load.stop();
            assertThat(generations.sessions("one")).isEqualTo(1);
            assertThat(in(second, Operation.PERSISTENT_RESERVE_IN_READ_KEYS)).isEqualTo(keys);
            assertThat(in(first, Operation.PERSISTENT_RESERVE_IN_READ_FULL_STATUS))
                    .isEqualTo(status);
            assertThat(page(second, 0x83)).isEqualTo(names);
            conflicts(second.out(Cdb.range(Operation.WRITE_16, 0, 1, 0), new byte[BLOCK]));
            good(second.in(Cdb.range(Operation.READ_16, 0, 1, 0), BLOCK));
            first.write(0, filled(i, 1));
        }
        // Fencing works as before.
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, ReservationType.WRITE_EXCLUSIVE.code(), B, A));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        conflicts(first.out(Cdb.range(Operation.WRITE_16, 0, 1, 0), new byte[BLOCK]));
        assertThat(second.blocks(0, 1)).isEqualTo(filled(2, 1));
    }

    @ParameterizedTest
    @EnumSource
    void attentionsModesAndEventsWait(RingFormat format) throws Exception {
        Guest first = guest("one", format);
        Guest second = guest("two", format);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, A));
        good(out(second, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, B));
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_PREEMPT, 0, A, B));
        byte[] control = ModeParameters.initial(false).page(ModeParameters.CONTROL, ModeParameters.Control.CURRENT);
        // D_SENSE and SWP.
        control[2] |= 0x04;
        control[4] |= 0x08;
        byte[] list = ByteBuffer.allocate(4 + control.length).put(4, control).array();
        byte[] select = Cdb.parameters(Operation.MODE_SELECT_6, list.length);
        select[1] = 0x10;
        good(first.out(select, list));
        byte[] modes = modes(first);
        Guest fresh = connect("one", format);
        ScsiDevice device = generations.current().scsi("one");
        device.add(3, 4, registry, Generations.DISK, Naming.FROM_BDEV);
        device.remove(3);
        generations.takeOver();
        generations.takeOver();
        ScsiDriverQueue events = first.frontend().events();
        assertThat(event(events)).isEqualTo(ScsiEvent.appeared(3, 4));
        assertThat(event(events)).isEqualTo(ScsiEvent.removed(3, 4));
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), REGISTRATIONS_PREEMPTED);
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), MODE_CHANGED);
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), INQUIRY_CHANGED);
        good(second.run(Cdb.of(Operation.TEST_UNIT_READY)));
        failed(fresh.run(Cdb.of(Operation.TEST_UNIT_READY)), ScsiRig.UNIT_ATTENTION);
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), INQUIRY_CHANGED);
        good(first.run(Cdb.of(Operation.TEST_UNIT_READY)));
        assertThat(modes(second)).isEqualTo(modes);
        failed(first.out(Cdb.range(Operation.WRITE_10, 0, 1, 0), new byte[BLOCK]), 0x72702);
    }

    @Test
    void aReserveOfOldAndAStopStay() throws Exception {
        Guest gone = guest("one", RingFormat.SPLIT);
        Guest first = guest("one", RingFormat.SPLIT);
        Guest second = guest("two", RingFormat.PACKED);
        gone.frontend().close();
        good(first.run(Cdb.of(Operation.RESERVE_6)));
        good(first.run(Cdb.of(Operation.START_STOP_UNIT)));
        generations.takeOver();
        conflicts(second.run(Cdb.of(Operation.TEST_UNIT_READY)));
        failed(first.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x20402);
        good(first.run(Cdb.of(Operation.RELEASE_6)));
        failed(second.run(Cdb.of(Operation.TEST_UNIT_READY)), 0x20402);
        // The second guest of its controller is the second one still, though the first has gone.
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, A));
        Guest again = guest("one", RingFormat.SPLIT);
        conflicts(out(again, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_RESERVE, 1, A, 0));
    }

    /** What changes after the successor has read the configuration, and with it what was kept on the medium. */
    @Test
    void whatIsKeptOnTheMediumIsTheLatest() throws Exception {
        Guest first = guest("one", RingFormat.SPLIT);
        byte[] persistent = ReserveOutList.bytes(0, A, false, true);
        good(first.out(Cdb.parameters(Operation.PERSISTENT_RESERVE_OUT_REGISTER, persistent.length), persistent));
        VhostTarget next = generations.successor();
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_CLEAR, 0, A, 0));
        generations.takeOver(next);
        assertThat(BigEndian.u32(in(first, Operation.PERSISTENT_RESERVE_IN_READ_KEYS), 4))
                .isZero();
    }

    @Test
    void aTargetThatIsNotReplacedGoesOn() throws Exception {
        Guest first = guest("one", RingFormat.PACKED);
        good(out(first, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, 0, A));
        for (int i = 0; i < 3; i++) {
            VhostTarget next = generations.successor();
            TargetState state = generations.rest();
            if (i > 0) {
                next.adopt(state);
            }
            next.close();
            generations.current().goOn();
            first.write(0, filled(i, 4));
            assertThat(BigEndian.u32(in(first, Operation.PERSISTENT_RESERVE_IN_READ_KEYS), 4))
                    .isEqualTo(8);
        }
        VhostTarget other = generations.successor((target, disks, cpus) -> {
            target.createScsi("one", cpus, false);
            target.createScsi("two", cpus, false);
        });
        TargetState state = generations.rest();
        assertThatThrownBy(() -> other.adopt(state))
                .isInstanceOf(VhostException.class)
                .hasMessageContaining("bdev disk is no logical unit here");
        other.close();
        generations.current().goOn();
        good(first.run(Cdb.of(Operation.TEST_UNIT_READY)));
    }

    private static ScsiEvent event(ScsiDriverQueue events) {
        byte[] raw = events.answer(events.offerEvent(), ScsiLayout.EVENT_BYTES);
        ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        return new ScsiEvent(bytes.getInt(0), BigEndian.u64(raw, 4), bytes.getInt(12));
    }

    private static byte[] in(Guest guest, Operation operation) {
        return good(guest.read(operation, 200)).transferred();
    }

    private static byte[] modes(Guest guest) {
        byte[] cdb = Cdb.parameters(Operation.MODE_SENSE_6, 200);
        cdb[2] = ModeParameters.ALL_PAGES;
        return good(guest.in(cdb, 200)).transferred();
    }

    private static byte[] page(Guest guest, int page) {
        byte[] cdb = Cdb.parameters(Operation.INQUIRY, 200);
        cdb[1] = 1;
        cdb[2] = (byte) page;
        return good(guest.in(cdb, 200)).transferred();
    }

    /** A driver that writes, reads and compares as fast as it can. */
    private static final class Load {
        private final ScsiDriverQueue queue;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private volatile boolean stopping;

        Load(ScsiDriverQueue queue) {
            this.queue = queue;
            Thread.ofPlatform().daemon().start(this::work);
        }

        private void work() {
            try {
                for (int i = 0; !stopping; i++) {
                    byte[] data = filled(i, 8);
                    long lba = 1024 + i % 64 * 8L;
                    good(queue.execute(LUN, Cdb.range(Operation.WRITE_10, lba, 8, 0), data, 0));
                    assertThat(queue.execute(LUN, Cdb.range(Operation.READ_10, lba, 8, 0), new byte[0], data.length)
                                    .data())
                            .isEqualTo(data);
                    // One that the control plane runs.
                    assertThat(queue.execute(LUN, Cdb.of(Operation.READ_CAPACITY_10), new byte[0], 8)
                                    .status())
                            .isEqualTo(ScsiStatus.GOOD);
                }
                end.complete(null);
            } catch (RuntimeException | Error e) {
                end.completeExceptionally(e);
            }
        }

        void stop() throws Exception {
            stopping = true;
            end.get(30, TimeUnit.SECONDS);
        }
    }
}
