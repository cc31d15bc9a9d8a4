package dev.ringside.env.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The limit as proc(5) tells it, in words. */
class MemlockLimitTest {
    @Test
    void theSoftLimitIsTold() {
        String limits = """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             95616                95616                processes
                Max locked memory         8388608              67108864             bytes
                """;
        assertThat(MemlockLimit.parse(limits)).isEqualTo("8388608 bytes");
        assertThat(MemlockLimit.parse(limits.replace("8388608 ", "unlimited "))).isEqualTo("unlimited");
        assertThat(MemlockLimit.advice(4096, 8192)).contains("4096 bytes", "ulimit -l", MemlockLimit.limit());
    }
}
