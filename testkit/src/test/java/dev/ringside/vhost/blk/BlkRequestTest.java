package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.BlkResult;
import dev.ringside.testkit.frontend.RequestShape;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What virtio 1.2, 5.2.6 says of each request, in every shape in which a driver may bring it. */
@ParameterizedClass
@EnumSource
class BlkRequestTest {
    private static final byte[] NOTHING = {};
    private static final int MIB = 1 << 20;
    private static final long SECTORS = 16L << 11;
    private static final int[] RANGE_TYPES = {BlkLayout.T_WRITE_ZEROES, BlkLayout.T_DISCARD, BlkLayout.T_SECURE_ERASE};

    private final RingFormat format;
    private TargetRig rig;
    private GuestRam ram;

    BlkRequestTest(RingFormat format) {
        this.format = format;
    }

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.INTERRUPT, 1);
        rig.mallocDisk("disk", 16);
        ram = GuestRam.ofMiB(32);
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, false",
        "true, false, false",
        "false, true, false",
        "false, false, false",
        "true, true, true"
    })
    void doesEachRequestInEachShape(boolean eventIdx, boolean indirect, boolean calls) throws Exception {
        long without =
                (eventIdx ? 0 : VirtioFeature.RING_EVENT_IDX) | (indirect ? 0 : VirtioFeature.RING_INDIRECT_DESC);
        BlkOptions options = BlkOptions.of(1, 128).with(format).without(without);
        try (BlkFrontend blk = rig.start("disk", ram, calls ? options.withCalls() : options)) {
            BlkDriverQueue queue = blk.queue(0);
            Random random = new Random(1);
            for (RequestShape shape : RequestShape.values()) {
                for (int table = 0; table <= (indirect ? 1 : 0); table++) {
                    for (int bytes : new int[] {512, 1024, 4096, 65_536, MIB}) {
                        writesAndReads(queue, shape, table == 1, random, bytes);
                    }
                    flushes(queue, shape, table == 1);
                    tellsItsId(queue, shape, table == 1);
                    discardsAndZeroes(queue, shape, table == 1);
                }
            }
            assertThat(rig.log().warnings()).isEmpty();
        }
    }

    private static void writesAndReads(
            BlkDriverQueue queue, RequestShape shape, boolean table, Random random, int bytes) {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        long sector = random.nextInt((int) SECTORS - bytes / 512);
        BlkResult written = queue.execute(shape, table, BlkLayout.T_OUT, sector, data, 0);
        assertThat(written.status()).isEqualTo(BlkLayout.S_OK);
        assertThat(written.used()).isEqualTo(1);
        BlkResult read = queue.execute(shape, table, BlkLayout.T_IN, sector, NOTHING, bytes);
        assertThat(read.status()).isEqualTo(BlkLayout.S_OK);
        assertThat(read.used()).isEqualTo(bytes + 1);
        assertThat(Arrays.equals(read.data(), data)).isTrue();
    }

    private static void flushes(BlkDriverQueue queue, RequestShape shape, boolean table) {
        BlkResult result = queue.execute(shape, table, BlkLayout.T_FLUSH, 0, NOTHING, 0);
        assertThat(result.status()).isEqualTo(BlkLayout.S_OK);
        assertThat(result.used()).isEqualTo(1);
    }

    private static void tellsItsId(BlkDriverQueue queue, RequestShape shape, boolean table) {
        BlkResult result = queue.execute(shape, table, BlkLayout.T_GET_ID, 0, NOTHING, BlkLayout.ID_BYTES);
        assertThat(result.status()).isEqualTo(BlkLayout.S_OK);
        assertThat(result.used()).isEqualTo(BlkLayout.ID_BYTES + 1);
        byte[] expected = Arrays.copyOf("disk".getBytes(StandardCharsets.US_ASCII), BlkLayout.ID_BYTES);
        assertThat(result.data()).isEqualTo(expected);
    }

    private static void discardsAndZeroes(BlkDriverQueue queue, RequestShape shape, boolean table) {
        byte[] ones = filled(64 * 512, 0xff);
        assertThat(queue.write(1000, ones).status()).isEqualTo(BlkLayout.S_OK);
        byte[] zeroed = BlkDriverQueue.segments(1000, 8, 0, 1020, 4, BlkLayout.F_UNMAP, 1030, 1, 0);
        BlkResult result = queue.execute(shape, table, BlkLayout.T_WRITE_ZEROES, 0, zeroed, 0);
        assertThat(result.status()).isEqualTo(BlkLayout.S_OK);
        assertThat(result.used()).isEqualTo(1);
        byte[] expected = ones.clone();
        Arrays.fill(expected, 0, 8 * 512, (byte) 0);
        Arrays.fill(expected, 20 * 512, 24 * 512, (byte) 0);
        Arrays.fill(expected, 30 * 512, 31 * 512, (byte) 0);
        assertThat(Arrays.equals(queue.read(1000, ones.length).data(), expected))
                .isTrue();
        byte[] discarded = BlkDriverQueue.segments(1040, 8, 0, 1050, 8, 0);
        assertThat(queue.execute(shape, table, BlkLayout.T_DISCARD, 0, discarded, 0)
                        .status())
                .isEqualTo(BlkLayout.S_OK);
        byte[] erased = BlkDriverQueue.segments(1058, 4, 0, 1063, 1, 0);
        assertThat(queue.execute(shape, table, BlkLayout.T_SECURE_ERASE, 0, erased, 0)
                        .status())
                .isEqualTo(BlkLayout.S_OK);
        assertThat(queue.read(1058, 2048).data()).as("what was erased").containsOnly(0);
        assertThat(queue.read(1062, 512).data()).as("what was not erased").containsOnly(0xff);
        assertThat(queue.read(1063, 512).data()).containsOnly(0);
        byte[] left = queue.read(1048, 1024).data();
        assertThat(left).as("what was not discarded").isEqualTo(filled(1024, 0xff));
    }

    @Test
    void doesManySegmentsAndNoMore() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 128).with(format))) {
            BlkDriverQueue queue = blk.queue(0);
            int most = blk.config().getInt(52);
            assertThat(most).as("max_write_zeroes_seg").isGreaterThan(1);
            assertThat(blk.config().getInt(40)).as("max_discard_seg").isEqualTo(most);
            assertThat(erasing(blk).getInt(64)).as("max_secure_erase_seg").isEqualTo(most);
            for (int type : RANGE_TYPES) {
                queue.write(0, filled(most * 2 * 512, 0xff));
                assertThat(segmentsOfOneSector(queue, type, most).status()).isEqualTo(BlkLayout.S_OK);
                assertThat(segmentsOfOneSector(queue, type, most + 1).status()).isEqualTo(BlkLayout.S_IOERR);
            }
            byte[] left = queue.read(1, 512).data();
            assertThat(left).isEqualTo(filled(512, 0xff));
        }
    }

    /** The config space with the fields of a secure erase, which QEMU does not read. */
    private static ByteBuffer erasing(BlkFrontend blk) throws IOException {
        assertThat(blk.offered() & BlkLayout.SECURE_ERASE).isNotZero();
        byte[] config = blk.messages().getConfig(0, 72).orElseThrow();
        return ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static BlkResult segmentsOfOneSector(BlkDriverQueue queue, int type, int count) {
        long[] fields = new long[count * 3];
        for (int i = 0; i < count; i++) {
            fields[i * 3] = 2L * i;
            fields[i * 3 + 1] = 1;
        }
        return queue.execute(RequestShape.PLAIN, false, type, 0, BlkDriverQueue.segments(fields), 0);
    }

    @Test
    void refusesSegmentsAsTheStandardSays() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 128).with(format))) {
            BlkDriverQueue queue = blk.queue(0);
            queue.write(0, filled(4096, 0xff));
            long tooMany = Integer.toUnsignedLong(blk.config().getInt(48)) + 1;
            assertThat(blk.config().getInt(36)).isEqualTo((int) tooMany - 1);
            assertThat(erasing(blk).getInt(60)).isEqualTo((int) tooMany - 1);
            for (int type : RANGE_TYPES) {
                assertThat(ranges(queue, type, 0, 1, 2)).as("reserved flag").isEqualTo(BlkLayout.S_UNSUPP);
                assertThat(ranges(queue, type, 0, 1, 0x8000_0000L)).isEqualTo(BlkLayout.S_UNSUPP);
                assertThat(ranges(queue, type, 0, tooMany, 0)).as("too large").isEqualTo(BlkLayout.S_IOERR);
                assertThat(ranges(queue, type, SECTORS - 1, 2, 0))
                        .as("over the end")
                        .isEqualTo(BlkLayout.S_IOERR);
                assertThat(ranges(queue, type, -1, 1, 0)).isEqualTo(BlkLayout.S_IOERR);
                assertThat(ranges(queue, type)).as("no segment").isEqualTo(BlkLayout.S_IOERR);
                byte[] half = Arrays.copyOf(BlkDriverQueue.segments(0, 1, 0, 2, 1, 0), 24);
                assertThat(queue.execute(RequestShape.PLAIN, false, type, 0, half, 0)
                                .status())
                        .as("half a segment")
                        .isEqualTo(BlkLayout.S_IOERR);
            }
            assertThat(ranges(queue, BlkLayout.T_DISCARD, 0, 1, BlkLayout.F_UNMAP))
                    .as("unmap flag of a discard")
                    .isEqualTo(BlkLayout.S_UNSUPP);
            assertThat(ranges(queue, BlkLayout.T_SECURE_ERASE, 0, 1, BlkLayout.F_UNMAP))
                    .as("unmap flag of a secure erase")
                    .isEqualTo(BlkLayout.S_UNSUPP);
            assertThat(queue.read(0, 4096).data()).isEqualTo(filled(4096, 0xff));
        }
    }

    private static int ranges(BlkDriverQueue queue, int type, long... fields) {
        return queue.execute(RequestShape.PLAIN, false, type, 0, BlkDriverQueue.segments(fields), 0)
                .status();
    }

    @Test
    void refusesWhatIsOutsideTheDiskOrUnaligned() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 128).with(format))) {
            BlkDriverQueue queue = blk.queue(0);
            byte[] block = filled(512, 1);
            for (long sector : new long[] {SECTORS, SECTORS + 1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -1, -8}) {
                BlkResult read = queue.read(sector, 512);
                assertThat(read.status()).as("sector %x", sector).isEqualTo(BlkLayout.S_IOERR);
                assertThat(read.data()).as("nothing is read").containsOnly(BlkResult.NO_STATUS);
                assertThat(queue.write(sector, block).status()).isEqualTo(BlkLayout.S_IOERR);
            }
            assertThat(queue.read(SECTORS - 1, 1024).status()).isEqualTo(BlkLayout.S_IOERR);
            assertThat(queue.read(SECTORS - 1, 512).status()).isEqualTo(BlkLayout.S_OK);
            for (int length : new int[] {1, 511, 513, 4095}) {
                assertThat(queue.read(0, length).status())
                        .as("%d bytes", length)
                        .isEqualTo(BlkLayout.S_IOERR);
                assertThat(queue.write(0, filled(length, 1)).status()).isEqualTo(BlkLayout.S_IOERR);
            }
            assertThat(queue.read(0, 4096).data()).isEqualTo(filled(4096, 0));
        }
    }

    @Test
    void doesNotKnowOtherTypes() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 128).with(format))) {
            for (int type : new int[] {2, 3, 5, 6, 7, 9, 10, 12, 15, 16, 255, -1, Integer.MIN_VALUE}) {
                BlkResult result = blk.queue(0).execute(RequestShape.PLAIN, false, type, 0, NOTHING, 512);
                assertThat(result.status()).as("type %d", type).isEqualTo(BlkLayout.S_UNSUPP);
            }
            assertThat(blk.queue(0).read(0, 512).status()).isEqualTo(BlkLayout.S_OK);
        }
    }

    @Test
    void givesAnIdForAnyLengthOfBuffer() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 128).with(format))) {
            for (int length : new int[] {1, 3, 19, 20, 21, 512}) {
                BlkResult result =
                        blk.queue(0).execute(RequestShape.PLAIN, false, BlkLayout.T_GET_ID, 0, NOTHING, length);
                assertThat(result.status()).isEqualTo(BlkLayout.S_OK);
                byte[] id = Arrays.copyOf("disk".getBytes(StandardCharsets.US_ASCII), BlkLayout.ID_BYTES);
                int common = Math.min(length, BlkLayout.ID_BYTES);
                assertThat(Arrays.copyOf(result.data(), common)).isEqualTo(Arrays.copyOf(id, common));
                assertThat(result.used()).isGreaterThanOrEqualTo(1);
            }
        }
    }

    @Test
    void readsButDoesNotWriteAReadOnlyDisk() throws Exception {
        rig.registry();
        var info = rig.registry().find("disk").info();
        rig.target()
                .createBlk(
                        "ro",
                        rig.registry(),
                        "disk",
                        BlkSettings.DEFAULT.withReadOnly(true),
                        rig.target().find("disk").cpus());
        assertThat(info.readOnly()).isFalse();
        try (BlkFrontend writer = rig.start("disk", ram, BlkOptions.of(1, 64).with(format));
                GuestRam other = GuestRam.ofMiB(8);
                BlkFrontend reader = rig.start("ro", other, BlkOptions.of(1, 64).with(format))) {
            assertThat(reader.offered() & BlkLayout.RO).isNotZero();
            assertThat(writer.offered() & BlkLayout.RO).isZero();
            writer.queue(0).write(3, filled(512, 9));
            assertThat(reader.queue(0).read(3, 512).data()).isEqualTo(filled(512, 9));
            assertThat(reader.queue(0).write(3, filled(512, 1)).status()).isEqualTo(BlkLayout.S_IOERR);
            byte[] segment = BlkDriverQueue.segments(3, 1, 0);
            for (int type : RANGE_TYPES) {
                assertThat(reader.queue(0)
                                .execute(RequestShape.PLAIN, false, type, 0, segment, 0)
                                .status())
                        .isNotEqualTo((int) BlkLayout.S_OK);
            }
            assertThat(reader.queue(0).flush().status()).isEqualTo(BlkLayout.S_OK);
            assertThat(writer.queue(0).read(3, 512).data()).isEqualTo(filled(512, 9));
        }
    }

    @Test
    void keepsToBlocksLargerThanASector() throws Exception {
        rig.mallocDisk("big", 4096, 1024);
        try (BlkFrontend blk = rig.start("big", ram, BlkOptions.of(1, 64).with(format))) {
            BlkDriverQueue queue = blk.queue(0);
            assertThat(blk.sectors()).isEqualTo(8192);
            assertThat(blk.config().getInt(20)).as("blk_size").isEqualTo(4096);
            assertThat(blk.config().getInt(44)).as("discard_sector_alignment").isEqualTo(8);
            assertThat(queue.write(8, filled(4096, 5)).status()).isEqualTo(BlkLayout.S_OK);
            assertThat(queue.read(8, 4096).data()).isEqualTo(filled(4096, 5));
            assertThat(queue.read(9, 4096).status()).isEqualTo(BlkLayout.S_IOERR);
            assertThat(queue.read(8, 512).status()).isEqualTo(BlkLayout.S_IOERR);
            assertThat(ranges(queue, BlkLayout.T_WRITE_ZEROES, 9, 8, 0)).isEqualTo(BlkLayout.S_IOERR);
            assertThat(ranges(queue, BlkLayout.T_WRITE_ZEROES, 8, 4, 0)).isEqualTo(BlkLayout.S_IOERR);
            assertThat(ranges(queue, BlkLayout.T_WRITE_ZEROES, 8, 8, 0)).isEqualTo(BlkLayout.S_OK);
            assertThat(queue.read(8, 4096).data()).isEqualTo(filled(4096, 0));
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
