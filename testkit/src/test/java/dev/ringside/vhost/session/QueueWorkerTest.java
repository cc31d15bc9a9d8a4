package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.MemoryCursor;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.ChainBudget;
import dev.ringside.vhost.queue.ChainSource;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFeatures;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a worker does for a queue that is stopped and not yet freed. */
class QueueWorkerTest {
    private static final int SIZE = 16;

    @Test
    void whereMemoryIsGoneNothingIsStartedAfterTheEnd() {
        GuestMemory memory = new GuestMemory(List.of(), Runnable::run);
        LeftOver device = new LeftOver();
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
        RingSurroundings around = new RingSurroundings(
                device,
                new InflightRegions(new InflightFiles()),
                ChainBudget.ofHeap().share(),
                new CallPace());
        QueueWorker worker = new QueueWorker(queue, device, memory, around, true, true, error -> {});
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        worker.stop(stopped);
        worker.fail(QueueError.MEMORY_GONE);
        worker.poll(0);
        assertThat(stopped).isCompletedWithValue(0);
        worker.poll(0);
        assertThat(device.starts).isZero();
    }

    private static MemorySegment part(RingFormat.Part part) {
        return Arena.ofAuto().allocate(part.bytes(), part.alignment());
    }

    /** A device with a request that was handled, and kept from being started by a fault in memory. */
    private static final class LeftOver implements VirtioDevice, DeviceQueue {
        private int starts;

        @Override
        public boolean start(long bytes) {
            starts++;
            return false;
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
            // Nothing is behind it.
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
