package dev.ringside.vhost.session;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.MessageStream;
import dev.ringside.vhost.wire.ProtocolException;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One front end that is connected, from its first message to its last: a loop that reads them and has them done. It comes to
 * rest when another process is to go on with the front end. {@link #run} belongs to a thread of the session's own; the other
 * public methods to any thread.
 */
public final class Session implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String name;
    private final UnixConnection connection;
    private final VirtioDevice device;
    private final SessionSurroundings around;
    private final BrokenRings brokenRings;
    private final Setup setup;
    private final ConfigEvents events;
    private final MessageHandler handler;
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
        this.brokenRings = new BrokenRings(name);
        this.setup =
                new Setup(device, around, (index, error) -> around.control().execute(() -> ringBroken(index, error)));
        this.events = new ConfigEvents(name, around.counters(), setup::isStarted);
        this.handler = new MessageHandler(name, device, setup, events, around.counters());
        this.queues = new SessionQueues(setup.rings, around::reactor);
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
        if (state.backend() != null) {
            events.adopt(state.backend(), setup.negotiation.has(ProtocolFeature.REPLY_ACK));
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
            return setup.state(connection.fd(), Objects.requireNonNull(stream), events.fd());
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
        return setup.isStarted();
    }

    /** Its queues. */
    public SessionQueues queues() {
        return queues;
    }

    private void serve(MessageStream stream) throws ProtocolException, LinuxException {
        Optional<Message> next = stream.next();
        while (next.isPresent()) {
            try (Message message = next.get()) {
                handler.handle(message, stream);
            }
            next = stream.next();
        }
    }

    private void ringBroken(int index, QueueError error) {
        around.counters().brokenQueues.increment();
        brokenRings.add(index, error, System.nanoTime());
        if (error == QueueError.MEMORY_GONE) {
            disconnect();
        } else if (setup.status.isDriven()) {
            events.changed();
        }
    }
}
