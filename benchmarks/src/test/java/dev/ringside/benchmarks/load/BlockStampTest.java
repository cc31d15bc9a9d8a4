package dev.ringside.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Whether the checksum finds what may go wrong with a block. */
class BlockStampTest {
    private static final int BYTES = 2048;
    private static final long SECTOR = 1L << 40;

    private final MemorySegment memory = Arena.ofAuto().allocate(3 * BYTES);

    private int check(long sector, long generation) {
        return BlockStamp.check(memory, BYTES, BYTES, sector, generation);
    }

    @Test
    void isGoodAsWritten() {
        BlockStamp.write(memory, BYTES, BYTES, SECTOR, 7);

        assertThat(check(SECTOR, 7)).isEqualTo(BlockStamp.GOOD);
        assertThat(memory.asSlice(0, BYTES).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        assertThat(memory.asSlice(2 * BYTES, BYTES).toArray(ValueLayout.JAVA_BYTE))
                .containsOnly(0);
    }

    @Test
    void isNotThatOfAnotherPlaceOrGeneration() {
        BlockStamp.write(memory, BYTES, BYTES, SECTOR, 7);

        assertThat(check(SECTOR + 1, 7)).isZero();
        assertThat(check(SECTOR, 6)).isZero();
        assertThat(check(SECTOR, 8)).isZero();
    }

    @Test
    void isBadWithAnyBitChanged() {
        BlockStamp.write(memory, BYTES, BYTES, SECTOR, 1);
        for (int bit = 0; bit < BYTES * 8; bit++) {
            flip(bit);
            assertThat(check(SECTOR, 1)).as("bit %d", bit).isEqualTo(bit / 8 / 512);
            flip(bit);
        }
        assertThat(check(SECTOR, 1)).isEqualTo(BlockStamp.GOOD);
    }

    @Test
    void isBadWhenASectorIsOfAnEarlierWrite() {
        BlockStamp.write(memory, BYTES, BYTES, SECTOR, 2);
        BlockStamp.write(memory, BYTES + 1024, 512, SECTOR + 2, 1);

        assertThat(check(SECTOR, 2)).isEqualTo(2);
        assertThat(BlockStamp.generation(memory, BYTES + 1024)).isEqualTo(1);
        assertThat(BlockStamp.sector(memory, BYTES + 1024)).isEqualTo(SECTOR + 2);
    }

    private void flip(int bit) {
        long at = (long) BYTES + bit / 8;
        byte now = memory.get(ValueLayout.JAVA_BYTE, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (now ^ 1 << bit % 8));
    }
}
