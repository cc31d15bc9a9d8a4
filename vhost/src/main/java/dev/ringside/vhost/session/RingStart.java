package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.MemoryCursor;
import dev.ringside.vhost.queue.ChainSource;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFeatures;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import dev.ringside.vhost.queue.WriteLog;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A ring as it is when it starts: found good by the session's thread, and handed to the reactor that is to serve it.
 *
 * @param base where it begins
 * @param parts in the memory
 * @param tracked where its requests in flight are tracked; null: nowhere
 * @param writes where it logs what it writes; null: nowhere
 * @param kick tells of new requests; null: they are polled for. Stays the session's
 * @param call tells the driver of what was done; the worker's once the ring runs
 * @param error tells the front end of a broken ring; the worker's once the ring runs
 * @param takes whether it takes requests at once
 */
record RingStart(
        int index,
        int size,
        int base,
        long features,
        GuestMemory memory,
        RingParts parts,
        @Nullable MemorySegment tracked,
        @Nullable WriteLog writes,
        @Nullable EventFd kick,
        @Nullable EventFd call,
        @Nullable EventFd error,
        boolean takes) {

    /**
     * Begins to serve the ring; on the reactor.
     *
     * @param onBroken told when its driver breaks it; on the reactor
     * @throws IOException if the device's queue cannot be opened, or the kick not be watched
     */
    RunningRing begin(Reactor reactor, RingSurroundings around, Consumer<QueueError> onBroken) throws IOException {
        RingFormat format = RingFormat.of(features);
        DeviceQueue device = around.device().openQueue(index, features, reactor);
        MemoryCursor cursor = new MemoryCursor(memory);
        try {
            ChainSource chains = new ChainSource(device::newChain, around.share());
            Virtqueue queue = format.attach(size, parts, base, RingFeatures.of(features), cursor, tracked, chains);
            device.attach(queue);
            QueueWorker worker = new QueueWorker(
                    queue, device, memory, around.inflight(), around.pace(), kick != null, takes, onBroken);
            Registration watch = RunningRing.watch(reactor, kick);
            worker.useCall(call);
            worker.useError(error);
            worker.useLog(writes);
            Registration poller = reactor.register("vhost_ring_" + index, worker);
            return new RunningRing(reactor, format, worker, poller, watch);
        } catch (LinuxException | RuntimeException | InternalError e) {
            cursor.retire();
            device.close();
            throw e;
        }
    }
}
