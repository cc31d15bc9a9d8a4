package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedDriver;
import dev.ringside.testkit.queue.SplitDriver;
import dev.ringside.vhost.memory.MemoryCursor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtqueueModelTest {
    private static final int STEPS = 20_000;

    @ParameterizedTest
    @CsvSource({
        "1, false, false",
        "1, true, true",
        "2, true, false",
        "4, false, true",
        "8, true, true",
        "16, false, false",
        "32, true, true",
        "64, false, true",
        "128, true, false",
        "256, true, true",
        "512, false, false",
        "1024, true, true",
        "8192, true, false",
        "32768, false, true",
        "32768, true, true"
    })
    void splitRingsAgreeWithTheModel(int size, boolean eventIdx, boolean indirect) throws LinuxException {
        agrees(RingFormat.SPLIT, size, eventIdx, indirect, false);
    }

    @ParameterizedTest
    @CsvSource({
        "1, false, false",
        "1, true, true",
        "2, true, false",
        "3, false, true",
        "3, true, false",
        "4, true, true",
        "5, true, false",
        "5, false, true",
        "7, true, true",
        "7, false, false",
        "16, true, false",
        "64, false, true",
        "100, true, true",
        "100, false, false",
        "256, true, true",
        "1000, true, false",
        "1000, false, true",
        "1024, true, true",
        "4097, true, true",
        "12345, false, false",
        "32767, true, false",
        "32768, false, true",
        "32768, true, true"
    })
    void packedRingsAgreeWithTheModel(int size, boolean eventIdx, boolean indirect) throws LinuxException {
        agrees(RingFormat.PACKED, size, eventIdx, indirect, false);
    }

    @ParameterizedTest
    @CsvSource({
        "SPLIT, 1, false",
        "SPLIT, 4, true",
        "SPLIT, 64, true",
        "SPLIT, 1024, false",
        "PACKED, 1, true",
        "PACKED, 5, false",
        "PACKED, 100, true",
        "PACKED, 1024, false"
    })
    void ringsInOrderAgreeWithTheModel(RingFormat format, int size, boolean eventIdx) throws LinuxException {
        agrees(format, size, eventIdx, true, true);
    }

    private static void agrees(RingFormat format, int size, boolean eventIdx, boolean indirect, boolean inOrder)
            throws LinuxException {
        long seed = Seed.of(format + " ring of " + size);
        int start = start(format, size, new Random(seed));
        // A wish for a crossing of an index cannot be taken back in a split ring.
        boolean wishesLast = eventIdx && format == RingFormat.SPLIT;
        try (RingModelCheck check = new RingModelCheck(
                seed,
                ram -> driver(format, ram, size, eventIdx, start, indirect ? 16 : 0),
                (memory, ram, driver) -> DeviceSide.queue(format, memory, ram, driver, indirect, eventIdx),
                (device, memory, ram, driver) ->
                        device.remap(DeviceSide.parts(format, memory, ram, driver), new MemoryCursor(memory)),
                indirect,
                wishesLast,
                inOrder)) {
            RingModelCheck.Totals totals = check.run(STEPS);
            assertThat(totals.chains()).isGreaterThan(100);
            assertThat(totals.signals()).isPositive();
        }
    }

    /** Where a ring begins: at its usual place, or where an index or a wrap counter soon turns over. */
    private static int start(RingFormat format, int size, Random random) {
        return switch (format) {
            case SPLIT -> random.nextBoolean() ? (65_536 - Math.min(size, STEPS / 20) / 2 - 1) & 0xffff : 0;
            // Not many laps of a large ring are made: each begins at its end.
            case PACKED ->
                size - 1 - random.nextInt(Math.min(size, STEPS / 20)) | (random.nextBoolean() ? PackedLayout.WRAP : 0);
        };
    }

    static DriverQueue driver(RingFormat format, GuestRam ram, int size, boolean eventIdx, int start, int tables) {
        return switch (format) {
            case SPLIT -> new SplitDriver(ram, new SplitDriver.Options(size, eventIdx, start, tables));
            case PACKED -> new PackedDriver(ram, new PackedDriver.Options(size, eventIdx, start, tables));
        };
    }
}
