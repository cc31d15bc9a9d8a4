package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queues that are killed before and after each store into their region: no request is lost, none is answered twice. */
class InflightCrashTest {
    private static final int STEPS = 60;

    @ParameterizedTest
    @CsvSource({
        "SPLIT, 1, 8",
        "SPLIT, 2, 8",
        "SPLIT, 4, 12",
        "SPLIT, 8, 8",
        "SPLIT, 64, 3",
        "PACKED, 1, 8",
        "PACKED, 2, 8",
        "PACKED, 3, 12",
        "PACKED, 4, 12",
        "PACKED, 5, 12",
        "PACKED, 8, 8",
        "PACKED, 63, 2"
    })
    void survivesACrashAtEachStore(RingFormat format, int size, int runs) throws LinuxException {
        Random seeds = new Random(Seed.of("crashes of a " + format + " ring of " + size));
        int crashes = 0;
        try (GuestRam ram = GuestRam.ofMiB(1);
                Arena arena = Arena.ofConfined()) {
            GuestMemory guest = DeviceSide.map(ram);
            MemorySegment region = arena.allocate(InflightLayout.bytes(format, size), InflightLayout.ALIGNMENT);
            for (int i = 0; i < runs; i++) {
                long seed = seeds.nextLong();
                int stores = run(format, size, seed, ram, guest, region, CrashingMemory.NEVER, false);
                for (int at = 0; at < stores; at++) {
                    run(format, size, seed, ram, guest, region, at, true);
                    run(format, size, seed, ram, guest, region, at, false);
                    crashes += 2;
                }
            }
            guest.release();
        }
        assertThat(crashes).isGreaterThan(100);
    }

    private static int run(
            RingFormat format,
            int size,
            long seed,
            GuestRam ram,
            GuestMemory guest,
            MemorySegment region,
            int crashAt,
            boolean before) {
        region.fill((byte) 0);
        try {
            return new InflightRun(format, size, seed, ram, guest, region, crashAt, before).run(STEPS);
        } catch (IllegalStateException | AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + ", crash " + (before ? "before" : "after") + " store " + crashAt, e);
        }
    }
}
