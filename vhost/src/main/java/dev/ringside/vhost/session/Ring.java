package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.DirtyLog;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.MemoryCursor;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFeatures;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import dev.ringside.vhost.queue.WriteLog;
import dev.ringside.vhost.session.SessionState.Addresses;
import dev.ringside.vhost.session.SessionState.RingState;
import dev.ringside.vhost.wire.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A ring as the front end has set it up so far, and its worker while it runs. Owned by the session's thread, but for {@link
 * #inFlight}.
 *
 * <p>A ring runs from its kick on (vhost-user, "Ring states") as soon as its size, its addresses and the memory are known,
 * in whatever order they come, until GET_VRING_BASE. It takes requests while it is enabled.
 */
final class Ring {
    private final int index;
    private final Reactor reactor;
    private final VirtioDevice device;
    private final InflightRegions inflight;
    private final Consumer<QueueError> onBroken;
    private int size;
    private int base;
    private @Nullable Addresses addresses;
    private boolean kickSet;
    private @Nullable EventFd kick;
    private @Nullable EventFd call;
    private @Nullable EventFd error;
    private boolean enabled;
    private volatile @Nullable Running running;
    /** The ring's base when the pause of now has begun. */
    private CompletableFuture<Integer> paused = new CompletableFuture<>();

    private record Running(
            RingFormat format,
            QueueWorker worker,
            Registration poller,
            @Nullable Registration watch) {

        Running watching(@Nullable Registration other) {
            unwatch();
            worker.useKicks(other != null);
            return new Running(format, worker, poller, other);
        }

        void release() {
            poller.close();
            unwatch();
            worker.close();
        }

        private void unwatch() {
            if (watch != null) {
                watch.close();
            }
        }
    }

    Ring(int index, Reactor reactor, VirtioDevice device, InflightRegions inflight, Consumer<QueueError> onBroken) {
        this.index = index;
        this.reactor = reactor;
        this.device = device;
        this.inflight = inflight;
        this.onBroken = onBroken;
    }

    void setSize(int entries, RingFormat format) throws ProtocolException {
        requireStopped("SET_VRING_NUM");
        requireSize(entries, format);
        size = entries;
    }

    void setBase(int first, RingFormat format) throws ProtocolException {
        requireStopped("SET_VRING_BASE");
        requireBase(first, size == 0 ? PackedLayout.MAX_SIZE : size, format);
        base = first;
    }

    void setAddresses(Addresses where, RingFormat format, @Nullable GuestMemory memory) throws ProtocolException {
        if (memory != null && size > 0) {
            // A ring that runs keeps its format, whatever features were negotiated meanwhile.
            Running now = running;
            RingParts parts = parts(now == null ? format : now.format, where, memory);
            if (now != null) {
                onReactor(() -> now.worker.useMemory(memory, parts));
            }
        }
        addresses = where;
    }

    /** Says where new requests are told of; null: they are polled for. */
    void setKick(@Nullable EventFd fd) throws ProtocolException {
        EventFd old = kick;
        kick = fd;
        kickSet = true;
        Running now = running;
        if (now != null) {
            running = startStep(() -> now.watching(watch(fd)));
        }
        closeFd(old);
    }

    void setCall(@Nullable EventFd fd) {
        Running now = running;
        if (now != null) {
            onReactor(() -> now.worker.useCall(fd));
        } else {
            closeFd(call);
        }
        call = fd;
    }

    void setError(@Nullable EventFd fd) {
        Running now = running;
        if (now != null) {
            onReactor(() -> now.worker.useError(fd));
        } else {
            closeFd(error);
        }
        error = fd;
    }

    void setEnabled(boolean on) {
        enabled = on;
        Running now = running;
        if (now != null) {
            onReactor(() -> now.worker.enable(on));
        }
    }

    boolean isRunning() {
        return running != null;
    }

