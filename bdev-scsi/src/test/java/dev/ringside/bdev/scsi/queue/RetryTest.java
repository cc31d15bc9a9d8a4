package dev.ringside.bdev.scsi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ReactorLoop;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a command is tried again, and when no more: with a clock that is turned by hand. */
class RetryTest implements QueueEvents {
    private static final long MS = 1_000_000;
    private static final QueueSettings SETTINGS = new QueueSettings(8, 1000 * MS, 2, 500 * MS, 4, 0);

    private final ScriptedPort port = new ScriptedPort();
    private final List<String> events = new ArrayList<>();
    private final BdevRegistry registry = new BdevRegistry();
    private final Unit unit = unit(0);
    private final Unit other = unit(1);
    private long now = 1000 * MS;
    private ReactorLoop reactor;
    private HostQueue queue;
    private BdevHandle handle;
    private BdevChannel channel;

    @BeforeEach
    void open() throws Exception {
        reactor = new ReactorLoop(0, (name, thrown) -> events.add(name + ": " + thrown), now);
        reactor.adopt();
        queue = new HostQueue(reactor, new QueueHub(port, 9, null), SETTINGS, new DmaSpace(), this);
        registry.register(new OneDisk("disk", unit));
        handle = registry.open("disk", true, event -> {});
        channel = handle.openChannel(reactor);
    }

    @AfterEach
    void close() {
        channel.close();
        handle.close();
        assertThat(events).contains("unused");
        reactor.close();
    }

    @Test
    void aPassingFailureIsTriedAgainLaterEachTime() {
        Request request = new Request(IoType.READ, 0);
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

    @Test
    void aBusyDeviceIsWaitedForUntilPatienceEnds() {
        Request request = new Request(IoType.READ, 0);
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
        Request request = new Request(IoType.READ, 0);
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
            requests.add(new Request(IoType.READ, i));
        }
        assertThat(port.posted).hasSize(4);
        port.status(ScsiStatus.TASK_SET_FULL);
        port.status(ScsiStatus.TASK_SET_FULL);
        turn(1);
        assertThat(port.posted).hasSize(2);
        turn(10);
        assertThat(port.posted).as("two at a time").hasSize(2);
        Request further = new Request(IoType.READ, 9);
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
        Request request = new Request(IoType.READ, 0);
        queue.checkTimeouts(now + 999 * MS);
        assertThat(events).isEmpty();
        queue.checkTimeouts(now + 1001 * MS);
        queue.checkTimeouts(now + 2001 * MS);
        assertThat(events).containsExactly("overdue");
        assertThat(queue.stuck(each -> each == unit)).isEqualTo(1);
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
        assertThat(queue.stuck(each -> true)).isZero();
    }

    @Test
    void whatAResetTookIsPostedAgainAndTheCulpritNotForEver() {
        Request culprit = new Request(IoType.READ, 0);
        for (int resets = 1; resets <= 3; resets++) {
            queue.checkTimeouts(now + 1001 * MS);
            Request bystander = new Request(IoType.WRITE, 8);
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
        Request request = new Request(IoType.READ, 0);
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
        registry.register(new OneDisk("other", other));
        BdevHandle otherHandle = registry.open("other", true, event -> {});
        BdevChannel another = otherHandle.openChannel(reactor);
        List<Request> going = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            going.add(new Request(another, IoType.READ, i, 0));
        }
        assertThat(port.posted).hasSize(2);
        unit.device().target().missing(Long.MAX_VALUE);
        List<Request> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(new Request(IoType.READ, i));
        }
        assertThat(channel.congested())
                .as("the third of it is the fifth of eight")
                .isTrue();
        for (int i = 0; i < 2; i++) {
            going.add(new Request(another, IoType.READ, i, 0));
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
        Request posted = new Request(IoType.READ, 0);
        assertThat(queue.arm()).as("the adapter does not interrupt").isFalse();
        unit.device().target().missing(Long.MAX_VALUE);
        Request request = new Request(IoType.READ, 1);
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
        Request sync = new Request(IoType.WRITE, 5, BdevIo.FUA);
        Request taken = new Request(IoType.READ, 0);
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
    void fuaWithoutFuaIsASynchronizeCacheBehind() {
        Request request = new Request(IoType.WRITE, 5, BdevIo.FUA);
        assertThat(Operation.of(port.posted.getFirst().cdb())).isEqualTo(Operation.WRITE_10);
        assertThat(Cdb.fua(port.posted.getFirst().cdb())).isFalse();
        endsAfterASynchronizeCache(request);
    }

    @Test
    void fuaOfZeroesIsASynchronizeCacheBehind() {
        Request plain = new Request(IoType.WRITE_ZEROES, 5);
        port.good();
        turn(1);
        assertThat(plain.status).isEqualTo(IoStatus.OK);
        assertThat(port.posted).isEmpty();
        Request forced = new Request(IoType.WRITE_ZEROES, 5, BdevIo.FUA);
        assertThat(Operation.of(port.posted.getFirst().cdb())).isEqualTo(Operation.WRITE_SAME_16);
        endsAfterASynchronizeCache(forced);
    }

    @Test
    void whatIsAbortedIsNotFollowedByASynchronizeCache() {
        Request request = new Request(IoType.WRITE, 5, BdevIo.FUA);
        request.io.abort();
        request.io.abort();
        assertThat(events).as("asked for once").containsExactly("abort");
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.ABORTED);
        assertThat(port.posted).isEmpty();
    }

