package dev.ringside.env.uring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IoUringTest {
    @Test
    void completesNops() throws Exception {
        try (IoUring ring = new IoUring(8)) {
            for (int i = 0; i < 8; i++) {
                ring.prepNop(i);
            }
            assertThat(ring.room()).isZero();
            assertThat(ring.submit()).isEqualTo(8);
            long[] sum = new long[1];
            assertThat(ring.reap((data, result, flags) -> sum[0] += data, 100)).isEqualTo(8);
            assertThat(sum[0]).isEqualTo(28);
        }
    }
}
