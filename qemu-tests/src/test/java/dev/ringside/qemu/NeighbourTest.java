package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Two guests on one reactor, of which one attacks. */
class NeighbourTest {
    private static final long DISK_BYTES = 64L << 20;
    private static final int LEAST_ROUNDS = 3;
    /** What else the machine does may take a third of a short run: while a median is low, it is measured on. */
    private static final int MOST_ROUNDS = 12;

    private static final int SECONDS = 2;
    private static final String GOOD = "innocent";
    private static final List<String> BAD = List.of("chains", "breaks", "messages", "restarts");

    /** What is left to the neighbour of an attacker, compared with that of a guest that uses its disk and behaves. */
    private static final double LEFT = 0.8;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void theOtherGuestKeepsItsDataAndItsShare(boolean packed) {
        // It spins whatever happens: processor time that an attack takes from the guest itself is not what is measured.
        RingsideDaemon daemon = new RingsideDaemon(bed, "0x1", "--idle", "poll");
        VhostUserDisk disk =
                VhostUserDisk.at(daemon.serveMemory("Good", DISK_BYTES)).packed(packed);
        NoisyNeighbour neighbour = new NoisyNeighbour(bed, daemon.serveMemory("Bad", DISK_BYTES), packed);
        // One processor, as the other is the daemon's: the guest's emulation must not compete with that.
        Guest guest = bed.guest("guest").vcpus(1).disk(disk).start();
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        FioLoad load = FioLoad.onDisk(guest, "vda");

        Map<String, List<Double>> beside = new LinkedHashMap<>();
        neighbour.behave(GOOD);
        load.requestsPerSecond(guest, SECONDS);
        for (int round = 0; round < LEAST_ROUNDS || (round < MOST_ROUNDS && !allAreLeftEnough(beside)); round++) {
            neighbour.behave(GOOD);
            double good = load.requestsPerSecond(guest, SECONDS);
            for (String conduct : BAD) {
                neighbour.behave(conduct);
                double share = load.requestsPerSecond(guest, SECONDS) / good;
                beside.computeIfAbsent(conduct, any -> new ArrayList<>()).add(share);
            }
        }
        neighbour.behave(GOOD);

        System.out.println(
                "packed=" + packed + ", requests a second beside an attacker, of those beside a good guest: " + beside);
        load.stop(guest);
        JsonNode victim = controller(daemon, "vhost.Good");
        assertThat(victim.at("/error_counters/broken_queues").asLong())
                .as("%s", victim)
                .isZero();
        assertThat(beside)
                .allSatisfy((conduct, shares) ->
                        assertThat(median(shares)).as("%s: %s", conduct, shares).isGreaterThan(LEFT));
        assertThat(daemon.stop()).isZero();
    }

    private static boolean allAreLeftEnough(Map<String, List<Double>> beside) {
        return beside.values().stream().allMatch(shares -> median(shares) > LEFT);
    }

    private static JsonNode controller(RingsideDaemon daemon, String name) {
        return daemon.rpc("vhost_get_controllers", Map.of("name", name)).get(0);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
