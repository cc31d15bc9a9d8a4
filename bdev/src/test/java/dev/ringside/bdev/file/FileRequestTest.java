package dev.ringside.bdev.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Iovec;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.reactor.ReactorLoop;
import dev.ringside.env.uring.IoUring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel may answer, answered here: operations are prepared and never submitted. */
class FileRequestTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment iovecs = arena.allocate(FileRequest.IOVEC_BYTES, 8);
    private final MemorySegment zeroes = arena.allocate(64 << 10, 4096);
    private final MemorySegment memory = arena.allocate(64 << 10, 4096);
    private final BdevIo io = new BdevIo((done, status) -> {});
    private final ScatterList data = new ScatterList(4);
    private Path path;
    private LinuxFile file;
    private ReactorLoop reactor;
    private ReactorRing reactorRing;
    private IoUring ring;
    private BouncePool bounces;
    private FileRequest request;
    private OpenFile open;
    private FileIoChannel channel;

    @BeforeEach
    void open() throws Exception {
        path = Files.createTempFile("file-request-", "");
        file = LinuxFile.open(path, LinuxFile.RDWR, 0);
        reactor = new ReactorLoop(0, (name, thrown) -> {}, 0);
        reactor.adopt();
        reactorRing = ReactorRing.open(reactor, () -> {});
        reactorRing.join();
        ring = new IoUring(64);
        bounces = new BouncePool(arena.allocate(BouncePool.BYTES, 4096));
        request = new FileRequest(3, iovecs, new RegisteredMemory(ring), bounces, zeroes);
        open = new OpenFile(file, true, 512, 512, 512);
        channel = new FileIoChannel(open, reactorRing, closed -> {});
    }

    @AfterEach
    void close() throws Exception {
        ring.close();
        reactorRing.leave();
        reactor.close();
        file.close();
        Files.delete(path);
        arena.close();
    }

    @Test
    void aShortTransferGoesOnWhereItEnded() {
        data.add(memory, 0, 1024);
        data.add(memory, 4096, 1024);
        data.add(memory, 8192, 2048);
        begin(IoType.READ, 8);
        expectIovecs(0, 1024, 4096, 1024, 8192, 2048);
        assertThat(request.advance(512)).isEqualTo(FileRequest.MORE);
        expectIovecs(512, 512, 4096, 1024, 8192, 2048);
        assertThat(request.advance(512)).isEqualTo(FileRequest.MORE);
        expectIovecs(4096, 1024, 8192, 2048);
        // Not a multiple of what the file wants: the rest of the block is moved again.
        assertThat(request.advance(1024 + 700)).isEqualTo(FileRequest.MORE);
        expectIovecs(8192 + 512, 1536);
        assertThat(request.advance(1536)).isEqualTo(IoStatus.OK);
    }

    @Test
    void theEndOfTheFileIsAFailure() {
        data.add(memory, 0, 4096);
        begin(IoType.READ, 8);
        assertThat(request.advance(0)).isEqualTo(IoStatus.IO_ERROR);
        begin(IoType.READ, 8);
        assertThat(request.advance(300)).isEqualTo(IoStatus.IO_ERROR);
        begin(IoType.READ, 8);
        assertThat(request.advance(8192)).as("more than was asked").isEqualTo(IoStatus.IO_ERROR);
    }

    @Test
    void aBouncedTransferGoesOnInItsBuffer() {
        data.add(memory, 1, 4096);
        begin(IoType.READ, 8);
        assertThat(iovec(0)).isNotEqualTo(memory.address() + 1);
        long buffer = iovec(0);
        assertThat(request.advance(1024)).isEqualTo(FileRequest.MORE);
        request.prepare(ring);
        assertThat(iovec(0)).isEqualTo(buffer + 1024);
        assertThat(iovec(1)).isEqualTo(3072);
        bounces.memory().asSlice(buffer - bounces.memory().address(), 4096).fill((byte) 6);
        assertThat(request.finish(request.advance(3072))).isEqualTo(IoStatus.OK);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 6);
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 4096)).isEqualTo((byte) 6);
    }

    @Test
    void aLongListOfExtentsIsBounced() {
        for (int i = 0; i <= FileRequest.MAX_IOVECS; i++) {
            data.add(memory, 0, 512);
        }
        begin(IoType.WRITE, FileRequest.MAX_IOVECS + 1);
        assertThat(iovec(1)).isEqualTo((FileRequest.MAX_IOVECS + 1) * 512L);
    }

    @Test
    void withoutABufferTheRequestIsNotTaken() {
        data.add(memory, 1, 512);
        for (int i = 0; i < BouncePool.BUFFERS; i++) {
            assertThat(bounces.take()).isNotNegative();
        }
        io.prepare(IoType.WRITE, 0, 1, data, 0);
        assertThat(request.begin(channel, io)).isFalse();
        assertThat(request.busy()).isFalse();
        bounces.give(0);
        assertThat(request.begin(channel, io)).isTrue();
    }

    @Test
    void anInterruptedOperationIsRepeatedButNotForEver() {
        data.add(memory, 0, 512);
        begin(IoType.WRITE, 1);
        for (int i = 0; i < 1000; i++) {
            assertThat(request.advance(i % 2 == 0 ? -Errno.EAGAIN : -Errno.EINTR))
                    .isEqualTo(FileRequest.MORE);
        }
        assertThat(request.advance(-Errno.EAGAIN)).isEqualTo(-Errno.EAGAIN);
        begin(IoType.FLUSH, 0);
        assertThat(request.advance(-Errno.EINTR)).isEqualTo(FileRequest.MORE);
        assertThat(request.advance(0)).isEqualTo(IoStatus.OK);
    }

    @Test
    void zeroingFallsBackToWhatTheFileCanDo() {
        io.prepare(IoType.WRITE_ZEROES, 0, 4096, data, BdevIo.MAY_UNMAP);
        assertThat(request.begin(channel, io)).isTrue();
        assertThat(open.zeroing(true)).isEqualTo(Zeroing.PUNCH_HOLE);
        assertThat(request.advance(-Errno.EOPNOTSUPP)).isEqualTo(FileRequest.MORE);
        assertThat(open.zeroing(true)).isEqualTo(Zeroing.ZERO_RANGE);
        assertThat(request.advance(-Errno.EOPNOTSUPP)).isEqualTo(FileRequest.MORE);
        assertThat(open.zeroing(true)).isEqualTo(Zeroing.WRITE);
        request.prepare(ring);
        long written = 0;
        while (written < 2 << 20) {
            assertThat(iovec(0)).isEqualTo(zeroes.address());
            assertThat(iovec(1)).isEqualTo(64 << 10);
            written += MIB;
            int status = request.advance(MIB);
            assertThat(status).isEqualTo(written < 2 << 20 ? FileRequest.MORE : IoStatus.OK);
            if (status == FileRequest.MORE) {
                request.prepare(ring);
            }
        }
        request.finish(IoStatus.OK);
        assertThat(request.begin(channel, io)).as("remembered").isTrue();
        request.prepare(ring);
        assertThat(request.advance(-Errno.ENOSPC)).isEqualTo(IoStatus.NO_SPACE);
    }

    @Test
    void zeroesAreOnTheMediumBeforeTheyEndIfThatIsAsked() {
        io.prepare(IoType.WRITE_ZEROES, 0, 8, data, BdevIo.FUA);
        assertThat(request.begin(channel, io)).isTrue();
        request.prepare(ring);
        assertThat(request.advance(0)).as("fallocate(2) has done it").isEqualTo(FileRequest.MORE);
        request.prepare(ring);
        assertThat(request.advance(-Errno.EINTR)).isEqualTo(FileRequest.MORE);
        request.prepare(ring);
        assertThat(request.advance(0)).as("fdatasync(2), too").isEqualTo(IoStatus.OK);
        request.finish(IoStatus.OK);
        assertThat(request.begin(channel, io)).isTrue();
        assertThat(request.advance(0)).isEqualTo(FileRequest.MORE);
        assertThat(request.advance(-Errno.EIO)).isEqualTo(IoStatus.IO_ERROR);
        request.finish(IoStatus.IO_ERROR);
        begin(IoType.WRITE_ZEROES, 8);
        assertThat(request.advance(0)).as("if it is not asked").isEqualTo(IoStatus.OK);
    }

    @Test
    void blocksThatMayNotBeGivenBackAreNotPunched() {
        assertThat(open.zeroing(false)).isEqualTo(Zeroing.ZERO_RANGE);
        open.cannot(Zeroing.ZERO_RANGE);
        assertThat(open.zeroing(false)).isEqualTo(Zeroing.WRITE);
        assertThat(open.zeroing(true)).isEqualTo(Zeroing.PUNCH_HOLE);
    }

    @Test
    void completionsOfNobodyAreCounted() {
        reactorRing.completed(-1, 0, 0);
        reactorRing.completed(ReactorRing.SLOTS, 0, 0);
        reactorRing.completed(1L << 40, 0, 0);
        reactorRing.completed(5, 0, 0);
        assertThat(reactorRing.strays()).isEqualTo(4);
    }

    private static final int MIB = 1 << 20;

    private void begin(IoType type, long blocks) {
        if (request.busy()) {
            request.finish(IoStatus.IO_ERROR);
        }
        io.prepare(type, 0, blocks, data, 0);
        assertThat(request.begin(channel, io)).isTrue();
        request.prepare(ring);
    }

    /** Prepares the next operation, whose iovecs are to be these offsets and lengths in the memory. */
    private void expectIovecs(long... expected) {
        request.prepare(ring);
        for (int i = 0; i < expected.length; i += 2) {
            assertThat(iovec(i)).isEqualTo(memory.address() + expected[i]);
            assertThat(iovec(i + 1)).isEqualTo(expected[i + 1]);
        }
    }

    private long iovec(int word) {
        return iovecs.get(ValueLayout.JAVA_LONG, word * (long) Iovec.SIZE / 2);
    }
}
