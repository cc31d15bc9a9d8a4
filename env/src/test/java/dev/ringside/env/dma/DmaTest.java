package dev.ringside.env.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Addresses for devices, and buffers. */
class DmaTest {
    private static final int MIB = 1 << 20;

    /** Keeps an account of its mappings, and has room for little. */
    private static final class CountingIommu implements Iommu {
        final TreeMap<Long, MemorySegment> mappings = new TreeMap<>();
        long limit = Long.MAX_VALUE;

        @Override
        public long pageSize() {
            return 4096;
        }

        @Override
        public List<Range> ranges() {
            return List.of(new Range(0, 8 * MIB - 1), new Range(16 * MIB, 64 * MIB - 1));
        }

        @Override
        public void map(MemorySegment memory, long iova) throws LinuxException {
            long mapped = mappings.values().stream()
                    .mapToLong(MemorySegment::byteSize)
                    .sum();
            if (mapped + memory.byteSize() > limit) {
                throw new LinuxException("map", Errno.ENOMEM);
            }
            Map.Entry<Long, MemorySegment> below = mappings.floorEntry(iova + memory.byteSize() - 1);
            assertThat(below == null || below.getKey() + below.getValue().byteSize() <= iova)
                    .isTrue();
            assertThat(iova % (2 * MIB)).isEqualTo(memory.address() % (2 * MIB));
            mappings.put(iova, memory);
        }

        @Override
        public void unmap(long iova, long bytes) {
            assertThat(Objects.requireNonNull(mappings.remove(iova)).byteSize()).isEqualTo(bytes);
        }
    }

    private final CountingIommu iommu = new CountingIommu();
    private final DmaSpace space = new DmaSpace();

    @Test
    void memoryIsMappedAsLongAsThereAreDevices() throws LinuxException {
        try (Mapping memory = Mapping.anonymous(MIB)) {
            DmaSpace.DmaRegion region = space.add(memory.segment());
            assertThat(space.translation().iova(memory.address(), 1)).isEqualTo(DmaTranslation.NONE);

            space.activate(iommu);
            assertThat(iommu.mappings).hasSize(1);
            long iova = iommu.mappings.firstKey();
            assertThat(space.translation().iova(memory.address() + 5, 100)).isEqualTo(iova + 5);
            assertThat(space.translation().iova(memory.address() + MIB - 1, 1)).isEqualTo(iova + MIB - 1);
            assertThat(space.translation().iova(memory.address() + MIB - 1, 2)).isEqualTo(DmaTranslation.NONE);
            assertThat(space.translation().iova(memory.address() - 1, 1)).isEqualTo(DmaTranslation.NONE);
            assertThat(space.mappedBytes()).isEqualTo(MIB);

            space.deactivate();
            assertThat(iommu.mappings).isEmpty();
            space.activate(iommu);
            space.remove(region);
            space.remove(region);
            assertThat(iommu.mappings).isEmpty();
            assertThat(space.translation().iova(memory.address(), 1)).isEqualTo(DmaTranslation.NONE);
        }
    }

    @Test
    void onlyWholePagesAreMapped() throws LinuxException {
        try (Mapping memory = Mapping.anonymous(MIB)) {
            space.activate(iommu);
            space.add(memory.segment().asSlice(100, 3 * 4096));
            space.add(memory.segment().asSlice(64 * 1024 + 1, 4096));
            assertThat(iommu.mappings.values())
                    .extracting(MemorySegment::byteSize)
                    .containsExactly(2L * 4096);
            assertThat(space.translation().iova(memory.address() + 100, 1)).isEqualTo(DmaTranslation.NONE);
            assertThat(space.translation().iova(memory.address() + 4096, 8192)).isPositive();
        }
    }

