package dev.ringside.testkit.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.ringside.vhost.queue.Seed;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * A hostile front end for a moment; scripts/test.sh runs it longer, and with coverage. {@code -Dfuzz.seconds=} says for how long,
 * {@code -Dseed=} and {@code -Dfuzz.first=} repeat what was seen; {@code -Dfuzz.device=SCSI} attacks the other device.
 */
@Tag("fuzz")
class FuzzTest {
    private static final long SECONDS = Long.getLong("fuzz.seconds", 10);
    private static final Attacked.Device DEVICE =
            Attacked.Device.valueOf(System.getProperty("fuzz.device", Attacked.Device.BLK.name()));
    private static final long FIRST = Long.getLong("fuzz.first", 0);

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    void nothingGivesWay() throws Exception {
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
        long seed = Seed.of("fuzz");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        try (FuzzRun run = new FuzzRun(seed, DEVICE)) {
            try {
                run.run(FIRST, () -> System.nanoTime() - end > 0);
            } finally {
                System.out.println(run.summary());
            }
        }
    }
}