    /** Starts the ring if all that it needs is known. */
    void startIfReady(@Nullable GuestMemory memory, long features, @Nullable DirtyLog log) throws ProtocolException {
        Addresses where = addresses;
        if (running != null || !kickSet || size == 0 || where == null || memory == null) {
            return;
        }
        start(where, memory, features, log, enabled || (features & VirtioFeature.PROTOCOL_FEATURES) == 0);
    }

    private void start(Addresses where, GuestMemory memory, long features, @Nullable DirtyLog log, boolean takes)
            throws ProtocolException {
        RingFormat format = RingFormat.of(features);
        // Whether they are allowed may not have been known when they came.
        requireSize(size, format);
        requireBase(base, size, format);
        RingParts parts = parts(format, where, memory);
        MemorySegment tracked = inflight.of(index, format, size);
        running = startStep(() -> start(format, parts, memory, tracked, features, takes));
        useLog(log, memory);
    }

    /** Goes on with another memory map, without stopping; breaks if the map has no place for the ring. */
    void useMemory(GuestMemory memory) {
        Running now = running;
        Addresses where = addresses;
        if (now == null || where == null) {
            return;
        }
        try {
            RingParts parts = parts(now.format, where, memory);
            onReactor(() -> now.worker.useMemory(memory, parts));
        } catch (ProtocolException e) {
            onReactor(() -> now.worker.fail(QueueError.BAD_ADDRESS));
        }
    }

    /** Has the ring log what it writes from now on; null: it does not. Returns when it does as it is told. */
    void useLog(@Nullable DirtyLog log, GuestMemory memory) {
        Running now = running;
        Addresses where = addresses;
        if (now != null && where != null) {
            WriteLog writes = log == null
                    ? null
                    : new WriteLog(
                            log,
                            memory.guestAddress(where.descriptors()),
                            where.logged() ? where.log() : memory.guestAddress(where.device()));
            onReactor(() -> now.worker.useLog(writes));
        }
    }

    /** Takes no more requests until {@link #resume}; done when none is in flight. */
    CompletableFuture<Integer> pause() {
        Running now = running;
        if (now == null) {
            paused = CompletableFuture.completedFuture(base);
        } else {
            CompletableFuture<Integer> drained = new CompletableFuture<>();
            reactor.execute(() -> now.worker.pause(drained));
            paused = drained;
        }
        return paused;
    }

    /** Goes on after a pause. */
    void resume() {
        Running now = running;
        if (now != null) {
            onReactor(now.worker::resume);
        }
    }

    /** Whether the front end has said anything of the ring. */
    boolean isKnown() {
        return size != 0 || base != 0 || addresses != null || kickSet || call != null || error != null || enabled;
    }

    /** The ring as another process has to know it; while it pauses. */
    RingState state() {
        Running now = running;
        int broken =
                now == null ? Virtqueue.OK : reactor.call(now.worker::error).join();
        return new RingState(
                index, size, paused.join(), addresses, kickSet, fd(kick), fd(call), fd(error), enabled, broken);
    }

    /** Knows what another process knew. */
    void adopt(RingState state) throws LinuxException {
        size = state.size();
        base = state.base();
        addresses = state.addresses();
        kickSet = state.kickSet();
        enabled = state.enabled();
        kick = RingMessage.copyOf(state.kick());
        call = RingMessage.copyOf(state.call());
        error = RingMessage.copyOf(state.error());
    }

    /** Starts the ring as broken as it was; one that has no place in the memory any more waits until it is made anew. */
    void startBroken(int code, @Nullable GuestMemory memory, long features) {
        Addresses where = addresses;
        try {
            if (where == null || memory == null) {
                kickSet = false;
                return;
            }
            start(where, memory, features, null, false);
            Running now = running;
            if (now != null) {
                onReactor(() -> now.worker.fail(QueueError.of(code)));
            }
        } catch (ProtocolException e) {
            kickSet = false;
        }
    }

