package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.stacked.DelayLatencies;
import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stacked disks add to or take from the disk below. */
class StackedBdevTest {
    private static final long US = 1_000;
    private static final int BLOCKS = 4096;
    private static final long SEED = 7;

    private final BdevRegistry registry = new BdevRegistry();
    private final FaultPoint faults = new FaultPoint();
    private final List<BdevEvent> events = new ArrayList<>();
    private MemorySegment memory = Arena.ofAuto().allocate(64 << 10);
    private MallocBdev base;
    private SteppedReactor reactor;
    private StackedBdev stacked;
    private BdevHandle handle;
    private BdevChannel channel;

    @BeforeEach
    void open() throws Exception {
        reactor = new SteppedReactor();
        base = MallocBdev.create(new MallocOptions("base", 512, BLOCKS));
        registry.register(base);
        stacked = StackedBdev.over(
                registry, "base", new StackedBdev.Identity("top", UUID.randomUUID(), "Error Injection Disk"), faults);
        registry.register(stacked);
        handle = registry.open("top", true, events::add);
        channel = handle.openChannel(reactor.reactor());
    }

    @AfterEach
    void close() {
        reactor.close();
    }

    @Test
    void aRequestIsCountedOnceAmongWhatTheReactorDid() {
        assertThat(run(IoType.READ, 0, 1)).isEqualTo(IoStatus.OK);
        assertThat(registry.served().join().values())
                .extracting(stats -> stats.of(IoType.READ).operations())
                .containsExactly(1L);
    }

    @Test
    void theBaseIsClaimedUntilTheLastDiskOnItIsDestroyed() throws Exception {
        assertThat(registry.find("base").claim()).contains("Error Injection Disk");
        assertThatThrownBy(() -> registry.open("base", true, event -> {}))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
        assertThatThrownBy(() -> StackedBdev.split(registry, "base", 2, 0)).isInstanceOf(BdevException.class);
        channel.close();
        handle.close();
        registry.unregister("top").join();
        assertThat(registry.find("base").claim()).isEmpty();
        List<StackedBdev> parts = StackedBdev.split(registry, "base", 2, 0);
        parts.getFirst().destroy();
        assertThat(registry.find("base").claim()).contains("Split Disk");
        parts.getLast().destroy();
        assertThat(registry.find("base").claim()).isEmpty();
    }

    @Test
    void theRemovalOfTheBaseIsPassedOn() throws Exception {
        CompletableFuture<Void> gone = registry.unregister("base");
        reactor.step();
        assertThat(events).containsExactly(new BdevEvent.Removed());
        assertThat(registry.list()).isEmpty();
        assertThat(run(IoType.READ, 0, 1)).isEqualTo(IoStatus.NO_DEVICE);
        assertThat(gone).isNotDone();
        channel.close();
        handle.close();
        assertThat(gone).isDone();
    }

    @Test
    void partsAreNamedAfterTheirBaseAndEndWithIt() throws Exception {
        channel.close();
        handle.close();
        registry.unregister("top").join();
        assertThatThrownBy(() -> StackedBdev.split(registry, "base", 3, 1 << 20))
                .hasMessageContaining("cannot be split in 3");
        List<StackedBdev> parts = StackedBdev.split(registry, "base", 3, 512 * 1000);
        for (StackedBdev part : parts) {
            registry.register(part);
        }
        assertThat(parts).extracting(part -> part.info().name()).containsExactly("basep0", "basep1", "basep2");
        assertThat(parts).extracting(StackedBdev::firstBlock).containsExactly(0L, 1000L, 2000L);
        base.resize(registry, 1500);
        assertThat(parts).extracting(part -> part.info().numBlocks()).containsExactly(1000L, 500L, 0L);
        base.resize(registry, BLOCKS);
        assertThat(parts).extracting(part -> part.info().numBlocks()).containsExactly(1000L, 1000L, 1000L);
    }

    @Test
    void readsAndWritesAreHeldForAsLongAsIsSaid() {
        faults.set(new DelayLatencies(100 * US, 100 * US, 300 * US, 300 * US).faults(SEED));
        TestRequest read = submit(IoType.READ, 0, 1);
        TestRequest write = submit(IoType.WRITE, 1, 1);
        TestRequest flush = submit(IoType.FLUSH, 0, 0);
        assertThat(flush.status).isEqualTo(IoStatus.OK);
        reactor.step(99 * US);
        assertThat(read.done()).isFalse();
        reactor.step(US);
        assertThat(read.done()).isTrue();
        reactor.step(199 * US);
        assertThat(write.done()).isFalse();
        reactor.step(US);
        assertThat(write.status).isEqualTo(IoStatus.OK);
    }

