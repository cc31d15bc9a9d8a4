package dev.ringside.env.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made to be handed to another process: memory behind a descriptor, and waits that leave a socket alone. */
class SharedMemoryTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 5000, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 9 << 20})
    void whoeverGetsTheDescriptorHasTheMemory(long length) throws Exception {
        try (SharedMemory made = SharedMemory.create("test", length)) {
            assertThat(made.mapping().segment().byteSize()).isEqualTo(length);
            assertThat(made.mapping().segment().get(JAVA_BYTE, length - 1)).isZero();
            made.mapping().segment().fill((byte) 7);
            try (SharedMemory same = SharedMemory.adopt(made.file().duplicate(), length)) {
                assertThat(same.mapping().segment().mismatch(made.mapping().segment()))
                        .isEqualTo(-1);
                assertThat(same.mapping().pageKind()).isEqualTo(made.mapping().pageKind());
                boolean large = length >= 2 << 20;
                assertThat(same.mapping().address() % (large ? 2 << 20 : 4096)).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5 << 20, 20_000})
    void discardZeroesExactlyTheRangeForEverybody(long length) throws Exception {
        try (SharedMemory memory = SharedMemory.create("test", length);
                SharedMemory same = SharedMemory.adopt(memory.file().duplicate(), length)) {
            for (long[] range : new long[][] {{0, length}, {100, 200}, {4000, 9000}, {4096, 4096}, {1, length - 2}}) {
                memory.mapping().segment().fill((byte) 7);
                memory.mapping().discard(range[0], range[1]);
                for (long i = 0; i < length; i++) {
                    boolean inside = i >= range[0] && i < range[0] + range[1];
                    if (same.mapping().segment().get(JAVA_BYTE, i) != (inside ? 0 : 7)) {
                        assertThat(i).as("wrong byte").isEqualTo(-1);
                    }
                }
            }
        }
    }

    @Test
    void memoryThatIsShorterThanItShouldBeIsRefused() throws Exception {
        Fd file = Memfd.create("test", 4096);
        assertThatThrownBy(() -> SharedMemory.adopt(file, 8192)).hasMessageContaining("the file has 4096 only");
        assertThat(file.isOpen()).isFalse();
    }

    @Test
    void anInterruptedWaitLeavesTheSocketAlone() throws Exception {
        UnixConnection[] pair = UnixConnection.pair();
        try (UnixConnection near = pair[0];
                UnixConnection far = pair[1];
                SharedMemory buffer = SharedMemory.create("test", 64);
                ReadWait wait = ReadWait.on(near.fd())) {
            CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(wait::await);
            wait.interrupt();
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isFalse();
            far.send(buffer.mapping().segment(), 0, 8, List.of());
            assertThat(wait.await()).as("until it is cleared").isFalse();
            wait.clear();
            assertThat(wait.await()).isTrue();
            buffer.mapping().segment().set(JAVA_LONG, 0, 1);
            assertThat(near.receive(buffer.mapping().segment(), 0, 64, new ArrayList<>()))
                    .isEqualTo(8);
            far.shutdown();
            assertThat(wait.await()).isTrue();
        }
    }
}
