package dev.ringside.bdev.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.DeviceRig;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FileBdevTest {
    private static final int MIB = 1 << 20;

    private final UringGroup rings = new UringGroup();
    private final Arena arena = Arena.ofConfined();
    private Path directory;
    private Path path;

    @BeforeEach
    void makeFile() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "file-bdev-");
        path = directory.resolve("disk");
        size(path, 16 * MIB);
    }

    @AfterEach
    void deleteFiles() throws IOException {
        arena.close();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    @Test
    void itSaysWhatItIs() throws Exception {
        size(path, 16 * MIB + 1000);
        FileBdev disk = open(path, 0, false);
        BdevInfo info = disk.info();
        assertThat(info.productName()).isEqualTo("AIO disk");
        assertThat(info.blockSize()).isEqualTo(512);
        assertThat(info.numBlocks()).as("the last block is not whole").isEqualTo(16 * MIB / 512 + 1);
        assertThat(info.writeCache()).isTrue();
        assertThat(info.readOnly()).isFalse();
        assertThat(info.supported()).contains(IoType.WRITE_ZEROES, IoType.UNMAP);
        assertThat(disk.path()).isEqualTo(path);
        disk.destroy();
    }

    @Test
    void withoutFallocateNothingIsUnmapped() throws Exception {
        FileBdev disk = FileBdev.open(
                new FileOptions("f", UUID.randomUUID(), path, FileOptions.URING, 512, false, false), rings);
        assertThat(disk.info().supported())
                .containsExactlyInAnyOrder(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.RESET);
        assertThat(disk.info().productName()).isEqualTo("URING bdev");
        disk.destroy();
    }

    @Test
    void whatIsNoDiskIsRefused() throws Exception {
        refused(Errno.ENOENT, directory.resolve("nothing"), 512);
        refused(Errno.EINVAL, directory, 512);
        refused(Errno.EINVAL, Path.of("/dev/zero"), 512);
        for (int blockSize : new int[] {-1, 256, 513, 131_072}) {
            refused(Errno.EINVAL, path, blockSize);
        }
        Path small = directory.resolve("small");
        size(small, 511);
        refused(Errno.EINVAL, small, 512);
    }

    @Test
    void aFileHasOneWriterOrManyReaders() throws Exception {
        FileBdev writer = open(path, 512, false);
        refused(Errno.EBUSY, path, 512);
        assertThatThrownBy(() -> open(path, 512, true)).hasMessageContaining("in use");
        writer.destroy();
        FileBdev one = open(path, 512, true);
        FileBdev two = open(path, 512, true);
        assertThat(one.info().readOnly()).isTrue();
        refused(Errno.EBUSY, path, 512);
        one.destroy();
        two.destroy();
        open(path, 512, false).destroy();
    }

    @Test
    void theProbeForUnmapChangesNothing() throws Exception {
        byte[] content = new byte[3 * MIB + 700];
        Arrays.fill(content, (byte) 3);
        Files.write(path, content);
        open(path, 512, false).destroy();
        assertThat(Files.readAllBytes(path)).isEqualTo(content);
    }

    @Test
    void whatWasWrittenIsInTheFileAndUnmapGivesItsBlocksBack() throws Exception {
        try (DeviceRig rig = new DeviceRig(open(path, 512, false))) {
            MemorySegment content = arena.allocate(4 * MIB, 4096);
            content.fill((byte) 9);
            assertThat(rig.run(IoType.WRITE, 2048, 8192, content)).isEqualTo(IoStatus.OK);
            assertThat(rig.run(IoType.FLUSH, 0, 0)).isEqualTo(IoStatus.OK);
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                byte[] found = new byte[4 * MIB];
                file.seek(MIB);
                file.readFully(found);
                assertThat(MemorySegment.ofArray(found).mismatch(content)).isEqualTo(-1);
            }
            long before = allocated(path);
            assertThat(rig.run(IoType.UNMAP, 2048, 8192)).isEqualTo(IoStatus.OK);
            assertThat(before - allocated(path)).isGreaterThanOrEqualTo(4 * MIB);
        }
        assertThat(Files.size(path)).isEqualTo(16 * MIB);
    }

    @Test
    void memoryThatDoesNotSuitGoesThroughABuffer() throws Exception {
        FileBdev disk = open(path, 512, false);
        try (DeviceRig rig = new DeviceRig(disk)) {
            MemorySegment memory = arena.allocate(8192, 4096);
            assertThat(rig.run(IoType.WRITE, 0, 8, memory.asSlice(0, 4096))).isEqualTo(IoStatus.OK);
            assertThat(disk.stats()).isEqualTo(new FileStats(1, 0, 0, 0));
            assertThat(rig.run(IoType.WRITE, 0, 8, memory.asSlice(1, 4096))).isEqualTo(IoStatus.OK);
            assertThat(disk.stats()).isEqualTo(disk.direct() ? new FileStats(1, 0, 1, 0) : new FileStats(2, 0, 0, 0));
        }
        assertThat(disk.stats().direct() + disk.stats().bounced())
                .as("after the close")
                .isEqualTo(2);
    }

    @Test
    void aRequestWithoutARoomWaits() throws Exception {
        FileBdev disk = open(path, 512, false);
        try (DeviceRig rig = new DeviceRig(disk)) {
            List<DeviceRig.Request> requests = new ArrayList<>();
            for (int i = 0; i < ReactorRing.SLOTS + 100; i++) {
                // Bounced, if the file asks for aligned memory; the buffers go first then.
                MemorySegment memory = arena.allocate(513).asSlice(1);
                DeviceRig.Request request = rig.request(IoType.READ, i, 1, memory);
                requests.add(request);
                rig.channel.submit(request.io);
            }
            assertThat(rig.channel.congested()).isTrue();
            assertThat(disk.stats().refused()).isPositive();
            rig.until(() -> requests.stream().allMatch(request -> request.ends == 1));
            assertThat(requests)
                    .allSatisfy(request -> assertThat(request.status).isEqualTo(IoStatus.OK));
        }
    }

    @Test
    void aFileThatWasCutFailsReadsBehindItsEnd() throws Exception {
        FileBdev disk = open(path, 512, false);
        try (DeviceRig rig = new DeviceRig(disk)) {
            size(path, 8 * MIB + 700);
            MemorySegment memory = arena.allocate(4096, 4096);
            assertThat(rig.run(IoType.READ, 8 * MIB / 512, 1, memory.asSlice(0, 512)))
                    .isEqualTo(IoStatus.OK);
            assertThat(rig.run(IoType.READ, 8 * MIB / 512, 8, memory)).isEqualTo(IoStatus.IO_ERROR);
            assertThat(rig.run(IoType.READ, 12 * MIB / 512, 8, memory)).isEqualTo(IoStatus.IO_ERROR);
            assertThat(disk.rescan(rig.registry)).isTrue();
            assertThat(disk.rescan(rig.registry)).isFalse();
            assertThat(rig.channel.numBlocks()).isEqualTo(8 * MIB / 512 + 1);
            assertThat(rig.run(IoType.READ, 12 * MIB / 512, 8, memory)).isEqualTo(IoStatus.INVALID);
        }
    }

    /** The owner closes everything when it is told of an end, which is inside the reaping of the ring. */
    @Test
    void theLastUserMayGoInsideACompletion() throws Exception {
        FileBdev disk = open(path, 512, false);
        DeviceRig rig = new DeviceRig(disk);
        DeviceRig.Request read = rig.request(IoType.READ, 0, 8, arena.allocate(4096, 4096));
        read.then.add(() -> {
            rig.channel.close();
            rig.handle.close();
        });
        rig.submit(read);
        while (read.ends == 0) {
            rig.reactor.step(System.nanoTime());
        }
        rig.reactor.step(System.nanoTime());
        assertThat(read.status).isEqualTo(IoStatus.OK);
        try (var again = rig.registry.open("f", true, event -> {});
                var channel = again.openChannel(rig.reactor)) {
            channel.submit(rig.request(IoType.RESET, 0, 0).io);
        }
        rig.registry.unregister("f").join();
        rig.reactor.close();
    }

    @Test
    void disksOfOneReactorShareItsRing() throws Exception {
        Path other = directory.resolve("other");
        size(other, MIB);
        FileBdev second =
                FileBdev.open(new FileOptions("g", UUID.randomUUID(), other, FileOptions.AIO, 512, false, true), rings);
        try (DeviceRig rig = new DeviceRig(open(path, 512, false))) {
            rig.registry.register(second);
            try (var handle = rig.registry.open("g", true, event -> {});
                    var channel = handle.openChannel(rig.reactor)) {
                assertThat(rings.size()).isEqualTo(1);
                DeviceRig.Request write = rig.request(IoType.WRITE, 0, 8, arena.allocate(4096, 4096));
                channel.submit(write.io);
                rig.until(() -> write.ends == 1);
                assertThat(write.status).isEqualTo(IoStatus.OK);
            }
            assertThat(rig.run(IoType.FLUSH, 0, 0)).isEqualTo(IoStatus.OK);
        }
        assertThat(rings.size()).isZero();
        second.destroy();
    }

    /** A guest may take memory away that it has shared: the kernel finds out, or the copy to a buffer does. */
    @Test
    void memoryThatVanishesFailsTheRequest() throws Exception {
        try (DeviceRig rig = new DeviceRig(open(path, 512, false));
                var fd = Memfd.create("guest", MIB);
                Mapping guest = Mapping.ofShared(fd, 0, MIB, true)) {
            Memfd.truncate(fd, 0);
            for (long shift : new long[] {0, 1}) {
                MemorySegment memory = guest.segment().asSlice(shift, 4096);
                assertThat(rig.run(IoType.WRITE, 0, 8, memory)).isEqualTo(-Errno.EFAULT);
                assertThat(rig.run(IoType.READ, 0, 8, memory)).isEqualTo(-Errno.EFAULT);
            }
            // No buffer was lost.
            MemorySegment unaligned = arena.allocate(4097, 4096).asSlice(1);
            for (int i = 0; i < 2 * BouncePool.BUFFERS; i++) {
                assertThat(rig.run(IoType.READ, 0, 8, unaligned)).isEqualTo(IoStatus.OK);
            }
        }
    }

    @Test
    void aFileOnTmpfsGoesThroughThePageCache() throws Exception {
        Path shm = Files.createTempFile(Path.of("/dev/shm"), "file-bdev-", "");
        try {
            size(shm, MIB);
            FileBdev disk = open(shm, 0, false);
            assertThat(disk.direct()).isFalse();
            disk.destroy();
        } finally {
            Files.delete(shm);
        }
    }

    @Test
    void failuresOfTheSystemAreMappedOnce() {
        assertThat(FileStatus.of(-Errno.ENOSPC)).isEqualTo(IoStatus.NO_SPACE);
        assertThat(FileStatus.of(-Errno.EDQUOT)).isEqualTo(IoStatus.NO_SPACE);
        assertThat(FileStatus.of(-Errno.EIO)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(FileStatus.of(-Errno.EREMOTEIO)).isEqualTo(IoStatus.IO_ERROR);
        assertThat(FileStatus.of(-Errno.ENXIO)).isEqualTo(IoStatus.NO_DEVICE);
        assertThat(FileStatus.of(-Errno.EPERM)).isEqualTo(-Errno.EPERM);
    }

    private FileBdev open(Path file, int blockSize, boolean readOnly) throws BdevException {
        return FileBdev.open(
                new FileOptions("f", UUID.randomUUID(), file, FileOptions.AIO, blockSize, readOnly, true), rings);
    }

    private void refused(int errno, Path file, int blockSize) {
        assertThatThrownBy(() -> open(file, blockSize, false))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static long allocated(Path file) throws Exception {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Long.parseLong(blocks.strip()) * 512;
    }

    private static void size(Path file, long bytes) throws IOException {
        try (LinuxFile open = LinuxFile.open(file, LinuxFile.RDWR | LinuxFile.CREAT, 0600)) {
            open.truncate(bytes);
        }
    }
}
