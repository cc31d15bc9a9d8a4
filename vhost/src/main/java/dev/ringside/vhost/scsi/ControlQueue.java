package dev.ringside.vhost.scsi;

import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.MemoryFault;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The device's part of the control queue: task management, and questions for notifications. On the queue's reactor. */
final class ControlQueue implements DeviceQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ControlQueue.class);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong ADDRESS = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Functions that are done at a time, each of which remembers the commands it waits for; others wait in the ring. */
    private static final int AT_ONCE = 16;

    private final ScsiSession session;
    private final Reactor reactor;
    private final MemorySegment request = MemorySegment.ofArray(new byte[ScsiLayout.TMF_BYTES]);
    private final MemorySegment answer = MemorySegment.ofArray(new byte[ScsiLayout.AN_RESPONSE_BYTES]);
    private int active;
    private @Nullable Virtqueue queue;

    /** A request of the control queue. */
    private static final class ControlRequest extends Chain {}

    ControlQueue(ScsiSession session, Reactor reactor) {
        this.session = session;
        this.reactor = reactor;
    }

    @Override
    public Chain newChain() {
        return new ControlRequest();
    }

    @Override
    public void attach(Virtqueue virtqueue) {
        queue = virtqueue;
    }

    @Override
    public int demand() {
        return Math.max(AT_ONCE - active, 0);
    }

    @Override
    public int handle(Chain chain) {
        ScatterList readable = chain.readable();
        ScatterList writable = chain.writable();
        if (readable.bytes() < Integer.BYTES || writable.bytes() < 1) {
            return QueueError.BAD_REQUEST.code();
        }
        readable.copyTo(request, 0, Math.min(readable.bytes(), ScsiLayout.TMF_BYTES));
        int type = request.get(U32, 0);
        if (type == ScsiLayout.T_TMF && readable.bytes() >= ScsiLayout.TMF_BYTES) {
            int function = request.get(U32, 4);
            long address = request.get(ADDRESS, 8);
            long id = request.get(U64, 16);
            active++;
            var _ = session.taskManagement().run(function, address, id).whenComplete((response, failure) -> {
                if (response == null) {
                    LOG.error("a task management function failed", failure);
                }
                int code = response == null ? ScsiLayout.S_FAILURE : response;
                reactor.execute(() -> {
                    active--;
                    end(chain, code);
                });
            });
        } else if ((type == ScsiLayout.T_AN_QUERY || type == ScsiLayout.T_AN_SUBSCRIBE)
                && readable.bytes() >= ScsiLayout.AN_BYTES
                && writable.bytes() >= ScsiLayout.AN_RESPONSE_BYTES) {
            notifications(chain, request.get(ADDRESS, 4));
        } else {
            end(chain, ScsiLayout.S_FAILURE);
        }
        return Virtqueue.OK;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public int outstanding() {
        return active;
    }

    @Override
    public boolean canSleep() {
        return true;
    }

    @Override
    public void close() {
        // Nothing was opened.
    }

    /** There are no notifications: those that MMC defines are of drives with removable media. */
    private void notifications(Chain chain, long address) {
        answer.set(U32, 0, 0);
        answer.set(ValueLayout.JAVA_BYTE, Integer.BYTES, (byte) session.find(address));
        chain.writable().copyFrom(answer, 0, ScsiLayout.AN_RESPONSE_BYTES);
        complete(chain, ScsiLayout.AN_RESPONSE_BYTES);
    }

    private void end(Chain chain, int response) {
        try {
            answer.set(ValueLayout.JAVA_BYTE, 0, (byte) response);
            chain.writable().copyFrom(answer, 0, 1);
            complete(chain, 1);
            MemoryFault.settle();
        } catch (InternalError e) {
            Virtqueue to = queue;
            if (to != null) {
                to.fail(QueueError.MEMORY_GONE.code());
                to.abandon(chain);
            }
        }
    }

    private void complete(Chain chain, long written) {
        Virtqueue to = queue;
        if (to == null) {
            throw new IllegalStateException("a request ended before the queue was attached");
        }
        to.complete(chain, written);
    }
}
