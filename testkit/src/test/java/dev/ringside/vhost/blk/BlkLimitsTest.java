package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.RequestShape;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.queue.RingFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each limit of the config space is the disk's or the operator's, and is kept (virtio 1.3, 5.2.5 and 5.2.6). */
class BlkLimitsTest {
    private static final int MIB = 1 << 20;

    private TargetRig rig;
    private GuestRam ram;

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.INTERRUPT, 1);
        ram = GuestRam.ofMiB(16);
        rig.registry().register(MallocBdev.create(new MallocOptions("disk", 4096, 4096)));
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    private void controller(BlkSettings settings) throws Exception {
        rig.controller("ctrlr", "disk", settings);
    }

    private static BlkTuning tuning(int segMax, long sizeMax) {
        return new BlkTuning(segMax, sizeMax, 0, 0, 0, 0, 0);
    }

    @Test
    void theOperatorsLimitsStandInTheConfigSpace() throws Exception {
        BlkTuning tuning = new BlkTuning(10, 65_536, 262_144, 32_768, MIB, 2 * MIB, 3 * MIB);
        controller(BlkSettings.DEFAULT.withTuning(tuning).withSerial("WD-1234"));
        try (BlkFrontend blk = rig.start("ctrlr", ram, BlkOptions.of(1, 64))) {
            byte[] bytes = blk.messages().getConfig(0, 72).orElseThrow();
            ByteBuffer config = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(config.getInt(8)).as("size_max").isEqualTo(65_536);
            assertThat(config.getInt(12)).as("seg_max").isEqualTo(10);
            assertThat(config.getInt(28)).as("opt_io_size, in blocks").isEqualTo(64);
            assertThat(config.getInt(36)).as("max_discard_sectors").isEqualTo(2048);
            assertThat(config.getInt(44)).as("discard_sector_alignment").isEqualTo(64);
            assertThat(config.getInt(48)).as("max_write_zeroes_sectors").isEqualTo(4096);
            assertThat(config.getInt(60)).as("max_secure_erase_sectors").isEqualTo(6144);
            assertThat(config.getInt(68)).as("secure_erase_sector_alignment").isEqualTo(8);
            byte[] serial = Arrays.copyOf("WD-1234".getBytes(StandardCharsets.US_ASCII), BlkLayout.ID_BYTES);
            assertThat(blk.queue(0).getId().data()).isEqualTo(serial);
            BlkDriverQueue queue = blk.queue(0);
            assertThat(range(queue, BlkLayout.T_DISCARD, 2048)).isEqualTo(BlkLayout.S_OK);
            assertThat(range(queue, BlkLayout.T_DISCARD, 2056)).isEqualTo(BlkLayout.S_IOERR);
            assertThat(range(queue, BlkLayout.T_WRITE_ZEROES, 4096)).isEqualTo(BlkLayout.S_OK);
            assertThat(range(queue, BlkLayout.T_WRITE_ZEROES, 4104)).isEqualTo(BlkLayout.S_IOERR);
            assertThat(range(queue, BlkLayout.T_SECURE_ERASE, 6144)).isEqualTo(BlkLayout.S_OK);
            assertThat(range(queue, BlkLayout.T_SECURE_ERASE, 6152)).isEqualTo(BlkLayout.S_IOERR);
        }
    }

    private static int range(BlkDriverQueue queue, int type, int sectors) {
        return queue.execute(RequestShape.PLAIN, false, type, 0, BlkDriverQueue.segments(8, sectors, 0), 0)
                .status();
    }

    @ParameterizedTest
    @EnumSource
    void moreSegmentsThanAllowedAreRefused(RingFormat format) throws Exception {
        controller(BlkSettings.DEFAULT.withTuning(tuning(8, 0)));
        try (BlkFrontend blk = rig.start("ctrlr", ram, BlkOptions.of(1, 64).with(format))) {
            assertThat(blk.offered() & BlkLayout.SIZE_MAX).isZero();
            for (boolean table : new boolean[] {false, true}) {
                for (int type : new int[] {BlkLayout.T_IN, BlkLayout.T_OUT}) {
                    assertThat(pieces(blk, type, 8, 4096, table)).isEqualTo(BlkLayout.S_OK);
                    assertThat(pieces(blk, type, 9, 4096, table)).isEqualTo(BlkLayout.S_IOERR);
                    assertThat(pieces(blk, type, 40, 4096, table)).isEqualTo(BlkLayout.S_IOERR);
                }
            }
        }
        try (BlkFrontend blk =
                rig.start("ctrlr", ram, BlkOptions.of(1, 64).with(format).without(BlkLayout.SEG_MAX))) {
            assertThat(pieces(blk, BlkLayout.T_IN, 40, 4096, false))
                    .as("a driver that was not told")
                    .isEqualTo(BlkLayout.S_OK);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSegmentThatIsTooLongIsRefused(RingFormat format) throws Exception {
        controller(BlkSettings.DEFAULT.withTuning(tuning(0, 8192)));
        try (BlkFrontend blk = rig.start("ctrlr", ram, BlkOptions.of(1, 64).with(format))) {
            for (int type : new int[] {BlkLayout.T_IN, BlkLayout.T_OUT}) {
                assertThat(pieces(blk, type, 1, 8192, false)).isEqualTo(BlkLayout.S_OK);
                assertThat(pieces(blk, type, 5, 8192, false)).isEqualTo(BlkLayout.S_OK);
                assertThat(pieces(blk, type, 1, 12_288, false)).isEqualTo(BlkLayout.S_IOERR);
                assertThat(pieces(blk, type, 3, 12_288, true)).isEqualTo(BlkLayout.S_IOERR);
            }
        }
        try (BlkFrontend blk =
                rig.start("ctrlr", ram, BlkOptions.of(1, 64).with(format).without(BlkLayout.SIZE_MAX))) {
            assertThat(pieces(blk, BlkLayout.T_IN, 1, 12_288, false)).isEqualTo(BlkLayout.S_OK);
        }
    }

    /** One request with its data in pieces; its status. */
    private static int pieces(BlkFrontend blk, int type, int count, int bytes, boolean table) {
        BlkDriverQueue queue = blk.queue(0);
        DriverQueue ring = queue.ring();
        GuestRam ram = blk.ram();
        long header = queue.scratchAddress();
        long status = header + BlkLayout.HEADER_BYTES;
        ram.putInt(header, type);
        ram.putLong(header + BlkLayout.FIRST_SECTOR, 0);
        ram.putByte(status, 0xee);
        ring.readable(header, BlkLayout.HEADER_BYTES);
        for (int i = 0; i < count; i++) {
            long at = status + 1 + (long) i * bytes;
            if (type == BlkLayout.T_IN) {
                ring.writable(at, bytes);
            } else {
                ring.readable(at, bytes);
            }
        }
        ring.writable(status, 1);
        int id = table ? ring.addIndirect() : ring.add();
        queue.kick();
        queue.await();
        assertThat(ring.poll()).isEqualTo(id);
        return ram.byteAt(status);
    }

    @Test
    void theDisksOwnLimitsAreTaken() throws Exception {
        BlkLimits limits = BlkLimits.of(info(new IoLimits(256, 0, 64, 1000, 2000)), BlkTuning.NONE);
        assertThat(limits.sizeMax()).isEqualTo(256 * 512);
        assertThat(limits.optIoBlocks()).isEqualTo(64);
        assertThat(limits.discardAlignment()).isEqualTo(8);
        assertThat(limits.discardSectors()).isEqualTo(1000);
        assertThat(limits.zeroesSectors()).isEqualTo(2000);
        assertThat(limits.eraseSectors()).isEqualTo(2000);
        BlkLimits none = BlkLimits.of(info(IoLimits.NONE), BlkTuning.NONE);
        assertThat(none.sizeMax()).isZero();
        assertThat(none.optIoBlocks()).isZero();
        assertThat(none.discardSectors()).isEqualTo(1L << 22);
        assertThat(BlkLimits.of(info(new IoLimits(4, 0, 0, 0, 0)), BlkTuning.NONE)
                        .sizeMax())
                .as("a disk that takes less than a page, for which the block layer splits")
                .isZero();
        assertThat(BlkLimits.of(info(new IoLimits(Long.MAX_VALUE, 0, 0, 0, 0)), BlkTuning.NONE)
                        .sizeMax())
                .isEqualTo(1L << 30);
    }

    private static BdevInfo info(IoLimits limits) {
        return new BdevInfo(
                "d",
                List.of(),
                "Disk",
                new UUID(1, 2),
                512,
                4096,
                100_000,
                false,
                false,
                false,
                EnumSet.allOf(IoType.class),
                limits);
    }

    @Test
    void whatCannotBeIsRefusedAndTheRangeIsNamed() {
        refused(tuning(1023, 0), "seg_max 1023: 1 to 1022 is allowed");
        refused(tuning(-1, 0), "seg_max -1: 1 to 1022");
        refused(
                tuning(0, 2048),
                "size_max 2048: a multiple of the disk's blocks of 4096 bytes from 4096 to 1073741824");
        refused(tuning(0, 5000), "size_max 5000");
        refused(new BlkTuning(0, 0, 6000, 0, 0, 0, 0), "opt_io_size 6000");
        refused(new BlkTuning(0, 0, 2L << 30, 0, 0, 0, 0), "opt_io_size 2147483648");
        refused(new BlkTuning(0, 0, 0, 512, 0, 0, 0), "discard_granularity 512");
        refused(new BlkTuning(0, 0, 0, 65_536, 4096, 0, 0), "max_discard_size 4096: at least the discard granularity");
        refused(new BlkTuning(0, 0, 0, 0, 0, 2L << 40, 0), "max_write_zeroes_size 2199023255552");
        refused(new BlkTuning(0, 0, 0, 0, 0, 0, 1), "max_secure_erase_size 1");
        for (String serial : new String[] {"", "123456789012345678901", "a\tb", "\u00e9"}) {
            assertThatThrownBy(() -> BlkSettings.DEFAULT.withSerial(serial))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 to 20 printable ASCII");
        }
    }

    private void refused(BlkTuning tuning, String message) {
        assertThatThrownBy(() -> controller(BlkSettings.DEFAULT.withTuning(tuning)))
                .isInstanceOf(VhostException.class)
                .hasMessageContaining(message);
    }
}