    @Test
    void oneInAHundredIsHeldLonger() {
        faults.set(new DelayLatencies(10 * US, 5_000 * US, 0, 0).faults(SEED));
        List<TestRequest> reads = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            reads.add(submit(IoType.READ, i % 100, 1));
        }
        for (int turn = 0; turn < 200; turn++) {
            reactor.step(10);
        }
        reactor.step(20 * US);
        for (int turn = 0; turn < 200; turn++) {
            reactor.step(10);
        }
        long late = reads.stream().filter(read -> !read.done()).count();
        assertThat(late).isBetween(60L, 150L);
        reactor.step(5_000 * US);
        assertThat(reads).allMatch(TestRequest::done);
    }

    @Test
    void flagsArePassedOnWithEachPart() throws Exception {
        RecordingDisk disk =
                new RecordingDisk(RecordingDisk.cached("recording").withLimits(new IoLimits(8, 0, 0, 0, 8)));
        registry.register(disk);
        registry.register(StackedBdev.over(
                registry, "recording", new StackedBdev.Identity("over", UUID.randomUUID(), "passthru"), faults));
        try (BdevHandle over = registry.open("over", true, event -> {});
                BdevChannel way = over.openChannel(reactor.reactor())) {
            TestRequest zeroes = new TestRequest().with(IoType.WRITE_ZEROES, 0, 20, BdevIo.FUA | BdevIo.MAY_UNMAP);
            way.submit(zeroes.io);
            assertThat(zeroes.status).isEqualTo(IoStatus.OK);
            assertThat(disk.take())
                    .containsExactly(
                            "WRITE_ZEROES 0+8 FUA MAY_UNMAP",
                            "WRITE_ZEROES 8+8 FUA MAY_UNMAP",
                            "WRITE_ZEROES 16+4 FUA MAY_UNMAP");
            TestRequest write = new TestRequest();
            write.data.add(memory, 0, 12 * 512);
            way.submit(write.with(IoType.WRITE, 0, 12, BdevIo.FUA).io);
            assertThat(disk.take()).containsExactly("WRITE 0+8 FUA", "WRITE 8+4 FUA");
        }
    }

    @Test
    void heldRequestsEndByAbortResetAndRemoval() throws Exception {
        inject(IoType.READ, new FaultAction.Stick(), 3);
        TestRequest first = submit(IoType.READ, 0, 1);
        TestRequest second = submit(IoType.READ, 1, 1);
        first.io.abort();
        assertThat(first.status).isEqualTo(IoStatus.ABORTED);
        assertThat(second.done()).isFalse();
        assertThat(run(IoType.RESET, 0, 0)).isEqualTo(IoStatus.OK);
        assertThat(second.status).isEqualTo(IoStatus.ABORTED);
        TestRequest third = submit(IoType.READ, 2, 1);
        TestRequest fourth = submit(IoType.READ, 3, 1);
        assertThat(fourth.status).as("the fault has hit three times").isEqualTo(IoStatus.OK);
        CompletableFuture<Void> _ = registry.unregister("top");
        reactor.step();
        assertThat(third.status).isEqualTo(IoStatus.NO_DEVICE);
        channel.close();
        handle.close();
    }

    @Test
    void whatAFaultHeldGoesOnWhenItIsOver() {
        inject(IoType.READ, new FaultAction.Stick(), 10);
        TestRequest read = submit(IoType.READ, 0, 1);
        faults.set(List.of());
        reactor.step();
        assertThat(read.status).isEqualTo(IoStatus.OK);
    }

    @Test
    void failuresAndRefusalsHitAsOftenAsIsSaid() {
        LiveFault fault = inject(IoType.WRITE, new FaultAction.Fail(IoStatus.IO_ERROR), 2);
        assertThat(run(IoType.READ, 0, 1)).isEqualTo(IoStatus.OK);
        assertThat(run(IoType.WRITE, 0, 1)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(run(IoType.WRITE, 0, 1)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(run(IoType.WRITE, 0, 1)).isEqualTo(IoStatus.OK);
        assertThat(fault.run().hits()).isEqualTo(2);
        LiveFault none = inject(IoType.WRITE, new FaultAction.NoMemory(), 2);
        TestRequest write = submit(IoType.WRITE, 0, 1);
        assertThat(write.done()).isFalse();
        assertThat(channel.congested()).isTrue();
        channel.flush();
        channel.flush();
        assertThat(write.status).isEqualTo(IoStatus.OK);
        assertThat(none.run().hits()).isEqualTo(2);
    }

    @Test
    void rangesAndQueueDepthsAreKept() {
        Set<IoType> types = Set.of(IoType.READ);
        FaultAction fail = new FaultAction.Fail(IoStatus.IO_ERROR);
        faults.set(List.of(live(new Fault(types, 10, 19, 1, Fault.ENDLESS, 0, 0, Fault.ENDLESS, fail))));
        assertThat(run(IoType.READ, 0, 10)).isEqualTo(IoStatus.OK);
        assertThat(run(IoType.READ, 0, 11)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(run(IoType.READ, 19, 1)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(run(IoType.READ, 20, 1)).isEqualTo(IoStatus.OK);
        faults.set(List.of(
                live(new Fault(types, 0, 0, 1, Fault.ENDLESS, 0, 0, Fault.ENDLESS, new FaultAction.Stick())),
                live(new Fault(types, 1, 9, 1, Fault.ENDLESS, 1, 0, Fault.ENDLESS, fail))));
        assertThat(run(IoType.READ, 5, 1)).isEqualTo(IoStatus.OK);
        TestRequest stuck = submit(IoType.READ, 0, 1);
        assertThat(run(IoType.READ, 5, 1)).isEqualTo(IoStatus.IO_ERROR);
        stuck.io.abort();
    }

    @Test
    void oneByteOfAReadOrAWriteIsAnother() {
        memory.fill((byte) 0x55);
        inject(IoType.WRITE, new FaultAction.Corrupt(700, 0x0f), 1);
        assertThat(run(IoType.WRITE, 8, 3)).isEqualTo(IoStatus.OK);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 700))
                .as("the writer's memory")
                .isEqualTo((byte) 0x55);
        expectSpoilt(700, 0x5a);
        inject(IoType.READ, new FaultAction.Corrupt(3, 0xff), 1);
        memory.fill((byte) 0x55);
        assertThat(run(IoType.WRITE, 8, 3)).isEqualTo(IoStatus.OK);
        expectSpoilt(3, 0xaa);
        assertThat(run(IoType.READ, 8, 3)).isEqualTo(IoStatus.OK);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 3)).isEqualTo((byte) 0x55);
    }

    @Test
    void whatHasNoSuchByteIsNotHit() {
        LiveFault last = inject(IoType.READ, new FaultAction.Corrupt(3 * 512 - 1, 0xff), 1);
        LiveFault flush = live(Fault.always(Set.of(IoType.FLUSH), new FaultAction.Corrupt(0, 0xff)));
        faults.set(List.of(last, flush));
        assertThat(run(IoType.READ, 8, 2)).isEqualTo(IoStatus.OK);
        assertThat(run(IoType.FLUSH, 0, 0)).isEqualTo(IoStatus.OK);
        assertThat(last.run().hits()).isZero();
        assertThat(flush.run().hits()).isZero();
        assertThat(run(IoType.READ, 8, 3)).isEqualTo(IoStatus.OK);
        assertThat(last.run().hits()).isEqualTo(1);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 3 * 512 - 1)).isEqualTo((byte) 0xff);
    }

    @Test
    void aRequestToBeSpoiltEndsWhenItsMemoryIsGone() throws Exception {
        MemorySegment own = memory;
        try (Fd fd = Memfd.create("test", 4096);
                Mapping mapping = Mapping.ofShared(fd, 0, 4096, true)) {
            memory = mapping.segment();
            Memfd.truncate(fd, 0);
            for (IoType type : List.of(IoType.WRITE, IoType.READ)) {
                inject(type, new FaultAction.Corrupt(3, 0xff), 1);
                assertThat(run(type, 8, 3)).as("%s", type).isEqualTo(-Errno.EFAULT);
            }
        }
        memory = own;
        assertThat(run(IoType.READ, 8, 3)).isEqualTo(IoStatus.OK);
        assertThat(channel.outstanding()).isZero();
    }

    private void expectSpoilt(int at, int value) {
        memory.fill((byte) 0);
        assertThat(run(IoType.READ, 8, 3)).isEqualTo(IoStatus.OK);
        for (int i = 0; i < 3 * 512; i++) {
            assertThat(memory.get(ValueLayout.JAVA_BYTE, i)).as("byte %d", i).isEqualTo((byte)
                    (i == at ? value : 0x55));
        }
    }

    private LiveFault inject(IoType type, FaultAction action, long count) {
        LiveFault live = live(new Fault(Set.of(type), 0, Long.MAX_VALUE, 1, count, 0, 0, Fault.ENDLESS, action));
        faults.set(List.of(live));
        return live;
    }

    private LiveFault live(Fault fault) {
        return new LiveFault(fault, SEED, reactor.reactor().nowNs());
    }

    private int run(IoType type, long lba, long blocks) {
        TestRequest request = submit(type, lba, blocks);
        reactor.stepUntil(request::done, 100);
        return request.status;
    }

    private TestRequest submit(IoType type, long lba, long blocks) {
        TestRequest request = new TestRequest();
        if (type.movesData()) {
            request.transfer(type, lba, blocks, memory.asSlice(0, blocks * 512));
        } else {
            request.plain(type, lba, blocks);
        }
        channel.submit(request.io);
        channel.flush();
        return request;
    }
}
