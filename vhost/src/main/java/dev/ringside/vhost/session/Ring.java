package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.memory.DirtyLog;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import dev.ringside.vhost.queue.WriteLog;
import dev.ringside.vhost.session.SessionState.Addresses;
import dev.ringside.vhost.session.SessionState.RingState;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A ring as the front end has set it up so far, and the running ring while there is one. The session's thread's, unless said
 * otherwise.
 *
 * <p>A ring runs from its kick on (vhost-user, "Ring states") as soon as its size, its addresses and the memory are known,
 * in whatever order they come, until GET_VRING_BASE. It takes requests while it is enabled.
 */
final class Ring {
    private final int index;
    private final Reactor reactor;
    private final RingSurroundings around;
    private final Consumer<QueueError> onBroken;
    private int size;
    private int base;
    private @Nullable Addresses addresses;
    private boolean kickSet;
    private @Nullable EventFd kick;
    private @Nullable EventFd call;
    private @Nullable EventFd error;
    private boolean enabled;
    private volatile @Nullable RunningRing running;
    /** Whether its driver has broken it, since it runs. */
    private volatile boolean broken;

    /** The ring's base when the pause of now has begun. */
    private CompletableFuture<Integer> paused = new CompletableFuture<>();

    Ring(int index, Reactor reactor, RingSurroundings around, Consumer<QueueError> onBroken) {
        this.index = index;
        this.reactor = reactor;
        this.around = around;
        this.onBroken = onBroken;
    }

    void setSize(int entries) throws ProtocolException {
        endStop();
        requireStopped("SET_VRING_NUM");
        RingPlace.requireSize(index, entries, around.negotiation().format());
        size = entries;
    }

    void setBase(int first) throws ProtocolException {
        endStop();
        requireStopped("SET_VRING_BASE");
        RingPlace.requireBase(
                index,
                first,
                size == 0 ? PackedLayout.MAX_SIZE : size,
                around.negotiation().format());
        base = first;
    }

    void setAddresses(Addresses where) throws ProtocolException {
        GuestMemory memory = around.memory().current();
        if (memory != null && size > 0) {
            RunningRing now = running;
            RingFormat format = now == null ? around.negotiation().format() : now.format();
            RingParts parts = RingPlace.parts(index, size, format, where, memory);
            if (now != null) {
                now.tell(worker -> worker.useMemory(memory, parts));
            }
        }
        addresses = where;
        // They say where in the log the used ring is.
        useLog();
    }

    /** Says where new requests are told of; null: they are polled for. */
    void setKick(@Nullable EventFd fd) throws ProtocolException {
        endStop();
        EventFd old = kick;
        kick = fd;
        kickSet = true;
        RunningRing now = running;
        if (now != null) {
            running = startStep(() -> {
                now.useKick(fd);
                return now;
            });
        }
        RingMessage.close(old);
    }

    void setCall(@Nullable EventFd fd) {
        endStop();
        replace(call, fd, QueueWorker::useCall);
        call = fd;
    }

    void setError(@Nullable EventFd fd) {
        endStop();
        replace(error, fd, QueueWorker::useError);
        error = fd;
    }

    /** Closes a descriptor, or has the worker do so that uses another one from now on. */
    private void replace(
            @Nullable EventFd old, @Nullable EventFd next, BiConsumer<QueueWorker, @Nullable EventFd> use) {
        RunningRing now = running;
        if (now != null) {
            now.tell(worker -> use.accept(worker, next));
        } else {
            RingMessage.close(old);
        }
    }

    void setEnabled(boolean on) {
        enabled = on;
        tell(worker -> worker.enable(on));
    }

    /** Whether it runs; any thread. */
    boolean isRunning() {
        RunningRing now = running;
        return now != null && !now.isStopped();
    }

    /** Whether its driver has broken it, since it runs; any thread. */
    boolean isBroken() {
        return broken;
    }

    /** Starts the ring if all that it needs is known. */
    void startIfReady() throws ProtocolException {
        Addresses where = addresses;
        GuestMemory memory = around.memory().current();
        if (running != null || !kickSet || size == 0 || where == null || memory == null) {
            return;
        }
        boolean takes = enabled || (around.negotiation().features() & VirtioFeature.PROTOCOL_FEATURES) == 0;
        start(where, memory, around.log().current(), takes);
    }

    private void start(Addresses where, GuestMemory memory, @Nullable DirtyLog log, boolean takes)
            throws ProtocolException {
        long features = around.negotiation().features();
        RingFormat format = around.negotiation().format();
        // Whether they are allowed may not have been known when they came.
        RingPlace.requireSize(index, size, format);
        RingPlace.requireBase(index, base, size, format);
        RingParts parts = RingPlace.parts(index, size, format, where, memory);
        MemorySegment tracked = around.inflight().of(index, format, size);
        WriteLog writes = RingPlace.writes(log, where, memory);
        around.device().prepareQueue(index);
        RingStart how =
                new RingStart(index, size, base, features, memory, parts, tracked, writes, kick, call, error, takes);
        running = startStep(() -> how.begin(reactor, around, this::breaks));
    }

