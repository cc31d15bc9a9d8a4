package dev.ringside.env.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinuxFileTest {
    private static final int CREATE = LinuxFile.RDWR | LinuxFile.CREAT;

    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 16, 4096);

    /** Under target, since a temporary folder may be a file system without direct I/O. */
    private Path folder;

    private Path path;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "files");
        path = folder.resolve("file");
    }

    @AfterEach
    void removeFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void readsAndWrites() throws Exception {
        try (LinuxFile file = LinuxFile.open(path, CREATE | LinuxFile.EXCL, 0600)) {
            assertThat(Files.getPosixFilePermissions(path))
                    .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            buffer.fill((byte) 5);
            assertThat(file.pwrite(buffer, 10, 1000, 500)).isEqualTo(1000);
            file.fdatasync();
            assertThat(file.size()).isEqualTo(1500);
            buffer.fill((byte) 0);
            assertThat(file.pread(buffer, 0, 4096, 499)).isEqualTo(1001);
            assertThat(buffer.get(JAVA_BYTE, 0)).isZero();
            assertThat(buffer.get(JAVA_BYTE, 1)).isEqualTo((byte) 5);
            assertThat(file.pread(buffer, 0, 1, 1500)).isZero();
            file.truncate(20);
            assertThat(file.size()).isEqualTo(20);
            assertThat(file.isRegular()).isTrue();
            assertThat(file.isBlockDevice()).isFalse();
            assertThatThrownBy(() -> file.pread(buffer, buffer.byteSize(), 1, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void saysWhatCannotBeOpened() throws Exception {
        assertThatThrownBy(() -> LinuxFile.open(path, LinuxFile.RDONLY, 0))
                .hasMessage("open " + path + ": No such file or directory (ENOENT)");
        Files.createFile(path);
        assertThatThrownBy(() -> LinuxFile.open(path, CREATE | LinuxFile.EXCL, 0))
                .hasMessage("open " + path + ": File exists (EEXIST)");
        try (LinuxFile readOnly = LinuxFile.open(path, LinuxFile.RDONLY, 0)) {
            assertThatThrownBy(() -> readOnly.pwrite(buffer, 0, 1, 0)).hasMessageContaining("EBADF");
            assertThatThrownBy(() -> readOnly.truncate(1)).hasMessageContaining("EINVAL");
        }
    }

    @Test
    void punchesHoles() throws Exception {
        try (LinuxFile file = LinuxFile.open(path, CREATE, 0600)) {
            buffer.fill((byte) 5);
            file.pwrite(buffer, 0, 1 << 16, 0);
            int mode = LinuxFile.FALLOC_FL_PUNCH_HOLE | LinuxFile.FALLOC_FL_KEEP_SIZE;
            assertThat(file.fallocate(mode, 4096, 8192)).isZero();
            file.pread(buffer, 0, 1 << 16, 0);
            assertThat(buffer.asSlice(4096, 8192).mismatch(Arena.ofAuto().allocate(8192)))
                    .isEqualTo(-1);
            assertThat(buffer.get(JAVA_BYTE, 4095)).isEqualTo((byte) 5);
            assertThat(file.fallocate(0, 0, 1 << 20)).isZero();
            assertThat(file.size()).isEqualTo(1 << 20);
            assertThat(file.fallocate(0, 0, 0)).isEqualTo(-Errno.EINVAL);
        }
    }

    @Test
    void doesDirectIo() throws Exception {
        try (LinuxFile file = LinuxFile.open(path, CREATE | LinuxFile.DIRECT, 0600)) {
            LinuxFile.DirectIo direct = file.directIo();
            int unit = Math.max(512, direct.offsetAlignment());
            assertThat(unit).isLessThanOrEqualTo(4096);
            assertThat(direct.memoryAlignment()).isBetween(0, 4096);
            assertThat(file.pwrite(buffer, 0, 8192, 4096)).isEqualTo(8192);
            assertThatThrownBy(() -> file.pwrite(buffer, 0, 100, 0)).hasMessageContaining("EINVAL");
            assertThat(file.logicalBlockSize()).isEqualTo(512);
            assertThat(file.physicalBlockSize()).isGreaterThanOrEqualTo(512);
        }
    }

    @Test
    void locksAgainstOtherOpenFiles() throws Exception {
        LinuxFile first = LinuxFile.open(path, CREATE, 0600);
        try (LinuxFile second = LinuxFile.open(path, LinuxFile.RDONLY, 0)) {
            assertThat(first.tryLock(false)).isTrue();
            assertThat(second.tryLock(false)).isTrue();
            assertThat(first.tryLock(true)).isFalse();
            second.unlock();
            // Also where the failed conversion gave the shared lock up (flock(2)).
            assertThat(first.tryLock(true)).isTrue();
            assertThat(second.tryLock(false)).isFalse();
            LinuxFile shared = first.dup();
            first.close();
            assertThat(second.tryLock(true)).isFalse();
            shared.close();
            assertThat(second.tryLock(true)).isTrue();
        }
    }

    @Test
    void agreesWithSysfsAboutBlockDevices() throws Exception {
        try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
            for (Path device : devices.toList()) {
                try (LinuxFile file =
                        LinuxFile.open(Path.of("/dev").resolve(device.getFileName()), LinuxFile.RDONLY, 0)) {
                    compare(file, device);
                } catch (LinuxException e) {
                    // One that this user may not read, or without a medium.
                    assertThat(e.call()).isEqualTo("open");
                }
            }
        }
    }

    private static void compare(LinuxFile file, Path device) throws IOException {
        assertThat(file.isBlockDevice()).isTrue();
        assertThat(file.isRegular()).isFalse();
        assertThat(file.size()).isEqualTo(number(device.resolve("size")) * 512);
        long logical = number(device.resolve("queue/logical_block_size"));
        assertThat(file.logicalBlockSize()).isEqualTo((int) logical);
        assertThat(file.physicalBlockSize()).isEqualTo((int) number(device.resolve("queue/physical_block_size")));
        assertThat(file.rotational()).isEqualTo(number(device.resolve("queue/rotational")) == 1);
        assertThat(file.directIo().offsetAlignment()).isEqualTo((int) logical);
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    @Test
    void findsTheDiskOfAFile() throws Exception {
        try (LinuxFile file = LinuxFile.open(path, CREATE, 0600);
                LinuxFile memory = LinuxFile.open(Path.of("/proc/self/stat"), LinuxFile.RDONLY, 0)) {
            List<Boolean> answers = Arrays.asList(file.rotational(), memory.rotational());
            assertThat(answers.getLast()).isFalse();
        }
    }
}
