package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The idle modes, with all queues on one reactor and with the queues of a disk on two. */
class ReactorTest {
    private static final long DISK_BYTES = 256L << 20;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "idle={0} cpumask={1}")
    @CsvSource({"poll, 0x1", "adaptive, 0x3", "interrupt, 0x1", "interrupt, 0x3"})
    void guestIsServed(String idle, String cpumask) {
        RingsideDaemon daemon = new RingsideDaemon(bed, cpumask, "--idle", idle);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(daemon.serveMemory("Malloc0", DISK_BYTES))
                        .queues(2))
                .disk(VhostUserDisk.at(daemon.serveFile("File0", bed.disk("File0", DISK_BYTES), false))
                        .queues(2))
                .start();

        FioReport.verify(guest, 10, "vda", "vdb");

        JsonNode reactors = daemon.rpc("framework_get_reactors", Map.of()).get("reactors");
        assertThat(reactors).hasSize(Long.bitCount(Long.decode(cpumask)));
        assertThat(reactors)
                .allSatisfy(reactor -> assertThat(reactor.get("busy").asLong())
                        .as("busy ticks of %s", reactor)
                        .isPositive());
        assertThat(daemon.stop()).isZero();
    }
}
