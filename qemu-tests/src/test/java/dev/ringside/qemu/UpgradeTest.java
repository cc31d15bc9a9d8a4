package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that is replaced by another process, again and again, under a guest's load; the guest cannot reconnect. */
class UpgradeTest {
    private static final long DISK_BYTES = 256L << 20;
    private static final int UPGRADES = 3;
    /** A guest whose processors are emulated beside two daemons waits for more than its daemon; the target is 300 ms. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(6);

    private static final Pattern WAITED = Pattern.compile("taken over; they waited (\\d+) ms");

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void theGuestSeesAPauseAndNothingElse(boolean packed) {
        RingsideDaemon daemon = new RingsideDaemon(bed);
        Path ram = daemon.serveMemory("Malloc0", DISK_BYTES);
        Path file = daemon.serveFile("File0", bed.disk("File0", DISK_BYTES), false);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(ram).queues(2).packed(packed))
                .disk(VhostUserDisk.at(file).queues(2).packed(packed))
                .start();
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        List<FioLoad> loads = load(guest);
        guest.run("sleep 5");
        final long usual = longest(guest, loads);
        System.out.println("no upgrade, packed=" + packed + ": longest request " + usual + " ms");

        loads = load(guest);
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            daemon = daemon.replace(bed, "ringside-" + upgrade + ".log");
            loads.forEach(load -> load.awaitProgress(guest));
        }
        long longest = longest(guest, loads);

        System.out.println(UPGRADES + " upgrades, packed=" + packed + ": longest request " + longest
                + " ms; as the daemons say, guests waited " + waits() + " ms");
        assertThat(waits()).hasSize(UPGRADES);
        assertThat(longest).isLessThan(usual + LONGEST_PAUSE.toMillis());
        assertThat(guest.run("dmesg | grep -c -E 'I/O error|critical' || true").strip())
                .isEqualTo("0");
        guest.reset();
        longest(guest, load(guest));
        assertThat(daemon.stop()).isZero();
    }

    /** For how long each upgrade kept the guests waiting, in ms. */
    private List<String> waits() {
        return IntStream.rangeClosed(1, UPGRADES)
                .mapToObj(upgrade -> WAITED.matcher(bed.logText("ringside-" + upgrade + ".log")))
                .flatMap(Matcher::results)
                .map(result -> result.group(1))
                .toList();
    }

    private static List<FioLoad> load(Guest guest) {
        return List.of(FioLoad.onDisk(guest, "vda"), FioLoad.onDisk(guest, "vdb"));
    }

    /** Ends loads; the longest request of all, in ms. */
    private static long longest(Guest guest, List<FioLoad> loads) {
        return loads.stream()
                        .mapToLong(load -> load.stop(guest).longestNanos())
                        .max()
                        .orElseThrow()
                / 1_000_000;
    }
}
