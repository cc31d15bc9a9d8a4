package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScatterListTest {
    private final byte[] memory = new byte[4096];

    /** Whatever is taken off and sliced out: the list holds what an array would. */
    @Test
    void aListIsAnArrayInPieces() {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("scatter lists: -Dseed=" + seed);
        Random random = new Random(seed);
        random.nextBytes(memory);
        ScatterList list = new ScatterList(2);
        ScatterList part = new ScatterList(0);
        for (int round = 0; round < 5000; round++) {
            byte[] model = fill(list, random);
            int front = random.nextInt(model.length + 1);
            list.dropFront(front);
            model = Arrays.copyOfRange(model, front, model.length);
            int back = random.nextInt(model.length + 1);
            list.dropBack(back);
            model = Arrays.copyOf(model, model.length - back);
            expect(list, model);
            int start = random.nextInt(model.length + 1);
            int length = random.nextInt(model.length - start + 1);
            part.slice(list, start, length);
            expect(part, Arrays.copyOfRange(model, start, start + length));
            if (start < model.length) {
                int extents = 1 + random.nextInt(4);
                part.slice(list, start, list.bytesOf(start, extents));
                assertThat(part.count()).isLessThanOrEqualTo(extents);
            }
        }
    }

    @Test
    void copiesGoBothWays() {
        ScatterList list = new ScatterList(1);
        byte[] target = new byte[10];
        list.add(MemorySegment.ofArray(target), 1, 3);
        list.add(MemorySegment.ofArray(target), 6, 2);
        list.copyFrom(MemorySegment.ofArray(new byte[] {9, 1, 2, 3, 4, 5}), 1, 5);
        assertThat(target).containsExactly(0, 1, 2, 3, 0, 0, 4, 5, 0, 0);
        byte[] back = new byte[5];
        list.copyTo(MemorySegment.ofArray(back), 1, 4);
        assertThat(back).containsExactly(0, 1, 2, 3, 4);
        list.forget();
        assertThat(list.count()).isZero();
        assertThat(list.bytes()).isZero();
    }

    /** A guest may take memory away that it has shared. */
    @Test
    void memoryThatVanishesIsAStatusOfACopyOfAll() throws Exception {
        try (Fd fd = Memfd.create("guest", 8192);
                Mapping guest = Mapping.ofShared(fd, 0, 8192, true)) {
            ScatterList list = new ScatterList(2);
            list.add(guest.segment(), 4090, 6);
            list.add(guest.segment(), 4096, 6);
            MemorySegment other = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13});
            assertThat(list.copyAllFrom(other)).isEqualTo(IoStatus.OK);
            byte[] back = new byte[13];
            assertThat(list.copyAllTo(MemorySegment.ofArray(back))).isEqualTo(IoStatus.OK);
            assertThat(back).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0);
            Memfd.truncate(fd, 4096);
            assertThat(list.copyAllTo(MemorySegment.ofArray(back))).isEqualTo(-Errno.EFAULT);
            assertThat(list.copyAllFrom(other)).isEqualTo(-Errno.EFAULT);
        }
    }

    private byte[] fill(ScatterList list, Random random) {
        list.clear();
        MemorySegment segment = MemorySegment.ofArray(memory);
        byte[] model = new byte[0];
        int extents = random.nextInt(6);
        for (int i = 0; i < extents; i++) {
            int length = random.nextInt(20);
            int offset = random.nextInt(memory.length - length);
            list.add(segment, offset, length);
            model = Arrays.copyOf(model, model.length + length);
            System.arraycopy(memory, offset, model, model.length - length, length);
        }
        return model;
    }

    private static void expect(ScatterList list, byte[] model) {
        assertThat(list.bytes()).isEqualTo(model.length);
        byte[] found = new byte[model.length];
        list.copyTo(MemorySegment.ofArray(found), 0, found.length);
        assertThat(found).containsExactly(model);
    }
}
