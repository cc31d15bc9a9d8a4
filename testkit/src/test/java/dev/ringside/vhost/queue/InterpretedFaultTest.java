package dev.ringside.vhost.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A store to memory that has vanished is an error that can be caught, in the interpreter too, which crashes at some kinds of
 * stores. In a process of its own.
 */
class InterpretedFaultTest {
    private static final int SIZE = 8;

    @ParameterizedTest
    @EnumSource
    void theInterpreterSurvivesMemoryThatVanishes(RingFormat format) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        java,
                        "-Xint",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=/dev/null",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InterpretedFaultTest.class.getName(),
                        format.name())
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(child.exitValue()).as(output).isZero();
    }

    /** The process of its own: each access to a vanished ring or region that writes first. */
    public static void main(String[] args) throws Exception {
        RingFormat format = RingFormat.valueOf(args[0]);
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            DriverQueue driver = VirtqueueModelTest.driver(format, ram, SIZE, true, 0, 0);
            GuestMemory memory = DeviceSide.map(ram);
            MemorySegment region = memory.atUserAddress(ram.userAddress(ram.allocate(4096, 4096)), 4096)
                    .orElseThrow();
            InflightMemory inflight = new InflightMemory(region);
            Virtqueue queue = format.attach(
                    SIZE,
                    DeviceSide.parts(format, memory, ram, driver),
                    driver.base(),
                    new RingFeatures(false, true),
                    new MemoryCursor(memory),
                    null,
                    ChainSource.unlimited(DeviceSide.BareChain::new));
            driver.writable(0, 8);
            driver.add();
            driver.publish();
            List<Chain> taken = new ArrayList<>();
            queue.drain(1, chain -> {
                taken.add(chain);
                return Virtqueue.OK;
            });
            queue.complete(taken.getFirst(), 8);
            ram.region(0).truncate(0);
            faults("publish", queue::publish);
            faults("enableKicks", queue::enableKicks);
            faults("store8", () -> inflight.store8(0, 1));
            faults("store16", () -> inflight.store16(0, 1));
            faults("store32", () -> inflight.store32(0, 1));
            faults("store64", () -> inflight.store64(0, 1));
        }
    }

    private static void faults(String what, Runnable access) {
        try {
            access.run();
        } catch (InternalError e) {
            return;
        }
        throw new AssertionError(what + " did not fault");
    }
}
