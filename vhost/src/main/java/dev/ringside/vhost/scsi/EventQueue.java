package dev.ringside.vhost.scsi;

import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The device's part of the event queue. A buffer is taken from the ring when there is an event for it, so that a ring can be
 * stopped at any time. On the queue's reactor.
 */
final class EventQueue implements DeviceQueue {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong ADDRESS = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /** Events that wait for a buffer; more are lost, and the driver is told so. */
    private static final int MAX_WAITING = 1024;

    private final ScsiSession session;
    private final Reactor reactor;
    private final long features;
    private final ArrayDeque<ScsiEvent> waiting = new ArrayDeque<>();
    private final MemorySegment bytes = MemorySegment.ofArray(new byte[ScsiLayout.EVENT_BYTES]);
    private boolean missed;
    private @Nullable Virtqueue queue;

    /** A buffer for an event. */
    private static final class Buffer extends Chain {}

    EventQueue(ScsiSession session, Reactor reactor, long features) {
        this.session = session;
        this.reactor = reactor;
        this.features = features;
    }

    Reactor reactor() {
        return reactor;
    }

    /** Has the driver told of an event, if it wants to be. */
    void post(ScsiEvent event) {
        if ((features & event.feature()) == 0) {
            return;
        }
        if (waiting.size() == MAX_WAITING) {
            missed = true;
        } else {
            waiting.add(event);
        }
    }

    /** The events that wait for a buffer, oldest first. */
    List<ScsiEvent> waiting() {
        return List.copyOf(waiting);
    }

    /** Whether others were lost, and the driver has not been told. */
    boolean missed() {
        return missed;
    }

    /** Goes on with what waited in another process. */
    void adopt(InitiatorState state) {
        waiting.addAll(state.events());
        missed = state.eventsMissed();
    }

    @Override
    public Chain newChain() {
        return new Buffer();
    }

    @Override
    public void attach(Virtqueue virtqueue) {
        queue = virtqueue;
    }

    @Override
    public int demand() {
        return waiting.size();
    }

    @Override
    public int handle(Chain chain) {
        Virtqueue to = queue;
        if (to == null || chain.writable().bytes() < ScsiLayout.EVENT_BYTES) {
            return QueueError.BAD_REQUEST.code();
        }
        ScsiEvent event = waiting.poll();
        // A buffer that a predecessor had taken comes although there is no event.
        int code = event == null ? ScsiLayout.NO_EVENT : event.event();
        bytes.set(U32, 0, missed || event == null ? code | ScsiLayout.EVENTS_MISSED : code);
        bytes.set(ADDRESS, 4, event == null ? 0 : event.address());
        bytes.set(U32, 12, event == null ? 0 : event.reason());
        missed = false;
        chain.writable().copyFrom(bytes, 0, ScsiLayout.EVENT_BYTES);
        to.complete(chain, ScsiLayout.EVENT_BYTES);
        return Virtqueue.OK;
    }

    @Override
    public void flush() {
        // Nothing is held back.
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
        session.queueClosed(this);
    }
}
