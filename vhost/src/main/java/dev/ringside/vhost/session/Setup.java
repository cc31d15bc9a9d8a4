package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.Virtqueue;
import dev.ringside.vhost.session.SessionState.RingState;
import dev.ringside.vhost.wire.MessageStream;
import dev.ringside.vhost.wire.ProtocolException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All that a front end has set up so far, as one thing that goes from process to process. Owned by the session's thread, and
 * before that by whoever makes the session, but for what says that it is any thread's.
 */
final class Setup implements AutoCloseable {
    final Negotiation negotiation;
    final MemoryMap memory;
    final InflightRegions inflight;
    final MigrationLog log = new MigrationLog(this::logChanged);
    final DeviceStatus status = new DeviceStatus();
    final List<Ring> rings;
    /** What is left to do of what was adopted: the rest of a message, and rings that run. */
    private byte[] unread = {};

    private final List<Fd> unreadFds = new ArrayList<>();
    private List<RingState> adopted = List.of();

    /**
     * Makes one in which nothing is set up.
     *
     * @param onBroken told of a ring that its driver breaks; on the ring's reactor
     */
    Setup(VirtioDevice device, SessionSurroundings around, BiConsumer<Integer, QueueError> onBroken) {
        negotiation = new Negotiation(device.features());
        memory = new MemoryMap(around.control(), device.memoryListener());
        inflight = new InflightRegions(around.inflightFiles());
        RingSurroundings ofRings =
                new RingSurroundings(device, negotiation, memory, inflight, log, around.share(), around.pace());
        rings = IntStream.range(0, device.queues())
                .mapToObj(index ->
                        new Ring(index, around.reactor(index), ofRings, error -> onBroken.accept(index, error)))
                .toList();
    }

    /** Whether a ring runs; any thread. */
    boolean isStarted() {
        return rings.stream().anyMatch(Ring::isRunning);
    }

    private void logChanged() {
        rings.forEach(Ring::useLog);
    }

    /** The memory map is another one. Rings go on in it, and those start that waited for it. */
    void memoryChanged() throws ProtocolException {
        for (Ring ring : rings) {
            ring.useMemory();
            ring.startIfReady();
        }
    }

    /** RESET_DEVICE: stops the rings, and forgets all that the front end said of them and of the features. */
    void reset() {
        rings.forEach(Ring::reset);
        negotiation.resetFeatures();
        log.want(false);
        status.reset();
    }

    /** Takes no more requests; done when none is in flight. */
    CompletableFuture<Void> pause() {
        return CompletableFuture.allOf(rings.stream().map(Ring::pause).toArray(CompletableFuture[]::new));
    }

    /** Takes requests again. */
    void resume() {
        rings.forEach(Ring::resume);
    }

    /** All of it, for another process; while it pauses. */
    SessionState state(Fd connection, MessageStream stream, @Nullable Fd backend) {
        return new SessionState(
                connection,
                HexFormat.of().formatHex(stream.unread()),
                stream.unreadFds(),
                negotiation.features(),
                negotiation.protocolFeatures(),
                status.told(),
                backend,
                memory.state(),
                inflight.state(),
                log.state(),
                rings.stream().filter(Ring::isKnown).map(Ring::state).toList());
    }

    /** Knows what another process knew; its descriptors stay the caller's. */
    void adopt(SessionState state) throws ProtocolException, LinuxException {
        negotiation.accept(state.features());
        negotiation.acceptProtocol(state.protocolFeatures());
        memory.adopt(state.memory());
        if (state.inflight() != null) {
            inflight.adopt(state.inflight());
        }
        if (state.log() != null) {
            log.adopt(state.log());
        }
        for (RingState ring : state.rings()) {
            if (ring.index() < 0 || ring.index() >= rings.size()) {
                throw new ProtocolException("ring " + ring.index() + ": the device has " + rings.size());
            }
            rings.get(ring.index()).adopt(ring);
        }
        adopted = state.rings();
        unread = HexFormat.of().parseHex(state.unread());
        for (Fd fd : state.unreadFds()) {
            unreadFds.add(fd.duplicate());
        }
        status.set(state.status());
    }

    /** Goes on with what was adopted, if anything was. */
    void begin(MessageStream stream) throws ProtocolException {
        stream.resume(unread, unreadFds);
        unreadFds.clear();
        for (RingState state : adopted) {
            Ring ring = rings.get(state.index());
            if (state.broken() == Virtqueue.OK) {
                ring.startIfReady();
            } else {
                ring.startBroken(state.broken());
            }
        }
        adopted = List.of();
    }

    @Override
    public void close() {
        rings.forEach(Ring::close);
        memory.close();
        inflight.close();
        log.close();
        unreadFds.forEach(Fd::close);
    }
}
