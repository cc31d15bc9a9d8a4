package dev.ringside.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** What the unit reads. */
class ScsiRequestsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long LUN = 0x0103_4001_0000_0000L;

    private static ScsiRequests requests(GuestRam ram, Pattern pattern) {
        Workload workload = new Workload(pattern, pattern.readPercent(), 8192, 1, 4, 1 << 20, 0, 0, 1, false, false);
        SlotRing ring = SlotRing.of(RingFormat.SPLIT, ChainShape.SCSI, ram, 4, false, false);
        return new ScsiRequests(ram, ring, workload, 1, LUN, 4096);
    }

    private static String hex(ScsiRequests requests, int from, int bytes) {
        byte[] raw = requests.control.asSlice(2 * 192 + from, bytes).toArray(ValueLayout.JAVA_BYTE);
        return HexFormat.ofDelimiter(" ").formatHex(raw);
    }

    @Test
    void readsAndWritesBlocksOfTheUnit() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            ScsiRequests requests = requests(ram, Pattern.RANDRW);

            requests.prepare(2, false, 24);
            assertThat(hex(requests, 0, 51))
                    .startsWith("01 03 40 01 00 00 00 00 02 00 00 00 01 00 00 00 00 00 00 "
                            + "8a 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00 00 00");
            requests.prepare(2, true, 0x8_0000_0008L);
            assertThat(hex(requests, 19, 16)).isEqualTo("88 00 00 00 00 01 00 00 00 01 00 00 00 02 00 00");
        }
    }

    @Test
    void unmaps() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            ScsiRequests requests = requests(ram, Pattern.TRIM);

            requests.prepare(2, false, 24);
            assertThat(hex(requests, 19, 10)).isEqualTo("42 00 00 00 00 00 00 00 18 00");
            byte[] list = requests.data().asSlice(2 * 64, 24).toArray(ValueLayout.JAVA_BYTE);
            assertThat(HexFormat.ofDelimiter(" ").formatHex(list))
                    .isEqualTo("00 16 00 10 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00 02 00 00 00 00");
        }
    }

    @Test
    void believesNothingThatWasNotWritten() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            ScsiRequests requests = requests(ram, Pattern.READ);

            requests.prepare(2, true, 0);
            assertThat(requests.succeeded(2)).isFalse();
            assertThat(requests.failure(2)).isEqualTo("no response written");
            requests.control.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * 192 + 62, (short) 0);
            assertThat(requests.succeeded(2)).isTrue();
            requests.control.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * 192 + 62, (short) 0x300);
            assertThat(requests.succeeded(2)).isFalse();
            assertThat(requests.failure(2)).isEqualTo("VIRTIO_SCSI_S_BAD_TARGET");
        }
    }

    @Test
    void allocatesNothing() throws Exception {
        try (GuestRam ram = GuestRam.ofMiB(1)) {
            ScsiRequests requests = requests(ram, Pattern.RANDRW);
            int good = 0;
            long allocated = 1;
            for (int round = 0; round < 60 && allocated > 0; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 100_000; i++) {
                    requests.prepare(i & 3, (i & 4) == 0, i * 16L);
                    good += requests.succeeded(i & 3) ? 1 : 0;
                }
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(good).isZero();
            assertThat(allocated).isZero();
        }
    }
}
