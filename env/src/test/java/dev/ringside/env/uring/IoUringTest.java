package dev.ringside.env.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Epoll;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Iovec;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IoUringTest {
    private static final int PAGE = 4096;

    private final MemorySegment iovecs = Arena.ofAuto().allocate(16L * Iovec.SIZE, Long.BYTES);

    /** Under target, since a temporary folder may be a file system without direct I/O. */
    private Path folder;

    private IoUring ring;
    private LinuxFile file;
    private Mapping memory;

    @BeforeEach
    void open() throws IOException {
        folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "uring");
        ring = new IoUring(8);
        file = LinuxFile.open(folder.resolve("file"), LinuxFile.RDWR | LinuxFile.CREAT | LinuxFile.DIRECT, 0600);
        memory = Mapping.anonymous(16L * PAGE);
    }

    @AfterEach
    void close() throws IOException {
        ring.close();
        file.close();
        memory.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private int fd() {
        return file.fd().number();
    }

    private long page(int index) {
        return memory.address() + (long) index * PAGE;
    }

    private void fill(int page, int value) {
        memory.segment().asSlice((long) page * PAGE, PAGE).fill((byte) value);
    }

    private int firstByte(int page) {
        return memory.segment().get(JAVA_BYTE, (long) page * PAGE);
    }

    /** Submits, and returns the results of so many completions by user data. */
    private Map<Long, Integer> results(int count) {
        Map<Long, Integer> results = new TreeMap<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (results.size() < count) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            assertThat(ring.submitAndWait(1)).isNotNegative();
            ring.reap(
                    (data, result, flags) ->
                            assertThat(results.put(data, result)).isNull(),
                    64);
        }
        assertThat(results).hasSize(count);
        return results;
    }

    @Test
    void writesAndReadsAFile() {
        fill(0, 1);
        ring.prepWrite(fd(), page(0), PAGE, 8192, 10);
        assertThat(results(1)).isEqualTo(Map.of(10L, PAGE));
        ring.prepRead(fd(), page(1), PAGE, 8192, 11);
        ring.prepRead(fd(), page(2), PAGE, 3 * PAGE, -1);
        assertThat(results(2)).isEqualTo(Map.of(11L, PAGE, -1L, 0));
        assertThat(firstByte(1)).isEqualTo(1);
    }

    @Test
    void scattersAndGathers() {
        fill(0, 1);
        fill(1, 2);
        Iovec.set(iovecs, 0, page(1), PAGE);
        Iovec.set(iovecs, 1, page(0), PAGE);
        ring.prepWritev(fd(), iovecs.address(), 2, 0, IoUring.RWF_DSYNC, 1);
        assertThat(results(1)).isEqualTo(Map.of(1L, 2 * PAGE));
        Iovec.set(iovecs, 0, page(5), PAGE);
        Iovec.set(iovecs, 1, page(7), PAGE);
        ring.prepReadv(fd(), iovecs.address(), 2, 0, 0, 2);
        assertThat(results(1)).isEqualTo(Map.of(2L, 2 * PAGE));
        assertThat(firstByte(5)).isEqualTo(2);
        assertThat(firstByte(7)).isEqualTo(1);
    }

    @Test
    void syncsAndPunchesHoles() throws Exception {
        fill(0, 1);
        ring.prepWrite(fd(), page(0), PAGE, 0, 1);
        ring.addFlags(IoUring.IO_LINK);
        ring.prepFsync(fd(), true, 2);
        ring.addFlags(IoUring.IO_LINK);
        ring.prepFsync(fd(), false, 3);
        assertThat(results(3)).isEqualTo(Map.of(1L, PAGE, 2L, 0, 3L, 0));
        int punch = LinuxFile.FALLOC_FL_PUNCH_HOLE | LinuxFile.FALLOC_FL_KEEP_SIZE;
        ring.prepFallocate(fd(), punch, 0, PAGE, 4);
        ring.addFlags(IoUring.IO_LINK);
        ring.prepRead(fd(), page(0), PAGE, 0, 5);
        assertThat(results(2)).isEqualTo(Map.of(4L, 0, 5L, PAGE));
        assertThat(firstByte(0)).isZero();
        ring.prepFallocate(fd(), 0, 0, 1 << 20, 6);
        results(1);
        assertThat(file.size()).isEqualTo(1 << 20);
    }

    @Test
    void reportsErrorsAsResults() {
        ring.prepRead(-1, page(0), PAGE, 0, 1);
        ring.prepRead(fd(), 64, PAGE, 0, 2);
        ring.prepWrite(fd(), page(0) + 1, 100, 0, 3);
        ring.prepFallocate(fd(), 0, 0, 0, 4);
        ring.prepCancel(4711, 5);
        Map<Long, Integer> results = results(5);
        assertThat(results).containsEntry(1L, -Errno.EBADF).containsEntry(3L, -Errno.EINVAL);
        assertThat(results).containsEntry(4L, -Errno.EINVAL).containsEntry(5L, -Errno.ENOENT);
        assertThat(results.get(2L)).isIn(-Errno.EFAULT, 0);
    }

    @Test
    void hasRoomForItsEntriesOnly() {
        assertThat(ring.capacity()).isEqualTo(8);
        assertThat(ring.completionCapacity()).isGreaterThanOrEqualTo(16);
        assertThat(ring.submit()).isZero();
        for (int i = 0; i < 8; i++) {
            assertThat(ring.room()).isEqualTo(8 - i);
            ring.prepNop(i);
        }
        assertThatThrownBy(() -> ring.prepNop(8))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("room()");
        assertThat(ring.submit()).isEqualTo(8);
        assertThat(ring.room()).isEqualTo(8);
        assertThatThrownBy(() -> ring.addFlags(IoUring.ASYNC)).isInstanceOf(IllegalStateException.class);
        List<Long> order = new ArrayList<>();
        assertThat(ring.reap((data, result, flags) -> order.add(data), 3)).isEqualTo(3);
        assertThat(ring.reap((data, result, flags) -> order.add(data), 100)).isEqualTo(5);
        assertThat(ring.reap((data, result, flags) -> order.add(data), 100)).isZero();
        assertThat(order).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    }

    @Test
    void whatTheKernelDidNotTakeGoesNextTime() {
        ring.prepNop(1);
        ring.prepNop(2);
        ring.addFlags(0x80); // a flag that does not exist, which ends the kernel's walk
        ring.prepNop(3);
        assertThat(ring.submit()).isEqualTo(2);
        assertThat(ring.room()).isEqualTo(7);
        assertThat(ring.submit()).isEqualTo(1);
        assertThat(results(3)).isEqualTo(Map.of(1L, 0, 2L, -Errno.EINVAL, 3L, 0));
    }

    @Test
    void losesNothingWhenCompletionsOverflow() {
        int rounds = 20;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < 8; i++) {
                ring.prepNop(round * 8L + i);
            }
            assertThat(ring.submit()).isEqualTo(8);
        }
        assertThat(rounds * 8).isGreaterThan(ring.completionCapacity());
        List<Long> seen = new ArrayList<>();
        assertThat(ring.reap((data, result, flags) -> seen.add(data), 1)).isEqualTo(1);
        assertThat(ring.reap((data, result, flags) -> seen.add(data), 100_000)).isEqualTo(rounds * 8 - 1);
        assertThat(seen)
                .containsExactlyElementsOf(
                        IntStream.range(0, rounds * 8).mapToObj(Long::valueOf).toList());
    }

    @Test
    void worksThroughManyBatches() {
        for (int batch = 0; batch < 200; batch++) {
            int size = 1 + batch % 8;
            for (int i = 0; i < size; i++) {
                fill(i, batch + i);
                ring.prepWrite(fd(), page(i), PAGE, (long) i * PAGE, i);
            }
            assertThat(ring.submit()).isEqualTo(size);
            assertThat(results(size).values()).containsOnly(PAGE);
            for (int i = 0; i < size; i++) {
                ring.prepRead(fd(), page(8 + i), PAGE, (long) i * PAGE, i);
            }
            assertThat(results(size).values()).containsOnly(PAGE);
            for (int i = 0; i < size; i++) {
                assertThat((byte) firstByte(8 + i)).isEqualTo((byte) (batch + i));
            }
        }
    }

    @Test
    void usesRegisteredFilesAndBuffers() throws Exception {
        assertThatThrownBy(() -> ring.updateBuffer(0, page(0), PAGE)).isInstanceOf(LinuxException.class);
        ring.registerBuffers(2);
        ring.updateBuffer(0, page(0), 4L * PAGE);
        ring.updateBuffer(1, page(4), 4L * PAGE);
        ring.registerFiles(new int[] {-1, fd()});
        fill(5, 9);
        ring.prepWriteFixed(1, page(5), PAGE, 0, 1, 1);
        ring.addFlags(IoUring.FIXED_FILE);
        assertThat(results(1)).isEqualTo(Map.of(1L, PAGE));
        ring.prepReadFixed(0, page(1), PAGE, 0, 0, 2);
        ring.addFlags(IoUring.FIXED_FILE);
        ring.prepReadFixed(fd(), page(9), PAGE, 0, 0, 3);
        assertThat(results(2)).isEqualTo(Map.of(2L, -Errno.EBADF, 3L, -Errno.EFAULT));
        ring.updateFile(0, fd());
        ring.updateFile(1, -1);
        ring.prepReadFixed(0, page(1), PAGE, 0, 0, 4);
        ring.addFlags(IoUring.FIXED_FILE);
        assertThat(results(1)).isEqualTo(Map.of(4L, PAGE));
        assertThat(firstByte(1)).isEqualTo(9);
        assertThatThrownBy(() -> ring.updateFile(2, fd())).hasMessageContaining("updating files");
        ring.updateBuffer(0, 0, 0);
        ring.prepReadFixed(fd(), page(1), PAGE, 0, 0, 5);
        assertThat(results(1)).isEqualTo(Map.of(5L, -Errno.EFAULT));
        ring.updateBuffer(0, page(12), PAGE);
        ring.prepReadFixed(fd(), page(12), PAGE, 0, 0, 6);
        assertThat(results(1)).isEqualTo(Map.of(6L, PAGE));
        assertThat(firstByte(12)).isEqualTo(9);
        assertThatThrownBy(() -> ring.updateBuffer(2, page(0), PAGE)).hasMessageContaining("updating buffers");
        assertThatThrownBy(() -> ring.updateBuffer(0, 64, PAGE)).isInstanceOf(LinuxException.class);
        ring.unregisterFiles();
    }

    @Test
    void wakesASleeper() throws Exception {
        try (EventFd source = EventFd.create();
                EventFd told = EventFd.create();
                Epoll epoll = Epoll.create(1)) {
            ring.registerEventFd(told);
            epoll.add(ring.fd(), Epoll.IN, 5);
            ring.prepPollAdd(source.number(), Epoll.IN, 1);
            assertThat(ring.submit()).isEqualTo(1);
            assertThat(epoll.await(0)).isZero();
            Thread signaller = Thread.ofPlatform().start(source::signal);
            List<Integer> results = new ArrayList<>();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (results.isEmpty()) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                epoll.await(TimeUnit.SECONDS.toNanos(10));
                ring.reap((data, result, flags) -> results.add(result), 8);
            }
            assertThat(results).containsExactly(Epoll.IN);
            assertThat(told.drain()).isEqualTo(1);
            signaller.join();
        }
    }

    @Test
    void cancels() throws Exception {
        try (EventFd source = EventFd.create()) {
            ring.prepPollAdd(source.number(), Epoll.IN, 1);
            ring.submit();
            ring.prepCancel(1, 2);
            assertThat(results(2)).isEqualTo(Map.of(1L, -Errno.ECANCELED, 2L, 0));
        }
    }

    @Test
    void aHandlerMayPrepareAndSubmit() {
        int[] left = {50};
        CompletionHandler again = (data, result, flags) -> {
            if (--left[0] > 0) {
                ring.prepNop(data + 1);
                ring.submit();
            }
        };
        ring.prepNop(0);
        ring.submit();
        while (left[0] > 0) {
            assertThat(ring.reap(again, 8)).isPositive();
        }
        assertThat(ring.room()).isEqualTo(8);
    }

    @Test
    void aHandlerThatThrowsSeesNoCompletionTwice() {
        ring.prepNop(1);
        ring.prepNop(2);
        ring.submit();
        assertThatThrownBy(() -> ring.reap(
                        (data, result, flags) -> {
                            throw new IllegalArgumentException("" + data);
                        },
                        8))
                .hasMessage("1");
        assertThat(results(1)).isEqualTo(Map.of(2L, 0));
    }

    @Test
    void knowsWhatTheKernelCanDo() {
        assertThat(IoUring.available()).isTrue();
        assertThat(IoUring.supports(IoUring.OP_WRITE)).isTrue();
        assertThat(IoUring.supports(IoUring.OP_FALLOCATE)).isTrue();
        assertThat(IoUring.supports(255)).isFalse();
        assertThatThrownBy(() -> new IoUring(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IoUring(32769)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysWhyThereIsNoRing() {
        assertThat(SetupResult.failure(Errno.EPERM))
                .hasMessageStartingWith("io_uring_setup: Operation not permitted (EPERM): ")
                .hasMessageContaining("kernel.io_uring_disabled");
        assertThat(SetupResult.failure(Errno.ENOSYS)).hasMessageContaining("without io_uring");
        assertThat(SetupResult.failure(Errno.ENOMEM)).hasMessageContaining("ulimit -l");
        assertThat(SetupResult.failure(Errno.EMFILE)).hasMessageEndingWith("(EMFILE)");
    }

    @Test
    void aClosedRingIsAnException() {
        ring.prepNop(1);
        ring.close();
        assertThatThrownBy(() -> ring.submit()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ring.prepNop(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ring.reap((data, result, flags) -> {}, 1)).isInstanceOf(IllegalStateException.class);
    }
}
