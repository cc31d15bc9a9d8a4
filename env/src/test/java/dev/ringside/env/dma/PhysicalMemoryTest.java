package dev.ringside.env.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Physical addresses, from a page map of our own making: a sparse file. */
class PhysicalMemoryTest {
    private static final int PAGE = 4096;
    private static final int HUGE_PAGE = 2 << 20;
    private static final long PRESENT = 1L << 63;
    /** Bits that say other things of a page: soft-dirty, exclusively mapped. */
    private static final long OTHER_BITS = 3L << 55;

    @TempDir
    Path folder;

    @Test
    void aHugePageIsWhereThePageMapSays() throws IOException {
        try (Mapping memory = Mapping.anonymous(HUGE_PAGE)) {
            describe(memory, 0x12_3456_7800L, PRESENT | OTHER_BITS);
            DmaSpace space = new DmaSpace();
            space.activate(physical());
            assertThat(space.physical()).isTrue();

            DmaSpace.DmaRegion region = space.add(memory.segment());
            assertThat(space.translation().iova(memory.address(), HUGE_PAGE)).isEqualTo(0x12_3456_7800L * PAGE);
            assertThat(space.translation().iova(memory.address() + 5, 1)).isEqualTo(0x12_3456_7800L * PAGE + 5);
            space.remove(region);
            assertThat(space.translation().iova(memory.address(), 1)).isEqualTo(DmaTranslation.NONE);

            space.deactivate();
            assertThat(space.physical()).isFalse();
        }
    }

    @Test
    void lessThanAHugePageIsNotReached() throws IOException {
        try (Mapping memory = Mapping.anonymous(HUGE_PAGE)) {
            DmaSpace space = new DmaSpace();
            space.activate(physical());
            space.add(memory.segment().asSlice(PAGE));
            assertThat(space.mappedBytes()).isZero();
        }
    }

    @Test
    void whatIsInPiecesIsRefused() throws IOException {
        try (Mapping memory = Mapping.anonymous(HUGE_PAGE)) {
            describe(memory, 1000, PRESENT);
            put(memory.address() + 7 * PAGE, PRESENT | 5);
            assertThatThrownBy(() -> physical().address(memory.segment()))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT));
        }
    }

    @Test
    void aProcessThatMayNotKnowIsToldWhatItNeeds() throws IOException {
        try (Mapping memory = Mapping.anonymous(HUGE_PAGE)) {
            describe(memory, 0, PRESENT);
            assertThatThrownBy(() -> physical().address(memory.segment())).hasMessageContaining("CAP_SYS_ADMIN");
            put(memory.address(), 1000);
            assertThatThrownBy(() -> physical().address(memory.segment())).hasMessageContaining("CAP_SYS_ADMIN");
        }
    }

    @Test
    void buffersAreOfHugePagesOrThereAreNone() throws IOException {
        DmaSpace space = new DmaSpace();
        space.activate(new PhysicalMemory());
        try (DmaPool pool = new DmaPool(space);
                Mapping probe = Mapping.anonymous(HUGE_PAGE)) {
            if (!probe.isHugetlb()) {
                assertThatThrownBy(() -> pool.allocate(PAGE, new DmaOwner("test")))
                        .hasMessageContaining("vm.nr_hugepages");
            }
        }
    }

    private PhysicalMemory physical() {
        return new PhysicalMemory(folder.resolve("pagemap"));
    }

    private void describe(Mapping memory, long firstFrame, long flags) throws IOException {
        for (int i = 0; i < HUGE_PAGE / PAGE; i++) {
            put(memory.address() + (long) i * PAGE, flags | (firstFrame == 0 ? 0 : firstFrame + i));
        }
    }

    private void put(long address, long entry) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        bytes.putLong(entry).flip();
        try (FileChannel file =
                FileChannel.open(folder.resolve("pagemap"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(bytes, address / PAGE * Long.BYTES);
        }
    }
}
