package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.RequestShape;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import org.junit.jupiter.api.Test;

/** What has to be on the medium when it ends goes to the drive with FUA (NVM 1.0, 3.2). */
class NvmeForcedAccessTest {
    private static final String NAME = "Modeln1";

    @Test
    void aGuestThatDoesNotFlushHasItsWritesAndZeroesForced() throws Exception {
        ModelDisk disk = new ModelDisk(NvmeModelSettings.plain(9, 16 << 20), NvmeOptions.DEFAULT);
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
                GuestRam ram = GuestRam.ofMiB(16)) {
            rig.disk(disk, false);
            BlkOptions flushing = BlkOptions.of(1, 64);
            writeAndZero(rig, ram, flushing);
            assertThat(disk.model.forced()).isZero();
            rig.awaitEndOfSessions(NAME, 1);
            writeAndZero(rig, ram, flushing.without(BlkLayout.FLUSH));
            assertThat(disk.model.forced()).isEqualTo(3);
        } finally {
            disk.destroy();
        }
    }

    private static void writeAndZero(TargetRig rig, GuestRam ram, BlkOptions options) throws Exception {
        try (BlkFrontend blk = rig.start(NAME, ram, options)) {
            BlkDriverQueue queue = blk.queue(0);
            assertThat(queue.write(0, new byte[512]).status()).isZero();
            byte[] segments = BlkDriverQueue.segments(8, 8, 0, 16, 8, BlkLayout.F_UNMAP);
            assertThat(queue.execute(RequestShape.PLAIN, false, BlkLayout.T_WRITE_ZEROES, 0, segments, 0)
                            .status())
                    .isZero();
        }
    }
}
