package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.vhost.CapturedLog;
import dev.ringside.vhost.queue.QueueError;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A driver that breaks rings for ever does not fill the log. */
class BrokenRingsTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int MORE = 1000;

    @Test
    void saysSomeAndCountsTheRest() {
        try (CapturedLog log = new CapturedLog()) {
            BrokenRings rings = new BrokenRings("disks0");
            for (int i = 0; i < BrokenRings.BURST + MORE; i++) {
                rings.add(i % 4, QueueError.INDEX_JUMP, 5 * SECOND_NS + i);
            }
            assertThat(log.warnings()).hasSize(BrokenRings.BURST);
            rings.add(3, QueueError.BAD_ADDRESS, 7 * SECOND_NS);
            rings.add(3, QueueError.BAD_ADDRESS, 7 * SECOND_NS + 1);
            List<String> lines = log.warnings();
            assertThat(lines.subList(BrokenRings.BURST, lines.size()))
                    .containsExactly(
                            "disks0: rings were broken " + MORE + " more times",
                            "disks0: ring 3 is broken: bad address");
            rings.end();
            rings.end();
            assertThat(log.warnings()).hasSize(BrokenRings.BURST + 3);
            assertThat(log.warnings().getLast()).isEqualTo("disks0: rings were broken 1 more times");
        }
    }
}