    /** GET_VRING_BASE: stops the ring when its requests in flight have ended; it may begin anew anywhere. */
    int stopForFrontend() {
        stop(true);
        return base;
    }

    /**
     * Stops the ring when its requests in flight have ended, and forgets its kick.
     *
     * @param anew whether a successor may begin the ring anew, rather than go on where the in-flight region says
     */
    private void stop(boolean anew) {
        Running now = running;
        if (now != null) {
            drain(now);
            if (anew) {
                onReactor(now.worker::forgetInflight);
            }
            onReactor(now::release);
            running = null;
            // Closed by the worker.
            call = null;
            error = null;
        }
        closeFd(kick);
        kick = null;
        kickSet = false;
    }

    private void drain(Running now) {
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        reactor.execute(() -> now.worker.stop(stopped));
        base = stopped.join();
    }

    /** Stops the ring and forgets all of it. */
    void close() {
        stop(false);
        closeFd(call);
        closeFd(error);
        call = null;
        error = null;
        addresses = null;
        size = 0;
        base = 0;
        enabled = false;
    }

    /** Requests in flight; any thread. */
    CompletableFuture<Integer> inFlight() {
        Running now = running;
        return now == null ? CompletableFuture.completedFuture(0) : reactor.call(now.worker::inFlight);
    }

    private Running startStep(Callable<Running> step) throws ProtocolException {
        try {
            return reactor.call(step).join();
        } catch (CompletionException e) {
            throw new ProtocolException("ring " + index + " cannot run: " + e.getCause(), e);
        }
    }

    private Running start(
            RingFormat format,
            RingParts parts,
            GuestMemory memory,
            @Nullable MemorySegment tracked,
            long features,
            boolean takes)
            throws IOException {
        DeviceQueue deviceQueue = device.openQueue(index, features, reactor);
        MemoryCursor cursor = new MemoryCursor(memory);
        try {
            Virtqueue queue =
                    format.attach(size, parts, base, RingFeatures.of(features), cursor, tracked, deviceQueue::newChain);
            deviceQueue.attach(queue);
            Registration watch = watch(kick);
            QueueWorker worker = new QueueWorker(queue, deviceQueue, memory, inflight, watch != null, takes, onBroken);
            worker.useCall(call);
            worker.useError(error);
            return new Running(format, worker, reactor.register("vhost_ring_" + index, worker), watch);
        } catch (LinuxException | InternalError e) {
            cursor.retire();
            deviceQueue.close();
            throw e;
        }
    }

    private @Nullable Registration watch(@Nullable EventFd fd) throws LinuxException {
        return fd == null ? null : reactor.watch(fd.number());
    }

    private RingParts parts(RingFormat format, Addresses where, GuestMemory memory) throws ProtocolException {
        return RingPlace.parts(index, size, format, where, memory);
    }

    private void requireSize(int entries, RingFormat format) throws ProtocolException {
        if (!format.allowsSize(entries)) {
            throw new ProtocolException("ring " + index + " of " + Integer.toUnsignedString(entries) + " entries: 1 to "
                    + PackedLayout.MAX_SIZE + " are allowed, of a split ring a power of two");
        }
    }

    private void requireBase(int first, int entries, RingFormat format) throws ProtocolException {
        if (!format.allowsBase(first, entries)) {
            throw new ProtocolException(String.format(
                    "ring %d with base 0x%x: of a split ring 16 bits, of a packed ring entries below %d are allowed",
                    index, first, entries));
        }
    }

    private void requireStopped(String request) throws ProtocolException {
        if (running != null) {
            throw new ProtocolException(request + " for ring " + index + ", which runs");
        }
    }

    private void onReactor(Runnable work) {
        reactor.call(() -> {
                    work.run();
                    return true;
                })
                .join();
    }

    private static @Nullable Fd fd(@Nullable EventFd event) {
        return event == null ? null : event.fd();
    }

    private static void closeFd(@Nullable EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
