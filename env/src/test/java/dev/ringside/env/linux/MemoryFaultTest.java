package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

class MemoryFaultTest {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int BYTES = 4096;
    /** So many that the access is compiled, and compiled again. */
    private static final int OFTEN = 200_000;

    private long read;
    private int told;
    private int missed;

    @Test
    void aFaultIsThrownThereAndNotLater() throws Exception {
        try (Fd fd = Memfd.create("test", BYTES);
                Mapping mapping = Mapping.ofShared(fd, 0, BYTES, true)) {
            MemorySegment memory = mapping.segment();
            for (int i = 0; i < OFTEN; i++) {
                access(memory, i);
            }
            assertThat(missed).isEqualTo(OFTEN);
            assertThat(read).isZero();
            missed = 0;
            Memfd.truncate(fd, 0);
            for (int i = 0; i < OFTEN / 20; i++) {
                access(memory, i);
            }
            assertThat(told).isEqualTo(OFTEN / 20);
            assertThat(missed).isZero();
        }
    }

    private void access(MemorySegment memory, int i) {
        try {
            if (i % 2 == 0) {
                read += (long) LONG.getOpaque(memory, (long) i % 512 * Long.BYTES);
            } else {
                LONG.set(memory, (long) i % 512 * Long.BYTES, 1L);
            }
            MemoryFault.settle();
        } catch (InternalError e) {
            told++;
            return;
        }
        missed++;
    }
}
