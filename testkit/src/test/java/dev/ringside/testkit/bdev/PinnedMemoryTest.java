package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The memory of a guest of a controller that may pin it is registered with the ring of the file behind it; no other's is. */
class PinnedMemoryTest {
    private Path file;

    @BeforeEach
    void makeFile() throws Exception {
        // In memory, where any alignment will do.
        file = Files.createTempFile(Path.of("/dev/shm"), "pinned-", ".disk");
        Files.write(file, new byte[1 << 20]);
    }

    @AfterEach
    void deleteFile() throws Exception {
        Files.delete(file);
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhereItMayBePinned(IdleMode mode) throws Exception {
        UringGroup rings = new UringGroup();
        FileBdev disk = FileBdev.open(
                new FileOptions("disk", UUID.randomUUID(), file, FileOptions.URING, 512, false, true), rings);
        try (TargetRig rig = new TargetRig(mode, 1);
                GuestRam ram = GuestRam.ofMiB(16)) {
            rig.target().tellOfPinned(rings::register);
            rig.registry().register(disk);
            rig.controller("usual", "disk", BlkSettings.DEFAULT);
            try (BlkFrontend guest = rig.start("usual", ram, BlkOptions.of(1, 64))) {
                roundTrip(guest, 1);
            }
            rig.awaitEndOfSessions("usual", 1);
            assertThat(disk.stats().registered()).isZero();
            rig.target().delete("usual");
            rig.controller("pinned", "disk", BlkSettings.DEFAULT.withPinMemory(true));
            for (int session = 1; session <= 2; session++) {
                long before = disk.stats().registered();
                try (BlkFrontend guest = rig.start("pinned", ram, BlkOptions.of(1, 64))) {
                    // It is registered in a turn of the reactor, which may come after the first requests.
                    Await.until("requests to registered memory", () -> {
                        roundTrip(guest, 2);
                        return disk.stats().registered() >= before + 2;
                    });
                }
                rig.awaitEndOfSessions("pinned", session);
            }
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static void roundTrip(BlkFrontend guest, int value) {
        byte[] content = new byte[4096];
        Arrays.fill(content, (byte) value);
        assertThat(guest.queue(0).write(8, content).status()).isZero();
        assertThat(guest.queue(0).read(8, content.length).data()).isEqualTo(content);
    }
}