    /** Goes on with the memory map of now, without stopping; takes no requests as long as there is no place for the ring. */
    void useMemory() {
        RunningRing now = running;
        Addresses where = addresses;
        GuestMemory memory = around.memory().current();
        if (now == null || where == null || memory == null || now.isStopped()) {
            return;
        }
        try {
            RingParts parts = RingPlace.parts(index, size, now.format(), where, memory);
            now.tell(worker -> worker.useMemory(memory, parts));
            useLog();
        } catch (ProtocolException e) {
            now.tell(QueueWorker::losePlace);
        }
    }

    /** Has the ring log what it writes in the log of now, or not at all. Returns when it does as it is told. */
    void useLog() {
        RunningRing now = running;
        Addresses where = addresses;
        GuestMemory memory = around.memory().current();
        if (now != null && where != null && memory != null) {
            WriteLog writes = RingPlace.writes(around.log().current(), where, memory);
            now.tell(worker -> worker.useLog(writes));
        }
    }

    /** Takes no more requests until {@link #resume}; done when none is in flight. */
    CompletableFuture<Integer> pause() {
        // One that was stopped and not asked for its base stays stopped, wherever it is asked for.
        endStop();
        RunningRing now = running;
        paused = now == null ? CompletableFuture.completedFuture(base) : now.pause();
        return paused;
    }

    /** Goes on after a pause. */
    void resume() {
        tell(QueueWorker::resume);
    }

    /** Whether the front end has said anything of the ring. */
    boolean isKnown() {
        return size != 0 || base != 0 || addresses != null || kickSet || call != null || error != null || enabled;
    }

    /** The ring as another process has to know it; while it pauses. */
    RingState state() {
        RunningRing now = running;
        int broken = now == null ? Virtqueue.OK : now.ask(QueueWorker::error).join();
        return new RingState(
                index,
                size,
                paused.join(),
                addresses,
                kickSet,
                RingMessage.fd(kick),
                RingMessage.fd(call),
                RingMessage.fd(error),
                enabled,
                broken);
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
    void startBroken(int code) {
        Addresses where = addresses;
        GuestMemory memory = around.memory().current();
        try {
            if (where != null && memory != null) {
                start(where, memory, null, false);
            }
        } catch (ProtocolException e) {
            running = null;
        }
        kickSet = running != null;
        tell(worker -> worker.fail(QueueError.of(code)));
    }

    /** Stops the ring when its requests in flight have ended; {@link #endStop} is to follow. Returns its base. */
    int drain() {
        return stop(QueueWorker::stop);
    }

    /**
     * Stops the ring as soon as its requests in flight have ended or can be left in the in-flight region, where whoever
     * starts it again finds them; {@link #endStop} is to follow. Returns its base.
     */
    int suspend() {
        return stop(QueueWorker::suspend);
    }

    private int stop(BiConsumer<QueueWorker, CompletableFuture<Integer>> how) {
        RunningRing now = running;
        if (now != null && !now.isStopped()) {
            base = now.stop(how);
        }
        return base;
    }

    /** Says whether a successor of a ring that has stopped begins it anew, unless requests were left in the in-flight region. */
    void letBeginAnew(boolean anew) {
        RunningRing now = running;
        if (now != null) {
            now.letBeginAnew(anew);
        }
    }

    /**
     * The front end knows where the ring has stopped, or does not care: it may begin anew anywhere, unless requests were left
     * in the in-flight region. Does nothing for a ring that has not stopped.
     */
    void endStop() {
        RunningRing now = running;
        if (now != null && now.isStopped()) {
            now.letBeginAnew(true);
            release();
        }
    }

    /** Frees the worker of a ring that has stopped, if it has one, and forgets its kick: it starts with its next one. */
    void release() {
        RunningRing now = running;
        if (now != null) {
            now.release();
            running = null;
            // Closed by the worker.
            call = null;
            error = null;
            broken = false;
        }
        RingMessage.close(kick);
        kick = null;
        kickSet = false;
    }

    /** Stops the ring and forgets what the front end said of it; it may begin anew anywhere. */
    void reset() {
        drain();
        endStop();
        close();
    }

    /** Stops the ring and forgets all of it; a successor goes on where the in-flight region says. */
    void close() {
        drain();
        release();
        RingMessage.close(call);
        RingMessage.close(error);
        call = null;
        error = null;
        addresses = null;
        size = 0;
        base = 0;
        enabled = false;
    }

    /** Asks the worker something, on its reactor; any thread. Empty if there is none. */
    <T> CompletableFuture<Optional<T>> ask(Function<QueueWorker, T> question) {
        RunningRing now = running;
        return now == null
                ? CompletableFuture.completedFuture(Optional.empty())
                : now.ask(question).thenApply(Optional::of);
    }

    private RunningRing startStep(Callable<RunningRing> step) throws ProtocolException {
        try {
            return reactor.call(step).join();
        } catch (CompletionException e) {
            throw new ProtocolException("ring " + index + " cannot run: " + e.getCause(), e);
        }
    }

    private void breaks(QueueError cause) {
        broken = true;
        onBroken.accept(cause);
    }

    private void requireStopped(String request) throws ProtocolException {
        if (running != null) {
            throw new ProtocolException(request + " for ring " + index + ", which runs");
        }
    }

    private void tell(Consumer<QueueWorker> work) {
        RunningRing now = running;
        if (now != null) {
            now.tell(work);
        }
    }
}