    private void endsAfterASynchronizeCache(Request request) {
        port.good();
        turn(1);
        assertThat(request.ends).isZero();
        assertThat(Operation.of(port.posted.getFirst().cdb())).isEqualTo(Operation.SYNCHRONIZE_CACHE_10);
        port.good();
        turn(1);
        assertThat(request.status).isEqualTo(IoStatus.OK);
    }

    @Test
    void farBlocksNeedLongCommands() {
        Request near = new Request(IoType.READ, 0xffff_ffffL);
        Request far = new Request(IoType.READ, 0x1_0000_0000L);
        assertThat(Operation.of(port.posted.get(0).cdb())).isEqualTo(Operation.READ_10);
        assertThat(Operation.of(port.posted.get(1).cdb())).isEqualTo(Operation.READ_16);
        ScsiCommand second = port.posted.get(1);
        assertThat(Cdb.lba(second.cdb())).isEqualTo(0x1_0000_0000L);
        assertThat(second.cdbLength()).isEqualTo(16);
        assertThat(second.data()).as("the request's own list").isSameAs(far.data);
        port.good();
        port.good();
        turn(1);
        assertThat(near.status + far.status).isEqualTo(IoStatus.OK);
    }

    private static Unit unit(int id) {
        return new Unit(
                new ScsiDevice(new ScsiTarget(0, id, 0, ScsiTarget.Transport.SAS, 0, "", 0), 0),
                new UnitTraits(512, true, false, true, true, true, 4));
    }

    private void turn(long ms) {
        now += ms * MS;
        reactor.step(now);
    }

    @Override
    public void overdue(HostQueue from, int index) {
        events.add("overdue");
    }

    @Override
    public void abort(HostQueue from, int index) {
        events.add("abort");
    }

    @Override
    public void reset(DiskChannel from) {
        events.add("reset");
    }

    @Override
    public void attention(Unit from, int code) {
        events.add("attention " + Integer.toHexString(code));
    }

    @Override
    public void starved(HostQueue from, int bytes) {
        events.add("starved");
    }

    @Override
    public void unused(HostQueue from) {
        events.add("unused");
    }

    /** A request of one block. */
    private final class Request {
        final ScatterList data = new ScatterList(1);
        final BdevIo io;
        int ends;
        int status = 1;

        Request(IoType type, long lba) {
            this(type, lba, 0);
        }

        Request(IoType type, long lba, int flags) {
            this(channel, type, lba, flags);
        }

        Request(BdevChannel to, IoType type, long lba, int flags) {
            data.add(MemorySegment.ofArray(new byte[512]), 0, 512);
            io = new BdevIo((done, how) -> {
                ends++;
                status = how;
            });
            io.prepare(type, lba, 1, data, flags);
            to.submit(io);
            to.flush();
        }
    }

    private final class OneDisk implements Bdev {
        private final BdevInfo info;
        private final Unit of;

        OneDisk(String name, Unit of) {
            this.of = of;
            this.info = new BdevInfo(
                    name,
                    List.of(),
                    "SCSI disk",
                    new UUID(0, 1 + of.device().target().id()),
                    512,
                    512,
                    1L << 33,
                    false,
                    true,
                    false,
                    EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.WRITE_ZEROES),
                    IoLimits.NONE);
        }

        @Override
        public BdevInfo info() {
            return info;
        }

        @Override
        public IoChannel openChannel(Reactor where) throws IOException {
            return new DiskChannel(of, 0, queue);
        }

        @Override
        public void destroy() {}
    }
}
