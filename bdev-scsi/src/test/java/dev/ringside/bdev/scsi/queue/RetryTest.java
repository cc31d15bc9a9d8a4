package dev.ringside.bdev.scsi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.queue.QueueRig.Request;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a command is tried again, and when no more: with a clock that is turned by hand. */
class RetryTest {
    private static final long MS = QueueRig.MS;
    private static final UnitTraits TRAITS = new UnitTraits(512, true, false, true, true, true, 4);

    private final QueueRig rig = new QueueRig(TRAITS);
    private final ScriptedPort port = rig.port;
    private final List<String> events = rig.events;
    private final HostQueue queue = rig.queue;
    private final BdevChannel channel = rig.channel;
    private final Unit unit = rig.unit;

    RetryTest() throws Exception {}

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aPassingFailureIsTriedAgainLaterEachTime() {
        Request request = rig.new Request(IoType.READ, 0);
        port.way(HostStatus.TRANSPORT_ERROR);
        turn(1);
        assertThat(port.posted).as("the first time at once").hasSize(1);
        port.sense(SenseKey.ABORTED_COMMAND, AdditionalSense.INTERNAL_TARGET_FAILURE);
        turn(1);
        assertThat(port.posted).isEmpty();
        turn(19);
        assertThat(port.posted).isEmpty();
        turn(1);
        assertThat(port.posted).hasSize(1);
        port.way(HostStatus.ABORTED);
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.IO_ERROR);
    }

    /** A flush that was not carried out must not end well, whatever it has to tell of an earlier write. */
    @Test
    void aDeferredErrorHasItsCommandTriedAgain() {
        Request request = rig.new Request(IoType.FLUSH, 0);
        port.deferred(SenseKey.RECOVERED_ERROR, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION);
        turn(1);
        assertThat(request.ends).isZero();
        port.deferred(SenseKey.MEDIUM_ERROR, AdditionalSense.WRITE_ERROR);
        turn(1);
        turn(20);
        assertThat(request.ends).isZero();
        assertThat(Operation.of(port.posted.getFirst().cdb())).isEqualTo(Operation.SYNCHRONIZE_CACHE_10);
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
        assertThat(events).containsExactly("deferred RECOVERED_ERROR 0", "deferred MEDIUM_ERROR c00");
    }

    @Test
    void deferredErrorsWithoutEndAreAnError() {
        Request request = rig.new Request(IoType.WRITE, 0);
        for (int tries = 0; tries < 3; tries++) {
            assertThat(request.ends).isZero();
            port.deferred(SenseKey.DATA_PROTECT, AdditionalSense.WRITE_PROTECTED);
            turn(21);
            turn(21);
        }
        assertThat(request.status).as("not that of the earlier command").isEqualTo(IoStatus.IO_ERROR);
        assertThat(port.posted).isEmpty();
    }

    @Test
    void aBusyDeviceIsWaitedForUntilPatienceEnds() {
        Request request = rig.new Request(IoType.READ, 0);
        for (int waits = 0; waits < 10; waits++) {
            port.status(ScsiStatus.BUSY);
            turn(1);
            assertThat(port.posted).isEmpty();
            turn(50);
            assertThat(port.posted).hasSize(1);
        }
        port.status(ScsiStatus.BUSY);
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.IO_ERROR);
    }

    @Test
    void aUnitAttentionCostsNoTry() {
        Request request = rig.new Request(IoType.READ, 0);
        for (int i = 0; i < 10; i++) {
            port.sense(SenseKey.UNIT_ATTENTION, AdditionalSense.CAPACITY_DATA_HAS_CHANGED);
            turn(1);
            assertThat(port.posted).hasSize(1);
        }
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
        assertThat(events).hasSize(10).containsOnly("attention 2a09");
    }

    @Test
    void aFullDeviceIsGivenFewer() {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            requests.add(rig.new Request(IoType.READ, i));
        }
        assertThat(port.posted).hasSize(4);
        port.status(ScsiStatus.TASK_SET_FULL);
        port.status(ScsiStatus.TASK_SET_FULL);
        turn(1);
        assertThat(port.posted).hasSize(2);
        turn(10);
        assertThat(port.posted).as("two at a time").hasSize(2);
        Request further = rig.new Request(IoType.READ, 9);
        assertThat(channel.congested()).as("it is refused while others wait").isTrue();
        for (int i = 0; i < 5; i++) {
            port.good();
            turn(10);
            channel.flush();
            assertThat(port.posted).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(requests).allMatch(request -> request.status == IoStatus.OK);
        assertThat(further.status).isEqualTo(IoStatus.OK);
    }

    @Test
    void whatTakesTooLongIsToldOnce() {
        Request request = rig.new Request(IoType.READ, 0);
        queue.checkTimeouts(rig.now + 999 * MS);
        assertThat(events).isEmpty();
        queue.checkTimeouts(rig.now + 1001 * MS);
        queue.checkTimeouts(rig.now + 2001 * MS);
        assertThat(events).containsExactly("overdue");
        assertThat(queue.stuck(each -> each == unit)).isEqualTo(1);
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
        assertThat(queue.stuck(each -> true)).isZero();
    }

    @Test
    void whatAResetTookIsPostedAgainAndTheCulpritNotForEver() {
        Request culprit = rig.new Request(IoType.READ, 0);
        for (int resets = 1; resets <= 3; resets++) {
            queue.checkTimeouts(rig.now + 1001 * MS);
            Request bystander = rig.new Request(IoType.WRITE, 8);
            port.posted.clear();
            queue.takeBack();
            queue.hub().forget();
            turn(1);
            assertThat(port.posted).hasSize(resets == 3 ? 1 : 2);
            port.posted.removeIf(command -> Cdb.lba(command.cdb()) == 0 && culprit.ends == 0);
            port.good();
            turn(1);
            assertThat(bystander.status).isEqualTo(IoStatus.OK);
        }
        assertThat(culprit.status).isEqualTo(IoStatus.IO_ERROR);
    }

    @Test
    void nothingIsPostedToADiskThatIsBeingPutRight() {
        queue.hold(each -> each == unit, true);
        Request request = rig.new Request(IoType.READ, 0);
        turn(100);
        assertThat(port.posted).isEmpty();
        queue.hold(each -> each == unit, false);
        turn(1);
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
    }

    @Test
    void requestsForAMissingDiskLeaveOthersHalfOfTheCommands() throws Exception {
        BdevHandle otherHandle = rig.open("other", QueueRig.unit(1, TRAITS));
        BdevChannel another = rig.channel(otherHandle);
        List<Request> going = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            going.add(rig.new Request(another, IoType.READ, i, 0));
        }
        assertThat(port.posted).hasSize(2);
        unit.device().target().missing(Long.MAX_VALUE);
        List<Request> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(rig.new Request(IoType.READ, i));
        }
        assertThat(channel.congested())
                .as("the third of it is the fifth of eight")
                .isTrue();
        for (int i = 0; i < 2; i++) {
            going.add(rig.new Request(another, IoType.READ, i, 0));
        }
        assertThat(port.posted).hasSize(4);
        for (int i = 0; i < 4; i++) {
            port.good();
        }
        turn(1);
        assertThat(going).allMatch(request -> request.status == IoStatus.OK);
        channel.flush();
        assertThat(channel.congested()).isFalse();
        assertThat(held).noneMatch(request -> request.ends > 0);

        queue.removed(unit);
        assertThat(held).allMatch(request -> request.ends == 1 && request.status == IoStatus.NO_DEVICE);
        another.close();
        otherHandle.close();
    }

    @Test
    void whoOnlyWaitsForAMissingDiskSleeps() {
        Request posted = rig.new Request(IoType.READ, 0);
        assertThat(queue.arm()).as("the adapter does not interrupt").isFalse();
        unit.device().target().missing(Long.MAX_VALUE);
        Request request = rig.new Request(IoType.READ, 1);
        port.good();
        turn(1);
        assertThat(posted.status).isEqualTo(IoStatus.OK);
        assertThat(queue.arm()).isTrue();
        queue.disarm();
        unit.device().target().waitNoMore();
        assertThat(queue.arm()).isFalse();
        turn(1);
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
        assertThat(queue.arm()).isTrue();
        queue.disarm();
    }

    @Test
    void nothingIsPostedToADiskThatHasGone() {
        Request sync = rig.new Request(IoType.WRITE, 5, BdevIo.FUA);
        Request taken = rig.new Request(IoType.READ, 0);
        queue.removed(unit);
        port.good();
        turn(1);
        assertThat(sync.status).isEqualTo(IoStatus.NO_DEVICE);
        port.posted.clear();
        queue.takeBack();
        queue.hub().forget();
        turn(1);
        assertThat(taken.status).isEqualTo(IoStatus.NO_DEVICE);
        assertThat(port.posted).isEmpty();
    }

    @Test
    void whatIsAbortedIsNotFollowedByASynchronizeCache() {
        Request request = rig.new Request(IoType.WRITE, 5, BdevIo.FUA);
        request.io.abort();
        request.io.abort();
        assertThat(events).as("asked for once").containsExactly("abort");
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.ABORTED);
        assertThat(port.posted).isEmpty();
    }

    private void turn(long ms) {
        rig.turn(ms);
    }
}
