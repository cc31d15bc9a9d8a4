package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.wire.ConfigSpace;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may leave a write in the disk's cache (virtio 1.2, 5.2.6.2). */
class WriteCacheTest {
    private TargetRig rig;
    private GuestRam ram;
    private final CachingDisk disk = new CachingDisk();

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
            write(blk);
            assertThat(disk.through).hasValue(0);

            blk.messages().setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[] {0});
            assertThat(writeback(blk)).isZero();
            write(blk);
            assertThat(disk.through).hasValue(1);

            blk.messages().setConfig(BlkConfig.WRITEBACK, ConfigSpace.WRITABLE, new byte[] {1});
            assertThat(writeback(blk)).isEqualTo((byte) 1);
            write(blk);
            assertThat(disk.through).hasValue(1);
        }
    }

    @Test
    void aGuestThatDoesNotFlushHasItsWritesThrough() throws Exception {
        BlkOptions options = BlkOptions.of(1, 32).without(BlkLayout.FLUSH);
        try (BlkFrontend blk = rig.start("caching", ram, options)) {
            write(blk);
            assertThat(disk.through).hasValue(1);
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

    private static void write(BlkFrontend blk) throws Exception {
        assertThat(blk.queue(0).write(0, new byte[512]).status()).isEqualTo(BlkLayout.S_OK);
    }

    /** A disk with a write cache that keeps nothing, and counts the writes that had to be through. */
    private static final class CachingDisk implements Bdev, IoChannel {
        private final AtomicInteger through = new AtomicInteger();

        @Override
        public BdevInfo info() {
            return new BdevInfo(
                    "caching",
                    List.of(),
                    "Caching disk",
                    new UUID(1, 2),
                    512,
                    512,
                    2048,
                    false,
                    true,
                    false,
                    EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH),
                    IoLimits.NONE);
        }

        @Override
        public IoChannel openChannel(Reactor reactor) {
            return this;
        }

        @Override
        public void destroy() {
            // Holds nothing.
        }

        @Override
        public boolean submit(BdevIo io) {
            if (io.fua()) {
                through.incrementAndGet();
            }
            io.complete(IoStatus.OK);
            return true;
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }
}
