package dev.ringside.env.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTest {
    @Test
    void twoMappingsOfAFileAreTheSameMemory() throws Exception {
        try (Fd fd = Memfd.create("test", 8192);
                Mapping all = Mapping.ofShared(fd, 0, 8192, true);
                Mapping second = Mapping.ofShared(fd, 4096, 100, false)) {
            all.segment().set(JAVA_LONG, 4096, 0x1122334455667788L);
            assertThat(second.segment().get(JAVA_LONG, 0)).isEqualTo(0x1122334455667788L);
            assertThat(second.segment().byteSize()).isEqualTo(100);
            assertThat(second.pageKind()).isEqualTo("file");
            assertThatThrownBy(() -> second.discard(0, 1)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void staysWhenTheDescriptorIsClosed() throws Exception {
        Fd fd = Memfd.create("test", 4096);
        try (Mapping mapping = Mapping.ofShared(fd, 0, 4096, true)) {
            fd.close();
            mapping.segment().fill((byte) 1);
            assertThat(mapping.segment().get(JAVA_BYTE, 4095)).isEqualTo((byte) 1);
        }
    }

    @Test
    void aUseAfterCloseIsAnException() throws Exception {
        Mapping mapping = Mapping.anonymous(4096);
        MemorySegment slice = mapping.segment().asSlice(10, 20);
        mapping.close();
        mapping.close();
        assertThatThrownBy(() -> slice.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(mapping::address).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> mapping.discard(0, 4096)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTruncatedFileIsACatchableError() throws Exception {
        try (Fd fd = Memfd.create("test", 1 << 20);
                Mapping mapping = Mapping.ofShared(fd, 0, 1 << 20, true);
                Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(1 << 20);
            Memfd.truncate(fd, 0);
            assertThatThrownBy(() -> mapping.segment().get(JAVA_BYTE, 5000)).isInstanceOf(InternalError.class);
            assertThatThrownBy(() -> copy.copyFrom(mapping.segment())).isInstanceOf(InternalError.class);
            Memfd.truncate(fd, 1 << 20);
            assertThat(mapping.segment().get(JAVA_BYTE, 5000)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 4096, 5000, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 9 << 20})
    void anonymousMemoryIsZeroAndAllThere(long length) throws Exception {
        try (Mapping mapping = Mapping.anonymous(length)) {
            MemorySegment memory = mapping.segment();
            assertThat(memory.byteSize()).isEqualTo(length);
            assertThat(memory.get(JAVA_BYTE, 0)).isZero();
            assertThat(memory.get(JAVA_BYTE, length - 1)).isZero();
            memory.fill((byte) 0xff);
            boolean large = length >= 2 << 20;
            assertThat(mapping.address() % (large ? 2 << 20 : 4096)).isZero();
            assertThat(mapping.pageKind())
                    .isIn(large ? new Object[] {"hugetlb", "transparent-huge", "plain"} : new Object[] {"plain"});
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {3 << 20, 20_000})
    void discardZeroesExactlyTheRange(long length) throws Exception {
        try (Mapping mapping = Mapping.anonymous(length)) {
            MemorySegment memory = mapping.segment();
            for (long[] range :
                    new long[][] {{0, length}, {100, 200}, {4000, 9000}, {4096, 4096}, {5000, 0}, {1, length - 2}}) {
                memory.fill((byte) 7);
                mapping.discard(range[0], range[1]);
                for (long i = 0; i < length; i++) {
                    boolean inside = i >= range[0] && i < range[0] + range[1];
                    if (memory.get(JAVA_BYTE, i) != (inside ? 0 : 7)) {
                        assertThat(i)
                                .as("wrong byte after discarding %d+%d", range[0], range[1])
                                .isEqualTo(-1);
                    }
                }
            }
            assertThatThrownBy(() -> mapping.discard(length - 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> mapping.discard(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void saysWhatCannotBeMapped() throws Exception {
        assertThatThrownBy(() -> Mapping.anonymous(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Mapping.anonymous(Long.MAX_VALUE)).isInstanceOf(IllegalArgumentException.class);
        try (Fd fd = Memfd.create("test", 8192);
                EventFd event = EventFd.create()) {
            assertThatThrownBy(() -> Mapping.ofShared(fd, 1, 4096, true))
                    .hasMessage("mmap of 4096 bytes: Invalid argument (EINVAL)");
            assertThatThrownBy(() -> Mapping.ofShared(event.fd(), 0, 4096, true))
                    .hasMessage("mmap of 4096 bytes: No such device (ENODEV)");
            assertThatThrownBy(() -> Memfd.truncate(fd, -1)).hasMessage("ftruncate: Invalid argument (EINVAL)");
        }
        assertThatThrownBy(() -> Memfd.create("x".repeat(300), 1)).hasMessageContaining("EINVAL");
    }
}
