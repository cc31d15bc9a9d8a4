package dev.ringside.vhost.session;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.MessageStream;
import dev.ringside.vhost.wire.ProtocolException;
import dev.ringside.vhost.wire.ProtocolFeature;
import dev.ringside.vhost.wire.VringState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what each message of a front end says, and answers it (vhost-user, "Front-end message types"). A message that is refused
 * ends the session, unless the front end wants to be told. Owned by the session's thread.
 */
final class MessageHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String name;
    private final Setup setup;
    private final ConfigEvents events;
    private final ConfigAccess config;
    private final Refusals refusals;

    /**
     * Makes one for a session.
     *
     * @param name for the log
     * @param setup what the messages change
     */
    MessageHandler(String name, VirtioDevice device, Setup setup, ConfigEvents events, SessionCounters counters) {
        this.name = name;
        this.setup = setup;
        this.events = events;
        this.config = new ConfigAccess(device);
        this.refusals = new Refusals(name, counters);
    }

    /**
     * Does what a message says.
     *
     * @throws ProtocolException if it is refused, which is the session's end
     * @throws LinuxException if it cannot be answered, or the system refuses what it needs
     */
    void handle(Message message, MessageStream stream) throws ProtocolException, LinuxException {
        boolean acknowledge = message.needsReply() && setup.negotiation.has(ProtocolFeature.REPLY_ACK);
        boolean answered;
        try {
            setup.negotiation.requireAllowed(message.request());
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
            case GET_FEATURES -> stream.reply(request, setup.negotiation.offered());
            case GET_PROTOCOL_FEATURES -> stream.reply(request, setup.negotiation.offeredProtocol());
            case GET_QUEUE_NUM -> stream.reply(request, setup.rings.size());
            case GET_MAX_MEM_SLOTS -> stream.reply(request, GuestMemory.MAX_REGIONS);
            case GET_CONFIG -> getConfig(message, stream);
            case GET_STATUS ->
                stream.reply(request, setup.status.get(setup.rings.stream().anyMatch(Ring::isBroken)));
            case GET_VRING_BASE, GET_VRING_BASE_SKIP_DRAIN -> getVringBase(message, stream);
            case SET_LOG_BASE -> {
                setup.log.use(message);
                stream.reply(request, 0);
            }
            case GET_INFLIGHT_FD ->
                setup.inflight.create(message, stream, setup.negotiation.format(), setup.rings.size());
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
                setup.negotiation.accept(message.u64(0));
                wantLog((setup.negotiation.features() & VirtioFeature.LOG_ALL) != 0);
            }
            case SET_LOG_FD -> LOG.debug("{}: the dirty log is not signalled", name);
            case SET_PROTOCOL_FEATURES -> setup.negotiation.acceptProtocol(message.u64(0));
            case SET_BACKEND_REQ_FD -> events.use(message, setup.negotiation.has(ProtocolFeature.REPLY_ACK));
            case SET_CONFIG -> config.write(message);
            case SET_MEM_TABLE -> {
                setup.memory.replace(message);
                setup.memoryChanged();
            }
            case ADD_MEM_REG -> {
                setup.memory.add(message);
                setup.memoryChanged();
            }
            case REM_MEM_REG -> {
                setup.memory.remove(message);
                setup.memoryChanged();
            }
            case SET_INFLIGHT_FD -> {
                requireStopped(message);
                setup.inflight.use(message, setup.negotiation.format(), setup.rings.size());
            }
            case RESET_OWNER -> setup.rings.forEach(ring -> ring.setEnabled(false));
            case SET_STATUS -> {
                if (setup.status.set(message.u64(0))) {
                    // Some front ends ask for the bases after this.
                    setup.rings.forEach(Ring::drain);
                }
            }
            case RESET_DEVICE -> setup.reset();
            case SET_OWNER -> LOG.debug("{}: the front end owns the session", name);
            default -> changeRing(message);
        }
    }

    private void wantLog(boolean on) {
        if (setup.log.want(on)) {
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
        int base = setup.negotiation.suspends(message.request()) ? ring.suspend() : ring.drain();
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

    private void requireStopped(Message message) throws ProtocolException {
        setup.rings.forEach(Ring::endStop);
        if (setup.isStarted()) {
            throw new ProtocolException(message.request() + " while a ring runs");
        }
    }

    private Ring ring(Message message) throws ProtocolException {
        return setup.rings.get(RingMessage.index(message, setup.rings.size()));
    }
}
