package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.bdev.nvme.queue.QueueStats;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.memory.MemoryListener;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request of a guest goes to the drive with addresses of the guest's own memory, and that is forgotten with the guest. */
class NvmeZeroCopyTest {
    private static final String NAME = "Modeln1";

    @ParameterizedTest
    @EnumSource
    void nothingIsCopied(IdleMode mode) throws Exception {
        NvmeModelSettings settings = NvmeModelSettings.plain(9, 16 << 20).withVectors(4);
        ModelDisk disk = new ModelDisk(settings, NvmeOptions.DEFAULT.withInterrupts(mode == IdleMode.INTERRUPT));
        try (TargetRig rig = new TargetRig(mode, 1, shownTo(disk.dma()));
                GuestRam ram = GuestRam.ofMiB(16)) {
            rig.disk(disk, false);
            long mappedBefore = disk.dma().mappedBytes();
            for (int guest = 1; guest <= 2; guest++) {
                try (BlkFrontend blk = rig.start(NAME, ram, BlkOptions.of(1, 64))) {
                    roundTrips(blk.queue(0), new Random(guest));
                    assertThat(disk.dma().mappedBytes()).isGreaterThanOrEqualTo(mappedBefore + (16 << 20));
                }
                rig.awaitEndOfSessions(NAME, guest);
            }
            QueueStats stats = disk.controller.info().stats();
            assertThat(stats.commands()).isGreaterThanOrEqualTo(400);
            assertThat(stats.copied()).isZero();
            assertThat(stats.failed()).isZero();
            assertThat(rig.failures()).isEmpty();
        } finally {
            disk.destroy();
        }
    }

    private static MemoryListener shownTo(DmaSpace dma) {
        return memory -> {
            try {
                DmaSpace.DmaRegion region = dma.add(memory);
                return () -> dma.remove(region);
            } catch (LinuxException e) {
                throw new AssertionError(e);
            }
        };
    }

    private static void roundTrips(BlkDriverQueue queue, Random random) {
        for (int i = 0; i < 100; i++) {
            byte[] content = new byte[512 * (1 + random.nextInt(16))];
            random.nextBytes(content);
            long sector = random.nextInt(1000);
            assertThat(queue.write(sector, content).status()).isZero();
            assertThat(queue.read(sector, content.length).data()).isEqualTo(content);
        }
    }
}
