package dev.ringside.bdev.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.DeviceRig;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.uring.IoUring;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory that was registered is used as such, and other memory is used all the same. */
class RegisteredMemoryTest {
    private static final int MIB = 1 << 20;
    private static final int PAGE = 4096;
    /** In blocks. */
    private static final long PAGE_BLOCKS = 8;

    private final UringGroup rings = new UringGroup();
    private Path directory;
    private Path path;

    @BeforeEach
    void makeFile() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "registered-");
        path = sized("disk", 4 * MIB);
    }

    @AfterEach
    void deleteFiles() throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    @Test
    void transfersUseWhatIsRegisteredUntilItIsNot() throws Exception {
        FileBdev disk = open();
        try (Fd fd = Memfd.create("guest", MIB);
                Mapping guest = Mapping.ofShared(fd, 0, MIB, true);
                DeviceRig rig = new DeviceRig(disk)) {
            roundTrip(rig, guest.segment(), 0);
            assertThat(disk.stats().registered()).as("nothing is registered").isZero();
            Runnable forget = rings.register(guest.segment());
            rig.step();
            roundTrip(rig, guest.segment(), 5 * PAGE);
            assertThat(disk.stats()).isEqualTo(new FileStats(4, 2, 0, 0));
            forget.run();
            rig.step();
            roundTrip(rig, guest.segment(), 7 * PAGE);
            assertThat(disk.stats()).isEqualTo(new FileStats(6, 2, 0, 0));
        }
    }

    @Test
    void aRingThatIsMadeLaterHasItToo() throws Exception {
        FileBdev disk = open();
        try (Mapping guest = Mapping.anonymous(MIB)) {
            Runnable forget = rings.register(guest.segment());
            try (DeviceRig rig = new DeviceRig(disk)) {
                rig.step();
                roundTrip(rig, guest.segment(), 0);
            }
            assertThat(disk.stats().registered()).isEqualTo(2);
            forget.run();
        }
    }

    @Test
    void whatIsInSeveralPiecesIsMovedAsOtherMemoryIs() throws Exception {
        FileBdev disk = open();
        try (Mapping guest = Mapping.anonymous(RegisteredMemory.PIECE_BYTES + MIB);
                DeviceRig rig = new DeviceRig(disk)) {
            Runnable forget = rings.register(guest.segment());
            rig.step();
            rig.step();
            long border = RegisteredMemory.PIECE_BYTES;
            roundTrip(rig, guest.segment(), border - PAGE);
            roundTrip(rig, guest.segment(), border);
            assertThat(disk.stats().registered()).isEqualTo(4);
            roundTrip(rig, guest.segment(), border - PAGE / 2);
            assertThat(disk.stats().registered()).as("across the border").isEqualTo(4);
            MemorySegment parts = guest.segment();
            assertThat(rig.run(IoType.READ, 0, 2 * PAGE_BLOCKS, parts.asSlice(0, PAGE), parts.asSlice(MIB, PAGE)))
                    .isEqualTo(IoStatus.OK);
            assertThat(disk.stats().registered()).as("two extents").isEqualTo(4);
            forget.run();
        }
    }

    /** Pages of a file on a disk cannot be pinned. */
    @Test
    void memoryThatTheKernelRefusesIsUsedAsItIs() throws Exception {
        FileBdev disk = open();
        Path memory = sized("memory", MIB);
        try (LinuxFile file = LinuxFile.open(memory, LinuxFile.RDWR, 0);
                Mapping guest = Mapping.ofShared(file.fd(), 0, MIB, true);
                DeviceRig rig = new DeviceRig(disk)) {
            Runnable forget = rings.register(guest.segment());
            rig.step();
            roundTrip(rig, guest.segment(), 0);
            assertThat(disk.stats().direct() + disk.stats().bounced()).isEqualTo(2);
            forget.run();
        }
    }

    @Test
    void slotsAreUsedAgain() throws Exception {
        try (IoUring ring = new IoUring(8);
                Mapping guest = Mapping.anonymous(3 * PAGE)) {
            RegisteredMemory registered = new RegisteredMemory(ring);
            for (int i = 0; i < RegisteredMemory.SLOTS + 10; i++) {
                registered.add(guest.segment());
                registered.turn();
                assertThat(registered.slot(guest.segment(), 0, 3 * PAGE)).isZero();
                registered.remove(guest.segment());
                assertThat(registered.settled()).isFalse();
                registered.turn();
                assertThat(registered.settled()).isTrue();
            }
            registered.add(guest.segment());
            registered.remove(guest.segment());
            registered.turn();
            assertThat(registered.settled()).as("removed before its turn").isTrue();
            assertThat(registered.slot(guest.segment(), 0, 1)).isEqualTo(RegisteredMemory.NO_SLOT);
        }
    }

    /** Writes a page of the memory, changes it, and reads it back. */
    private static void roundTrip(DeviceRig rig, MemorySegment memory, long offset) {
        // The memory as a request of a guest has it: the region itself, and an offset.
        DeviceRig.Request write = rig.request(IoType.WRITE, PAGE_BLOCKS, PAGE_BLOCKS);
        DeviceRig.Request read = rig.request(IoType.READ, PAGE_BLOCKS, PAGE_BLOCKS);
        memory.set(ValueLayout.JAVA_LONG, offset, offset + 1);
        for (DeviceRig.Request request : new DeviceRig.Request[] {write, read}) {
            request.data.add(memory, offset, PAGE);
            rig.submit(request);
            rig.until(() -> request.ends == 1);
            assertThat(request.status).isEqualTo(IoStatus.OK);
            if (request == write) {
                memory.set(ValueLayout.JAVA_LONG, offset, -1);
            }
        }
        assertThat(memory.get(ValueLayout.JAVA_LONG, offset)).isEqualTo(offset + 1);
    }

    private FileBdev open() throws Exception {
        return FileBdev.open(new FileOptions("f", UUID.randomUUID(), path, FileOptions.URING, 512, false, true), rings);
    }

    private Path sized(String name, long bytes) throws IOException {
        Path file = directory.resolve(name);
        try (LinuxFile made = LinuxFile.open(file, LinuxFile.RDWR | LinuxFile.CREAT, 0600)) {
            made.truncate(bytes);
        }
        return file;
    }
}
