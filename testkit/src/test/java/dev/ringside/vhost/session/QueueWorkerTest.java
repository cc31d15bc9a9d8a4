package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.pci.Registers;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.MemoryCursor;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.ChainSource;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFeatures;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a worker does for a queue that is stopped and not yet freed. */
class QueueWorkerTest {
    private static final int SIZE = 16;
    /** So many turns that they are compiled, and compiled again. */
    private static final int OFTEN = 100_000;

    private final GuestMemory memory = new GuestMemory(List.of(), Runnable::run);
    private final StoppedDevice device = new StoppedDevice();
    private final CompletableFuture<Integer> stopped = new CompletableFuture<>();
    private final List<QueueError> errors = new ArrayList<>();
    private QueueWorker worker;

    @BeforeEach
    void stop() {
        Virtqueue queue = RingFormat.SPLIT.attach(
                SIZE,
                new RingParts(
                        part(RingFormat.SPLIT.descriptors(SIZE)),
                        part(RingFormat.SPLIT.driver(SIZE)),
                        part(RingFormat.SPLIT.device(SIZE))),
                0,
                RingFeatures.of(0),
                new MemoryCursor(memory),
                null,
                ChainSource.unlimited(device::newChain));
        InflightRegions inflight = new InflightRegions(new InflightFiles());
        worker = new QueueWorker(queue, device, memory, inflight, new CallPace(), true, true, errors::add);
        worker.stop(stopped);
    }

    @Test
    void whereMemoryIsGoneNothingIsStartedAfterTheEnd() {
        worker.fail(QueueError.MEMORY_GONE);
        worker.poll(0);
        assertThat(errors).containsExactly(QueueError.MEMORY_GONE);
        assertThat(stopped).isCompletedWithValue(0);
        worker.poll(0);
        assertThat(device.starts).isZero();
    }

    /** In compiled code, too, which is told of a fault later than it happens. */
    @Test
    void registersOfTheDiskThatAreGoneDoNotBreakTheQueue() throws Exception {
        try (Fd fd = Memfd.create("registers", 4096);
                Mapping mapping = Mapping.ofShared(fd, 0, 4096, true)) {
            device.doorbell = new Registers(mapping.segment());
            for (int i = 0; i < OFTEN; i++) {
                worker.poll(i);
            }
            Memfd.truncate(fd, 0);
            for (int i = 0; i < OFTEN / 20; i++) {
                assertThatThrownBy(() -> worker.poll(0)).isInstanceOf(InternalError.class);
                worker.memoryFault();
            }
        }
        assertThat(worker.error()).isEqualTo(Virtqueue.OK);
        assertThat(stopped).isCompletedWithValue(0);
        assertThat(errors).isEmpty();
    }

    private static MemorySegment part(RingFormat.Part part) {
        return Arena.ofAuto().allocate(part.bytes(), part.alignment());
    }

    /** A device that may have a request which was handled and not started, and whose disk may be gone. */
    private static final class StoppedDevice implements VirtioDevice, DeviceQueue {
        private int starts;
        private @Nullable Registers doorbell;

        @Override
        public boolean start(long bytes) {
            starts++;
            return false;
        }

        @Override
        public MemoryListener memoryListener() {
            return MemoryListener.NONE;
        }

        @Override
        public Chain newChain() {
            return new Chain() {};
        }

        @Override
        public int handle(Chain chain) {
            return Virtqueue.OK;
        }

        @Override
        public void attach(Virtqueue queue) {
            // Nothing is completed.
        }

        @Override
        public void flush() {
            Registers disk = doorbell;
            if (disk != null) {
                disk.write32(0, 1);
            }
        }

        @Override
        public int outstanding() {
            return 0;
        }

        @Override
        public boolean canSleep() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is open.
        }

        @Override
        public long features() {
            return 0;
        }

        @Override
        public int queues() {
            return 1;
        }

        @Override
        public void readConfig(MemorySegment target) {
            // It is empty.
        }

        @Override
        public void writeConfig(long offset, MemorySegment bytes) {
            // It is empty.
        }

        @Override
        public void addConfigListener(Runnable listener) {
            // It never changes.
        }

        @Override
        public void removeConfigListener(Runnable listener) {
            // It never changes.
        }

        @Override
        public DeviceQueue openQueue(int index, long features, Reactor reactor) {
            return this;
        }
    }
}
