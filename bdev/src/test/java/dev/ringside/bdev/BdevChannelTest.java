package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.ReactorLoop;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BdevChannelTest {
    private final BdevRegistry registry = new BdevRegistry();
    private final ScriptedBdev device = ScriptedBdev.named("a");
    private ReactorLoop reactor;
    private BdevHandle handle;
    private BdevChannel channel;

    @BeforeEach
    void open() throws Exception {
        reactor = BdevRegistryTest.reactor();
        registry.register(device);
        handle = registry.open("a", true, event -> {});
        channel = handle.openChannel(reactor);
    }

    @AfterEach
    void close() {
        reactor.close();
    }

    @Test
    void aRequestEndsWithTheStatusOfTheDevice() {
        for (int status : new int[] {IoStatus.OK, IoStatus.IO_ERROR, IoStatus.NO_SPACE, IoStatus.ABORTED}) {
            CountingOwner write = CountingOwner.of(IoType.WRITE, 7, 3);
            channel.submit(write.io);
            assertThat(channel.outstanding()).isEqualTo(1);
            assertThat(write.ends).isZero();
            device.endOne(status);
            assertThat(write.status).isEqualTo(status);
            assertThat(write.ends).isEqualTo(1);
            assertThat(channel.outstanding()).isZero();
        }
    }

    /** A fault of somebody's memory may be reported anywhere, also between a request's end and the word to its owner. */
    @Test
    void aFaultOnTheWayLosesNoRequest() throws Exception {
        FaultyClock clock = new FaultyClock(reactor);
        BdevChannel other = handle.openChannel(clock);
        for (int i = 0; i < 3; i++) {
            CountingOwner write = CountingOwner.of(IoType.WRITE, 7, 3);
            other.submit(write.io);
            clock.faulty = true;
            assertThatThrownBy(() -> device.endOne(IoStatus.OK)).isSameAs(clock.fault);
            clock.faulty = false;
            assertThat(write.ends).isEqualTo(1);
            assertThat(write.status).isEqualTo(IoStatus.OK);
            assertThat(other.outstanding()).isZero();
        }
        other.close();
    }

    @Test
    void aFaultWhileARequestIsHandedOverEndsIt() {
        InternalError fault = new InternalError("a fault");
        device.fault = fault;
        CountingOwner write = CountingOwner.of(IoType.WRITE, 7, 3);
        channel.submit(write.io);
        assertThat(write.ends).isEqualTo(1);
        assertThat(write.status).isEqualTo(-Errno.EIO);
        device.room = 0;
        CountingOwner late = CountingOwner.of(IoType.WRITE, 7, 3);
        channel.submit(late.io);
        device.room = 9;
        device.fault = fault;
        channel.flush();
        assertThat(late.ends).isEqualTo(1);
        assertThat(late.status).isEqualTo(-Errno.EIO);
        assertThat(channel.outstanding()).isZero();
        assertThat(channel.congested()).isFalse();
        channel.close();
    }

    @Test
    void aRequestIsAborted() {
        device.aborts = true;
        device.room = 1;
        List<CountingOwner> requests = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            requests.add(CountingOwner.of(IoType.WRITE, i, 1));
            channel.submit(requests.get(i).io);
        }
        // The device has the first, and no room for the others.
        for (int i : new int[] {0, 2, 3}) {
            requests.get(i).io.abort();
            assertThat(requests.get(i).status).isEqualTo(IoStatus.ABORTED);
            requests.get(i).io.abort();
            assertThat(requests.get(i).ends).isEqualTo(1);
        }
        CountingOwner last = CountingOwner.of(IoType.WRITE, 9, 1);
        channel.submit(last.io);
        device.room = 9;
        channel.flush();
        device.endAll();
        assertThat(requests.get(1).status).isEqualTo(IoStatus.OK);
        assertThat(last.status).isEqualTo(IoStatus.OK);
        assertThat(channel.outstanding()).isZero();
        channel.close();
    }

    @Test
    void whatIsOutsideTheDeviceDoesNotReachIt() {
        long[][] ranges = {{1000, 1}, {999, 2}, {0, 1001}, {-1, 2}, {0, 0}, {Long.MAX_VALUE, Long.MAX_VALUE}};
        for (long[] range : ranges) {
            CountingOwner unmap = CountingOwner.of(IoType.UNMAP, range[0], range[1]);
            channel.submit(unmap.io);
            assertThat(unmap.status).isEqualTo(IoStatus.INVALID);
        }
        CountingOwner read = CountingOwner.of(IoType.READ, 0, 2);
        read.data.add(CountingOwner.MEMORY, 0, 1);
        channel.submit(read.io);
        assertThat(read.status).isEqualTo(IoStatus.INVALID);
        assertThat(device.seen).isEmpty();
    }

    @Test
    void aReaderCannotModify() throws Exception {
        try (BdevHandle other = registry.open("a", false, event -> {});
                BdevChannel reader = other.openChannel(reactor)) {
            for (IoType type : IoType.values()) {
                CountingOwner request = CountingOwner.of(type, 0, type.hasRange() ? 1 : 0);
                reader.submit(request.io);
                device.endAll();
                assertThat(request.status).isEqualTo(type.modifies() ? IoStatus.READ_ONLY : IoStatus.OK);
            }
        }
    }

    @Test
    void aTypeThatTheDeviceCannotDoIsRefused() throws Exception {
        registry.register(new ScriptedBdev(
                ScriptedBdev.info("plain", 10, IoLimits.NONE, EnumSet.of(IoType.READ, IoType.WRITE), false)));
        try (BdevHandle other = registry.open("plain", true, event -> {});
                BdevChannel plain = other.openChannel(reactor)) {
            CountingOwner flush = CountingOwner.of(IoType.FLUSH, 0, 0);
            plain.submit(flush.io);
            assertThat(flush.status).isEqualTo(IoStatus.NOT_SUPPORTED);
        }
    }

    @Test
    void refusedRequestsAreTriedAgainInTheirOrder() {
        device.room = 2;
        List<CountingOwner> reads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            CountingOwner read = CountingOwner.of(IoType.READ, i, 1);
            reads.add(read);
            channel.submit(read.io);
        }
        assertThat(channel.congested()).isTrue();
        assertThat(device.held).hasSize(2);
        while (channel.outstanding() > 0) {
            device.endOne(IoStatus.OK);
            channel.flush();
        }
        assertThat(channel.congested()).isFalse();
        assertThat(device.seen)
                .extracting(ScriptedBdev.Seen::lba)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(reads).allSatisfy(read -> assertThat(read.ends).isEqualTo(1));
    }

    @Test
    void aRequestDoesNotOvertakeTheRefusedOnes() {
        device.room = 1;
        channel.submit(CountingOwner.of(IoType.READ, 0, 1).io);
        channel.submit(CountingOwner.of(IoType.READ, 1, 1).io);
        device.endOne(IoStatus.OK);
        // There is room now, but block 1 was first.
        channel.submit(CountingOwner.of(IoType.READ, 2, 1).io);
        assertThat(device.held).isEmpty();
        channel.flush();
        device.endOne(IoStatus.OK);
        channel.flush();
        device.endOne(IoStatus.OK);
        assertThat(device.seen).extracting(ScriptedBdev.Seen::lba).containsExactly(0L, 1L, 2L);
    }

    @Test
    void anOwnerMaySubmitAgainWhenItIsTold() {
        device.room = 1;
        int[] left = {50};
        List<CountingOwner> owners = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            CountingOwner owner = CountingOwner.of(IoType.READ, i, 1);
            owner.then = () -> {
                if (left[0]-- > 0) {
                    channel.submit(owner.io);
                    channel.flush();
                }
            };
            owners.add(owner);
            channel.submit(owner.io);
        }
        while (channel.outstanding() > 0) {
            device.endOne(IoStatus.OK);
            channel.flush();
        }
        assertThat(owners.stream().mapToInt(owner -> owner.ends).sum()).isEqualTo(55);
        assertThat(device.seen).hasSize(55);
        for (int i = 0; i < 55; i++) {
            assertThat(device.seen.get(i).lba()).isEqualTo(i % 5);
        }
    }

    @Test
    void anOwnerMaySubmitAgainInsideARetryThatEndsAtOnce() {
        device.room = 0;
        int[] left = {20};
        CountingOwner owner = CountingOwner.of(IoType.READ, 0, 1);
        CountingOwner behind = CountingOwner.of(IoType.READ, 1, 1);
        owner.then = () -> {
            if (left[0]-- > 0) {
                channel.submit(owner.io);
                channel.flush();
            }
        };
        channel.submit(owner.io);
        channel.submit(behind.io);
        device.room = Integer.MAX_VALUE;
        device.inline = true;
        channel.flush();
        assertThat(owner.ends).isEqualTo(21);
        assertThat(behind.ends).isEqualTo(1);
        assertThat(channel.outstanding()).isZero();
        assertThat(channel.congested()).isFalse();
    }

    @Test
    void defectsOfCallerAndModuleAreFound() {
        CountingOwner read = CountingOwner.of(IoType.READ, 0, 1);
        channel.submit(read.io);
        assertThatThrownBy(() -> channel.submit(read.io)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(channel::close).isInstanceOf(IllegalStateException.class);
        BdevIo held = device.held.remove();
        held.complete(IoStatus.OK);
        assertThatThrownBy(() -> held.complete(IoStatus.OK)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new BdevIo(read).complete(IoStatus.OK)).isInstanceOf(IllegalStateException.class);
        assertThat(read.ends).isEqualTo(1);
        channel.close();
        assertThatThrownBy(() -> channel.submit(read.io)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRemovedDeviceTakesNothingNew() throws Exception {
        CountingOwner before = CountingOwner.of(IoType.READ, 0, 1);
        channel.submit(before.io);
        assertThat(registry.unregister("a")).isNotDone();
        reactor.step(1);
        CountingOwner after = CountingOwner.of(IoType.FLUSH, 0, 0);
        channel.submit(after.io);
        assertThat(after.status).isEqualTo(IoStatus.NO_DEVICE);
        device.endOne(IoStatus.OK);
        assertThat(before.status).isEqualTo(IoStatus.OK);
        channel.close();
        handle.close();
        assertThat(device.destroyed).isTrue();
    }

    @Test
    void aResizeMovesTheBounds() throws Exception {
        device.info = device.info.withNumBlocks(10);
        registry.resized(device);
        CountingOwner read = CountingOwner.of(IoType.READ, 9, 2);
        channel.submit(read.io);
        assertThat(read.status).isEqualTo(IoStatus.INVALID);
        device.info = device.info.withNumBlocks(11);
        registry.resized(device);
        channel.submit(read.io);
        device.endAll();
        assertThat(read.status).isEqualTo(IoStatus.OK);
    }

    @Test
    void nothingIsAllocatedInSteadyState() {
        device.inline = true;
        device.remembers = false;
        CountingOwner read = CountingOwner.of(IoType.READ, 9, 2);
        long allocated = AllocationProbe.bytesOf(100_000, () -> {
            channel.submit(read.io);
            channel.flush();
        });
        assertThat(allocated).isLessThan(AllocationProbe.NOISE);
    }
}
