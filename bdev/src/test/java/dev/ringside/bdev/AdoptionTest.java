package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks whose contents another process made. */
class AdoptionTest {
    @TempDir
    private Path folder;

    @Test
    void aRamDiskKeepsItsContents() throws Exception {
        MallocOptions options = new MallocOptions("m", 512, 8192);
        MallocBdev first = MallocBdev.create(options);
        MallocBdev second = MallocBdev.adopt(options, first.memory().duplicate());
        assertThat(second.info()).isEqualTo(first.info());
        try (DeviceRig before = new DeviceRig(first);
                DeviceRig after = new DeviceRig(second)) {
            passes(before, after);
        }
        try (DeviceRig alone = new DeviceRig(MallocBdev.create(options))) {
            assertThat(alone.run(IoType.FLUSH, 0, 0)).isEqualTo(IoStatus.OK);
        }
    }

    @Test
    void aRamDiskOfTooLittleMemoryIsRefused() throws Exception {
        MallocBdev small = MallocBdev.create(new MallocOptions("m", 512, 8));
        MallocOptions large = new MallocOptions("m", 512, 8192);
        assertThatThrownBy(() -> MallocBdev.adopt(large, small.memory().duplicate()))
                .isInstanceOf(BdevException.class)
                .hasMessageContaining("the file has 4096 only");
        small.destroy();
    }

    @Test
    void aFileStaysLockedFromOneDiskToTheOther() throws Exception {
        Path path = folder.resolve("disk");
        Files.write(path, new byte[1 << 20]);
        FileOptions options = new FileOptions("f", UUID.randomUUID(), path, FileOptions.AIO, 512, false, true);
        UringGroup rings = new UringGroup();
        FileBdev first = FileBdev.open(options, rings);
        assertThatThrownBy(() -> FileBdev.open(options, rings)).hasMessageContaining("is in use");
        FileBdev second = FileBdev.adopt(options, rings, first.file().duplicate());
        assertThat(second.info()).isEqualTo(first.info());
        assertThat(second.direct()).isEqualTo(first.direct());
        try (DeviceRig after = new DeviceRig(second)) {
            try (DeviceRig before = new DeviceRig(first)) {
                passes(before, after);
            }
            assertThatThrownBy(() -> FileBdev.open(options, rings)).hasMessageContaining("is in use");
        }
        FileBdev.open(options, rings).destroy();
    }

    private static void passes(DeviceRig before, DeviceRig after) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(4096, 4096).fill((byte) 7);
            assertThat(before.run(IoType.WRITE, 8, 8, data)).isEqualTo(IoStatus.OK);
            MemorySegment read = arena.allocate(4096, 4096);
            assertThat(after.run(IoType.READ, 8, 8, read)).isEqualTo(IoStatus.OK);
            assertThat(read.mismatch(data)).isEqualTo(-1);
        }
    }
}
