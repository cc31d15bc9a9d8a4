package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

class MemoryFaultTest {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int BYTES = 4096;
    /** So many that the access is compiled, and compiled again. */
    private static final int OFTEN = 200_000;

    private final MemorySegment own = Arena.ofAuto().allocate(BYTES);
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
            long at = (long) i % 512 * Long.BYTES;
            switch (i % 5) {
                case 0 -> read += (long) LONG.getOpaque(memory, at);
                case 1 -> LONG.set(memory, at, 0L);
                case 2 -> MemorySegment.copy(memory, 0, own, 0, BYTES);
                case 3 -> MemorySegment.copy(own, 0, memory, 0, BYTES);
                default -> memory.fill((byte) 0);
            }
            MemoryFault.settle();
        } catch (InternalError e) {
            told++;
            return;
        }
        missed++;
    }
}
