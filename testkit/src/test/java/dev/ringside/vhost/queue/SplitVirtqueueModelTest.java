package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.SplitDriver;
import dev.ringside.vhost.memory.MemoryCursor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitVirtqueueModelTest {
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
        "1024, true, true"
    })
    void agreesWithTheModel(int size, boolean eventIdx, boolean indirect) throws LinuxException {
        long seed = Seed.of("split ring of " + size);
        int start = new Random(seed).nextBoolean() ? 65_536 - size / 2 - 1 : 0;
        try (RingModelCheck check = new RingModelCheck(
                seed,
                ram -> new SplitDriver(ram, new SplitDriver.Options(size, eventIdx, start & 0xffff, indirect ? 16 : 0)),
                (memory, ram, driver) -> DeviceSide.queue(memory, ram, driver, indirect, eventIdx),
                (device, memory, ram, driver) -> ((SplitVirtqueue) device)
                        .remap(DeviceSide.parts(memory, ram, driver), new MemoryCursor(memory)),
                indirect,
                eventIdx)) {
            RingModelCheck.Totals totals = check.run(STEPS);
            assertThat(totals.chains()).isGreaterThan(100);
            assertThat(totals.signals()).isPositive();
        }
    }
}
