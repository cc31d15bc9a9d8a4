package dev.ringside.vhost.session;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.MessageStream;
import dev.ringside.vhost.wire.ProtocolException;
import dev.ringside.vhost.wire.ProtocolFeature;
import dev.ringside.vhost.wire.VringState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One front end that is connected: a loop that reads its messages and does what they say. {@link #run} belongs to a thread
 * of the session's own; the other public methods to any thread.
 */
public final class Session implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String name;
    private final UnixConnection connection;
    private final VirtioDevice device;
    private final SessionSurroundings around;
    private final Negotiation negotiation;
    private final ConfigAccess config;
    private final MemoryMap memory;
    private final InflightRegions inflight;
    private final BrokenRings brokenRings;
    private final Refusals refusals;
    private final MigrationLog log = new MigrationLog(this::logChanged);
    private final Ring[] rings;
    private final DeviceStatus status = new DeviceStatus();
    private final ConfigEvents events;
    private final Setup setup;
    private final SessionQueues queues;
    private final RestPoint restPoint;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private @Nullable MessageStream stream;

    /**
     * Makes a session for a connection, which it closes at its end, also when it is discarded.
     *
     * @param name for the log
     * @throws LinuxException EMFILE; the connection stays the caller's then
     */
    public Session(String name, UnixConnection connection, VirtioDevice device, SessionSurroundings around)
            throws LinuxException {
        this.name = name;
        this.connection = connection;
        this.device = device;
        this.around = around;
        this.negotiation = new Negotiation(device.features());
        this.config = new ConfigAccess(device);
        this.memory = new MemoryMap(around.control(), device.memoryListener());
        this.inflight = new InflightRegions(around.inflightFiles());
        this.brokenRings = new BrokenRings(name);
        this.refusals = new Refusals(name, around.counters());
        this.events = new ConfigEvents(name, around.counters(), this::started);
        this.rings = new Ring[device.queues()];
        Arrays.setAll(rings, this::newRing);
        this.queues = new SessionQueues(List.of(rings), around::reactor);
        this.setup = new Setup(negotiation, memory, inflight, log, List.of(rings));
        this.restPoint = RestPoint.on(connection.fd(), new Resting());
    }

    /**
     * Knows what another process knew, before it runs; nothing of the guest's is touched until then.
     *
     * @param state its descriptors stay the caller's
     * @throws ProtocolException if it cannot be here, such as features that are not offered
     * @throws LinuxException if memory cannot be mapped, EMFILE
     */
    public void adopt(SessionState state) throws ProtocolException, LinuxException {
        setup.adopt(state);
        status.set(state.status());
        if (state.backend() != null) {
            events.adopt(state.backend(), negotiation.has(ProtocolFeature.REPLY_ACK));
        }
    }

    /**
     * Asks the session to come to rest: it finishes what is in flight, and neither takes requests nor reads messages until
     * {@link #endRest}.
     *
     * @return done when it rests; empty if it has ended instead
     */
    public CompletableFuture<Optional<SessionState>> rest() {
        return restPoint.rest();
    }

    /** Lets the session go on, or leave the front end to the other process that has been given its state. */
    public void endRest(boolean leaves) {
        restPoint.end(leaves);
    }

    /** Done when the rings run that ran in another process. */
    public CompletableFuture<Void> begun() {
        return begun;
    }

    /** Serves the front end until it goes away or breaks the protocol, then stops its rings and frees all it held. */
    @Override
    public void run() {
        around.counters().sessions.increment();
        Runnable configListener = events::changed;
        device.addConfigListener(configListener);
        try (MessageStream messages = new MessageStream(connection, restPoint)) {
            stream = messages;
            setup.begin(messages);
            begun.complete(null);
            serve(messages);
            LOG.info("{}: the front end {}", name, restPoint.left() ? "is another process's now" : "has disconnected");
        } catch (ProtocolException e) {
            around.counters().protocolErrors.increment();
            LOG.warn("{}: disconnecting the front end: {}", name, e.getMessage());
        } catch (LinuxException e) {
            around.counters().connectionErrors.increment();
            LOG.warn("{}: the connection failed: {}", name, e.getMessage());
        } finally {
            device.removeConfigListener(configListener);
            discard();
        }
    }

    /** Frees all that a session holds which does not run. */
    public void discard() {
        begun.complete(null);
        restPoint.close();
        setup.close();
        events.close(restPoint.left());
        connection.close();
        around.control().execute(brokenRings::end);
    }

    private final class Resting implements RestPoint.Resident {
        @Override
        public CompletableFuture<Void> pause() {
            return setup.pause();
        }

        @Override
        public SessionState state() {
            return setup.state(connection.fd(), Objects.requireNonNull(stream), events.fd(), status.told());
        }

        @Override
        public void goOn() {
            setup.resume();
        }
    }

    /** Ends the session soon: its thread finishes what it does and finds the connection at its end. */
    public void disconnect() {
        try {
            connection.shutdown();
        } catch (LinuxException e) {
            LOG.debug("{}: shutdown: {}", name, e.getMessage());
        }
    }

    /** Whether a ring runs. */
    public boolean started() {
        return Arrays.stream(rings).anyMatch(Ring::isRunning);
    }

    /** Its queues. */
    public SessionQueues queues() {
        return queues;
    }

    private void serve(MessageStream stream) throws ProtocolException, LinuxException {
        Optional<Message> next = stream.next();
        while (next.isPresent()) {
            try (Message message = next.get()) {
                handle(message, stream);
            }
            next = stream.next();
        }
    }

    private void handle(Message message, MessageStream stream) throws ProtocolException, LinuxException {
        boolean acknowledge = message.needsReply() && negotiation.has(ProtocolFeature.REPLY_ACK);
        boolean answered;
        try {
            negotiation.requireAllowed(message.request());
            answered = execute(message, stream);
        } catch (ProtocolException e) {
            if (!acknowledge) {
                throw e;
            }
            refusals.add(e);
            stream.reply(message.request(), 1);
            return;
        }
        if (acknowledge && !answered) {
            stream.reply(message.request(), 0);
        }
    }

    /** Does what a message says; true if that was answering it. */
    private boolean execute(Message message, MessageStream stream) throws ProtocolException, LinuxException {
        FrontendRequest request = message.request();
        switch (request) {
            case GET_FEATURES -> stream.reply(request, negotiation.offered());
            case GET_PROTOCOL_FEATURES -> stream.reply(request, negotiation.offeredProtocol());
            case GET_QUEUE_NUM -> stream.reply(request, rings.length);
            case GET_MAX_MEM_SLOTS -> stream.reply(request, GuestMemory.MAX_REGIONS);
            case GET_CONFIG -> getConfig(message, stream);
            case GET_STATUS ->
                stream.reply(request, status.get(Arrays.stream(rings).anyMatch(Ring::isBroken)));
            case GET_VRING_BASE, GET_VRING_BASE_SKIP_DRAIN -> getVringBase(message, stream);
            case SET_LOG_BASE -> {
                log.use(message);
                stream.reply(request, 0);
            }
            case GET_INFLIGHT_FD -> inflight.create(message, stream, negotiation.format(), rings.length);
            default -> {
                change(message);
                return false;
            }
        }
        return true;
    }

    private void change(Message message) throws ProtocolException, LinuxException {
        switch (message.request()) {
            case SET_FEATURES -> {
                negotiation.accept(message.u64(0));
                wantLog((negotiation.features() & VirtioFeature.LOG_ALL) != 0);
            }
            case SET_LOG_FD -> LOG.debug("{}: the dirty log is not signalled", name);
            case SET_PROTOCOL_FEATURES -> negotiation.acceptProtocol(message.u64(0));
            case SET_BACKEND_REQ_FD -> events.use(message, negotiation.has(ProtocolFeature.REPLY_ACK));
            case SET_CONFIG -> config.write(message);
            case SET_MEM_TABLE -> {
                memory.replace(message);
                memoryChanged();
            }
            case ADD_MEM_REG -> {
                memory.add(message);
                memoryChanged();
            }
            case REM_MEM_REG -> {
                memory.remove(message);
                memoryChanged();
            }
            case SET_INFLIGHT_FD -> {
                requireStopped(message);
                inflight.use(message, negotiation.format(), rings.length);
            }
            case RESET_OWNER -> Arrays.stream(rings).forEach(ring -> ring.setEnabled(false));
            case SET_STATUS -> {
                if (status.set(message.u64(0))) {
                    // Some front ends ask for the bases after this.
                    Arrays.stream(rings).forEach(Ring::drain);
                }
            }
            case RESET_DEVICE -> {
                setup.reset();
                status.reset();
            }
            case SET_OWNER -> LOG.debug("{}: the front end owns the session", name);
            default -> changeRing(message);
        }
    }

    private void wantLog(boolean on) {
        if (log.want(on)) {
            LOG.info(
                    "{}: writes to the guest's memory are {} logged (VHOST_F_LOG_ALL)", name, on ? "now" : "no longer");
        }
    }

    private void changeRing(Message message) throws ProtocolException, LinuxException {
        Ring ring = ring(message);
        int number = message.payload().byteSize() == VringState.BYTES ? message.u32(VringState.NUM) : 0;
        switch (message.request()) {
            case SET_VRING_NUM -> ring.setSize(number);
            case SET_VRING_BASE -> ring.setBase(number);
            case SET_VRING_ENABLE -> ring.setEnabled(RingMessage.requireSwitch(number));
            case SET_VRING_ADDR -> ring.setAddresses(RingMessage.addresses(message));
            case SET_VRING_KICK -> ring.setKick(RingMessage.eventFd(message));
            case SET_VRING_CALL -> ring.setCall(RingMessage.eventFd(message));
            case SET_VRING_ERR -> ring.setError(RingMessage.eventFd(message));
            default -> throw new ProtocolException(message.request() + " is not implemented by this device");
        }
        ring.startIfReady();
        events.tell();
    }

    /**
     * As soon as the answer has left, the ring and its in-flight region may be another process's: nothing is written then. If it
     * could not leave, a successor goes on where the region says, since nobody else knows.
     */
    private void getVringBase(Message message, MessageStream stream) throws ProtocolException, LinuxException {
        Ring ring = ring(message);
        int base = negotiation.suspends(message.request()) ? ring.suspend() : ring.drain();
        ring.letBeginAnew(true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment reply = arena.allocate(VringState.BYTES, Integer.BYTES);
            reply.set(ValueLayout.JAVA_INT, VringState.INDEX, message.u32(VringState.INDEX));
            reply.set(ValueLayout.JAVA_INT, VringState.NUM, base);
            stream.reply(message.request(), reply, List.of());
        } catch (LinuxException e) {
            ring.letBeginAnew(false);
            throw e;
        }
        ring.release();
    }

    /** A read that is refused is answered too, with nothing: front ends take that for an error. */
    private void getConfig(Message message, MessageStream stream) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            stream.reply(message.request(), config.read(message, arena), List.of());
        } catch (ProtocolException e) {
            refusals.add(e);
            stream.reply(message.request(), MemorySegment.NULL, List.of());
        }
    }

    private void memoryChanged() throws ProtocolException {
        for (Ring ring : rings) {
            ring.useMemory();
            ring.startIfReady();
        }
    }

    private void requireStopped(Message message) throws ProtocolException {
        for (Ring ring : rings) {
            ring.endStop();
        }
        if (started()) {
            throw new ProtocolException(message.request() + " while a ring runs");
        }
    }

    private void logChanged() {
        for (Ring ring : rings) {
            ring.useLog();
        }
    }

    private Ring ring(Message message) throws ProtocolException {
        return rings[RingMessage.index(message, rings.length)];
    }

    private Ring newRing(int index) {
        return new Ring(
                index,
                around.reactor(index),
                new RingSurroundings(device, negotiation, memory, inflight, log, around.share(), around.pace()),
                error -> around.control().execute(() -> ringBroken(index, error)));
    }

    private void ringBroken(int index, QueueError error) {
        around.counters().brokenQueues.increment();
        brokenRings.add(index, error, System.nanoTime());
        if (error == QueueError.MEMORY_GONE) {
            disconnect();
        } else if (status.isDriven()) {
            events.changed();
        }
    }
}