    @Test
    void mappingsComeAndGoAtRandom() throws LinuxException {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("DMA mappings: -Dseed=" + seed);
        Random random = new Random(seed);
        List<Mapping> memories = new ArrayList<>();
        List<DmaSpace.DmaRegion> regions = new ArrayList<>();
        space.activate(iommu);
        for (int round = 0; round < 500; round++) {
            if (regions.isEmpty() || random.nextInt(5) < 3) {
                Mapping memory = Mapping.anonymous((1 + random.nextInt(700)) * 4096L);
                try {
                    regions.add(space.add(memory.segment()));
                    memories.add(memory);
                } catch (LinuxException e) {
                    assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
                    memory.close();
                }
            } else {
                int index = random.nextInt(regions.size());
                space.remove(regions.remove(index));
                memories.remove(index).close();
            }
            for (Mapping memory : memories) {
                long iova = space.translation()
                        .iova(memory.address(), memory.segment().byteSize());
                assertThat(Objects.requireNonNull(iommu.mappings.get(iova)).address())
                        .isEqualTo(memory.address());
            }
        }
        memories.forEach(Mapping::close);
    }

    @Test
    void whatCannotBeLockedIsRefusedAndLeavesNothing() throws LinuxException {
        iommu.limit = MIB;
        try (Mapping large = Mapping.anonymous(3 * MIB);
                Mapping small = Mapping.anonymous(4096)) {
            DmaSpace.DmaRegion region = space.add(large.segment());
            space.add(small.segment());
            assertThatThrownBy(() -> space.activate(iommu)).isInstanceOf(LinuxException.class);
            assertThat(iommu.mappings).isEmpty();
            assertThat(space.active()).isFalse();
            space.remove(region);
            space.activate(iommu);
            assertThatThrownBy(() -> space.add(large.segment())).isInstanceOf(LinuxException.class);
            assertThat(iommu.mappings).hasSize(1);
        }
    }

    @Test
    void buffersAreOfTheirSizesAndBelongToOwners() throws LinuxException {
        space.activate(iommu);
        DmaOwner first = new DmaOwner("first");
        DmaOwner second = new DmaOwner("second");
        try (DmaPool pool = new DmaPool(space)) {
            assertThat(pool.take(1, first)).isNull();
            Set<Long> iovas = new HashSet<>();
            for (int bytes : new int[] {1, 4096, 4097, 100_000, 2 * MIB}) {
                DmaBuffer buffer = pool.allocate(bytes, first);
                assertThat(buffer.bytes()).isGreaterThanOrEqualTo(bytes).isLessThan(Math.max(4097, 2L * bytes));
                assertThat(buffer.iova() % buffer.bytes()).isZero();
                assertThat(space.translation().iova(buffer.segment().address(), buffer.bytes()))
                        .isEqualTo(buffer.iova());
                assertThat(iovas.add(buffer.iova())).isTrue();
            }
            DmaBuffer kept = pool.allocate(4096, second);
            assertThat(pool.owners()).containsEntry("second", 4096L).containsKey("first");
            assertThat(pool.reclaim(first)).isEqualTo(4096 + 4096 + 8192 + 131_072 + 2 * MIB);
            assertThat(pool.owners()).containsOnlyKeys("second");
            assertThat(pool.bytes()).isEqualTo(8L * MIB);

            pool.trim();
            assertThat(pool.bytes()).isEqualTo(2L * MIB);
            assertThat(iommu.mappings).hasSize(1);
            pool.give(kept);
            assertThatThrownBy(() -> pool.give(kept)).isInstanceOf(IllegalStateException.class);
            pool.reserve(4096, 512);
            assertThat(pool.bytes()).isEqualTo(2L * MIB);
            pool.reserve(4096, 513);
            assertThat(pool.bytes()).isEqualTo(4L * MIB);
        }
        assertThat(iommu.mappings).isEmpty();
    }

    @Test
    void sizesOutOfRangeAreRefused() {
        try (DmaPool pool = new DmaPool(space)) {
            assertThatThrownBy(() -> pool.take(0, new DmaOwner("x"))).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> pool.take(2 * MIB + 1, new DmaOwner("x")))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
