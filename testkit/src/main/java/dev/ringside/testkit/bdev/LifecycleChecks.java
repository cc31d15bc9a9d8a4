package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;

/** Reset, resize, removal, and more requests than there is room for: each request ends exactly once. */
final class LifecycleChecks {
    private static final int MANY = 64;
    private static final int TOO_MANY = 3000;

    private LifecycleChecks() {}

    static List<Check> all(BdevSubject subject) {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.of(subject, "reset with I/O in flight", LifecycleChecks::reset));
        checks.add(Check.of(subject, "reset of an idle device", LifecycleChecks::resetWhenIdle));
        checks.add(Check.of(subject, "removal with I/O in flight", LifecycleChecks::removal));
        checks.add(Check.of(subject, "more requests than there is room for", LifecycleChecks::noMemory));
        checks.add(Check.of(subject, "statistics", LifecycleChecks::statistics));
        checks.add(Check.of(subject, "two users", LifecycleChecks::twoUsers));
        subject.resize().ifPresent(resize -> {
            checks.add(Check.of(subject, "resize down and up", rig -> resize(rig, resize)));
            checks.add(Check.of(subject, "resize with I/O in flight", rig -> resizeBusy(rig, resize)));
        });
        return checks;
    }

    /** What was submitted before a reset has ended before the reset does, well or aborted. */
    private static void reset(BdevRig rig) {
        List<TestRequest> before = mixed(rig, MANY);
        List<TestRequest> after = mixed(rig, MANY);
        TestRequest reset = new TestRequest().plain(IoType.RESET, 0, 0);
        boolean[] inTime = {false};
        reset.whenDone = () -> inTime[0] = before.stream().allMatch(TestRequest::done);
        before.forEach(request -> rig.channel.submit(request.io));
        rig.channel.submit(reset.io);
        after.forEach(request -> rig.channel.submit(request.io));
        rig.await("a reset", () -> reset.done() && allDone(before) && allDone(after));
        assertThat(reset.status).isEqualTo(IoStatus.OK);
        assertThat(reset.ends).isEqualTo(1);
        assertThat(inTime[0]).as("everything ended before the reset").isTrue();
        expectEnded(before, IoStatus.OK, IoStatus.ABORTED);
        expectEnded(after, IoStatus.OK);
        MemorySegment content = rig.randomBlocks(8);
        rig.write(0, content);
        rig.expect(0, content);
    }

    private static void resetWhenIdle(BdevRig rig) {
        TestRequest request = new TestRequest();
        MemorySegment content = rig.randomBlocks(8);
        rig.write(2, content);
        for (int i = 0; i < 10; i++) {
            rig.runWell(request.plain(IoType.RESET, 0, 0));
            rig.expect(2, content);
        }
    }

    private static void removal(BdevRig rig) throws Exception {
        List<TestRequest> requests = mixed(rig, MANY);
        requests.forEach(request -> rig.channel.submit(request.io));
        rig.channel.flush();
        CompletableFuture<Void> destroyed = rig.registry.unregister(rig.info.name());
        assertThat(rig.events).containsExactly(new BdevEvent.Removed());
        rig.await("requests at the removal", () -> allDone(requests));
        expectEnded(requests, IoStatus.OK, IoStatus.NO_DEVICE, IoStatus.ABORTED);
        rig.reactor.step();
        TestRequest late = new TestRequest().transfer(IoType.READ, 0, 1, rig.memory(rig.bytes(1)));
        assertThat(rig.run(late)).isEqualTo(IoStatus.NO_DEVICE);
        assertThat(rig.run(late.plain(IoType.RESET, 0, 0))).isEqualTo(IoStatus.NO_DEVICE);
        Assertions.assertThatThrownBy(() -> rig.registry.find(rig.info.name()))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThat(destroyed).isNotDone();
        rig.closeDevice();
        destroyed.get(BdevRig.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static void noMemory(BdevRig rig) {
        int span = 256;
        MemorySegment content = rig.randomBlocks(span);
        rig.write(0, content);
        List<TestRequest> requests = new ArrayList<>();
        MemorySegment memory = rig.memory(rig.bytes(TOO_MANY));
        int size = rig.info.blockSize();
        for (int i = 0; i < TOO_MANY; i++) {
            MemorySegment block = memory.asSlice(rig.bytes(i), size);
            requests.add(new TestRequest().transfer(IoType.READ, i % span, 1, block));
        }
        requests.forEach(request -> rig.channel.submit(request.io));
        rig.await("more requests than there is room for", () -> allDone(requests));
        expectEnded(requests, IoStatus.OK);
        assertThat(rig.channel.congested()).isFalse();
        for (int i = 0; i < TOO_MANY && rig.subject.keepsData(); i++) {
            MemorySegment expected = content.asSlice(rig.bytes(i % span), size);
            BdevRig.assertSame(memory.asSlice(rig.bytes(i), size), expected, "request " + i);
        }
    }

    private static void statistics(BdevRig rig) throws Exception {
        rig.write(0, rig.randomBlocks(4));
        rig.read(0, 3);
        rig.read(0, 2);
        rig.run(new TestRequest().plain(IoType.READ, 0, 0));
        var stats = rig.registry.stats(rig.info.name()).get(BdevRig.LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(stats.of(IoType.WRITE).operations()).isEqualTo(1);
        assertThat(stats.of(IoType.WRITE).bytes()).isEqualTo(rig.bytes(4));
        assertThat(stats.of(IoType.READ).operations()).isEqualTo(2);
        assertThat(stats.of(IoType.READ).bytes()).isEqualTo(rig.bytes(5));
        assertThat(stats.of(IoType.READ).errors()).isEqualTo(1);
    }

    /** Two users on one reactor: what one writes the other reads, and each goes when it likes. */
    private static void twoUsers(BdevRig rig) throws Exception {
        MemorySegment content = rig.randomBlocks(8);
        MemorySegment found = rig.memory(rig.bytes(8));
        TestRequest request = new TestRequest().transfer(IoType.READ, 5, 8, found);
        try (var other = rig.registry.open(rig.info.name(), false, event -> {});
                var channel = other.openChannel(rig.reactor.reactor())) {
            rig.write(5, content);
            channel.submit(request.io);
            channel.flush();
            rig.await("the other user's read", request::done);
            assertThat(request.status).isEqualTo(IoStatus.OK);
            channel.submit(request.transfer(IoType.WRITE, 5, 8, found).io);
            assertThat(request.status).as("the other user opened for reading").isEqualTo(IoStatus.READ_ONLY);
        }
        rig.expect(5, rig.subject.keepsData() ? found : content);
    }

    private static void resize(BdevRig rig, BdevSubject.Resize resize) throws Exception {
        long full = rig.info.numBlocks();
        long half = full / 2;
        MemorySegment first = rig.randomBlocks(16);
        rig.write(half - 16, first);
        resize.to(rig.bdev, rig.registry, half);
        expectCapacity(rig, half);
        rig.expect(half - 16, first);
        resize.to(rig.bdev, rig.registry, full + half);
        expectCapacity(rig, full + half);
        rig.expect(half - 16, first);
        MemorySegment end = rig.randomBlocks(16);
        rig.write(full + half - 16, end);
        rig.expect(full + half - 16, end);
        resize.to(rig.bdev, rig.registry, full);
        expectCapacity(rig, full);
        rig.expect(half - 16, first);
    }

    /** Requests that are in flight keep their data, or end with an error where the device has no block any more. */
    private static void resizeBusy(BdevRig rig, BdevSubject.Resize resize) throws Exception {
        long full = rig.info.numBlocks();
        MemorySegment content = rig.randomBlocks(rig.blocks(4 << 20));
        long blocks = content.byteSize() / rig.info.blockSize();
        TestRequest write = new TestRequest().transfer(IoType.WRITE, 1, blocks, content);
        TestRequest read =
                new TestRequest().transfer(IoType.READ, full - blocks, blocks, rig.memory(content.byteSize()));
        for (long target : new long[] {full + full / 2, full}) {
            rig.channel.submit(write.with(IoType.WRITE, 1, blocks, 0).io);
            rig.channel.submit(read.with(IoType.READ, full - blocks, blocks, 0).io);
            rig.channel.flush();
            resize.to(rig.bdev, rig.registry, target);
            rig.await("requests during a resize", () -> write.done() && read.done());
            expectEnded(List.of(write, read), IoStatus.OK);
            rig.expect(1, content);
        }
    }

    private static void expectCapacity(BdevRig rig, long numBlocks) {
        assertThat(rig.bdev.info().numBlocks()).isEqualTo(numBlocks);
        BdevEvent last = Objects.requireNonNull(rig.events.getLast());
        assertThat(last).isEqualTo(new BdevEvent.Resized(rig.bdev.info()));
        assertThat(rig.channel.numBlocks()).isEqualTo(numBlocks);
        TestRequest request = new TestRequest();
        MemorySegment block = rig.memory(rig.bytes(1));
        assertThat(rig.run(request.transfer(IoType.READ, numBlocks, 1, block))).isEqualTo(IoStatus.INVALID);
        rig.runWell(request.transfer(IoType.READ, numBlocks - 1, 1, block));
    }

    /** Reads and writes, short ones and some that the block layer has to split or a device does piece by piece. */
    private static List<TestRequest> mixed(BdevRig rig, int count) {
        List<TestRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long blocks = i % 16 == 5 ? rig.blocks(3 << 20) : 1 + i % 8;
            IoType type = i % 3 == 0 ? IoType.WRITE : IoType.READ;
            requests.add(new TestRequest().transfer(type, i, blocks, rig.memory(rig.bytes(blocks))));
        }
        return requests;
    }

    private static boolean allDone(List<TestRequest> requests) {
        return requests.stream().allMatch(TestRequest::done);
    }

    private static void expectEnded(List<TestRequest> requests, Integer... allowed) {
        assertThat(requests).allSatisfy(request -> {
            assertThat(request.ends).as("how often it ended").isEqualTo(1);
            assertThat(request.status).isIn((Object[]) allowed);
        });
    }
}
