package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.bdev.RecordingDisk;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.RequestShape;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.wire.ConfigSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may leave a write in the disk's cache (virtio 1.2, 5.2.6.2). */
class WriteCacheTest {
    private TargetRig rig;
    private GuestRam ram;
    private final RecordingDisk disk = new RecordingDisk(RecordingDisk.cached("caching"));

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 1);
        rig.disk(disk, false);
        ram = GuestRam.ofMiB(16);
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    @Test
    void aGuestThatFlushesDecidesByWriteback() throws Exception {
        try (BlkFrontend blk = rig.start("caching", ram, BlkOptions.of(1, 32))) {
            assertThat(blk.messages().getFeatures() & BlkLayout.CONFIG_WCE).isNotZero();
            assertThat(writeback(blk)).isEqualTo((byte) 1);
            writesAndZeroes(blk, "");

            blk.messages().setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[] {0});
            assertThat(writeback(blk)).isZero();
            writesAndZeroes(blk, " FUA");

            blk.messages().setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[] {1});
            assertThat(writeback(blk)).isEqualTo((byte) 1);
            writesAndZeroes(blk, "");
        }
    }

    @Test
    void aGuestThatDoesNotFlushHasItsWritesThrough() throws Exception {
        BlkOptions options = BlkOptions.of(1, 32).without(BlkLayout.FLUSH);
        try (BlkFrontend blk = rig.start("caching", ram, options)) {
            writesAndZeroes(blk, " FUA");
        }
    }

    @Test
    void nothingElseInTheConfigSpaceCanBeWritten() throws Exception {
        try (BlkFrontend blk = rig.start("caching", ram, BlkOptions.of(1, 32))) {
            blk.messages().acknowledge(true);
            assertThatThrownBy(() -> blk.messages().setConfig(0, ConfigSpace.WRITABLE, new byte[8]))
                    .isInstanceOf(RefusedException.class);
            assertThatThrownBy(
                            () -> blk.messages().setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[] {2}))
                    .isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> blk.messages().setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[2]))
                    .isInstanceOf(RefusedException.class);
            assertThat(writeback(blk)).isEqualTo((byte) 1);
        }
    }

    private static byte writeback(BlkFrontend blk) throws Exception {
        return blk.messages().getConfig(BlkConfig.WRITEBACK, 1).orElseThrow()[0];
    }

    /** A discard need not be on the medium: what the sectors read is not said. */
    private void writesAndZeroes(BlkFrontend blk, String flag) throws Exception {
        BlkDriverQueue queue = blk.queue(0);
        assertThat(queue.write(0, new byte[512]).status()).isEqualTo(BlkLayout.S_OK);
        range(queue, BlkLayout.T_WRITE_ZEROES, 0);
        range(queue, BlkLayout.T_WRITE_ZEROES, BlkLayout.F_UNMAP);
        range(queue, BlkLayout.T_DISCARD, 0);
        assertThat(disk.take())
                .containsExactly(
                        "WRITE 0+1" + flag,
                        "WRITE_ZEROES 8+4" + flag,
                        "WRITE_ZEROES 8+4" + flag + " MAY_UNMAP",
                        "UNMAP 8+4");
    }

    private static void range(BlkDriverQueue queue, int type, int flags) {
        byte[] segment = BlkDriverQueue.segments(8, 4, flags);
        assertThat(queue.execute(RequestShape.PLAIN, false, type, 0, segment, 0).status())
                .isEqualTo(BlkLayout.S_OK);
    }
}
