package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Memfd;
import dev.ringside.vhost.memory.SharedFile;
import dev.ringside.vhost.queue.InflightLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.session.SessionState.Area;
import dev.ringside.vhost.session.SessionState.Inflight;
import dev.ringside.vhost.wire.InflightDescription;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.MessageStream;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory that outlives this process and in which rings track their requests in flight: made for the front end
 * (GET_INFLIGHT_FD), which keeps it and hands it to whoever serves it next (SET_INFLIGHT_FD). Owned by the session's thread.
 */
final class InflightRegions implements AutoCloseable {
    private final InflightFiles inUse;
    private @Nullable SharedFile file;
    private int queues;
    private int queueSize;

    /**
     * Makes it without a region.
     *
     * @param inUse what other sessions use
     */
    InflightRegions(InflightFiles inUse) {
        this.inUse = inUse;
    }

    /** GET_INFLIGHT_FD: makes a region that nobody has used yet, and hands it to the front end. */
    void create(Message message, MessageStream stream, RingFormat format, int maxQueues)
            throws ProtocolException, LinuxException {
        int wantedQueues = message.u16(InflightDescription.NUM_QUEUES);
        int wantedSize = message.u16(InflightDescription.QUEUE_SIZE);
        requireSensible(message, wantedQueues, wantedSize, maxQueues);
        long bytes = wantedQueues * InflightLayout.bytes(format, wantedSize);
        try (Fd memory = Memfd.create("ringside-inflight", bytes);
                Arena arena = Arena.ofConfined()) {
            MemorySegment reply = arena.allocate(InflightDescription.BYTES, Long.BYTES);
            reply.set(ValueLayout.JAVA_LONG, InflightDescription.MMAP_SIZE, bytes);
            reply.set(ValueLayout.JAVA_SHORT, InflightDescription.NUM_QUEUES, (short) wantedQueues);
            reply.set(ValueLayout.JAVA_SHORT, InflightDescription.QUEUE_SIZE, (short) wantedSize);
            stream.reply(message.request(), reply, List.of(memory));
        }
    }

    /** SET_INFLIGHT_FD: rings that start from now on track their requests here. */
    void use(Message message, RingFormat format, int maxQueues) throws ProtocolException, LinuxException {
        long bytes = message.u64(InflightDescription.MMAP_SIZE);
        long offset = message.u64(InflightDescription.MMAP_OFFSET);
        int givenQueues = message.u16(InflightDescription.NUM_QUEUES);
        int givenSize = message.u16(InflightDescription.QUEUE_SIZE);
        requireSensible(message, givenQueues, givenSize, maxQueues);
        long needed = givenQueues * InflightLayout.bytes(format, givenSize);
        if (bytes < needed || offset < 0 || offset % InflightLayout.ALIGNMENT != 0 || offset > Long.MAX_VALUE - bytes) {
            throw new ProtocolException(String.format(
                    "SET_INFLIGHT_FD of %d bytes at offset %d: at least %d bytes at a multiple of %d are needed",
                    bytes, offset, needed, InflightLayout.ALIGNMENT));
        }
        try (Fd fd = message.fd(0)) {
            SharedFile next = map(fd, offset, bytes);
            close();
            inUse.join(next.identity());
            file = next;
            queues = givenQueues;
            queueSize = givenSize;
        }
    }

    /** The region, for another process; null if there is none. */
    @Nullable
    Inflight state() {
        SharedFile memory = file;
        return memory == null ? null : new Inflight(Area.of(memory), queues, queueSize);
    }

    /** Uses what another process did. */
    void adopt(Inflight state) throws ProtocolException {
        Area area = state.area();
        SharedFile next = map(area.file(), area.offset(), area.size());
        inUse.join(next.identity());
        file = next;
        queues = state.queues();
        queueSize = state.queueSize();
    }

    /** The region of a ring; null if it has none. */
    @Nullable
    MemorySegment of(int ring, RingFormat format, int size) throws ProtocolException {
        SharedFile memory = file;
        if (memory == null || ring >= queues) {
            return null;
        }
        if (size > queueSize) {
            throw new ProtocolException(
                    "ring " + ring + " of " + size + " entries: the in-flight region is for " + queueSize + " at most");
        }
        // The features, and the format with them, may have come after the region.
        long stride = InflightLayout.bytes(format, queueSize);
        if ((ring + 1) * stride > memory.segment().byteSize()) {
            throw new ProtocolException(
                    "ring " + ring + ": the in-flight region is too short for rings of this format");
        }
        return memory.segment().asSlice(ring * stride, InflightLayout.bytes(format, size));
    }

    /** Whether the memory is still there; looks at the file. Any thread that knows a ring runs on it. */
    boolean present() {
        SharedFile memory = file;
        return memory == null || memory.present();
    }

    /** Lets go; no ring runs on it. */
    @Override
    public void close() {
        SharedFile memory = file;
        if (memory != null) {
            inUse.leave(memory.identity());
            memory.close();
            file = null;
        }
    }

    private static SharedFile map(Fd fd, long offset, long bytes) throws ProtocolException {
        SharedFile file;
        try {
            file = SharedFile.map(fd, offset, bytes);
        } catch (LinuxException | IllegalArgumentException e) {
            throw new ProtocolException("SET_INFLIGHT_FD: " + e.getMessage(), e);
        }
        if (!file.present()) {
            file.close();
            throw new ProtocolException("SET_INFLIGHT_FD: the file is shorter than " + (offset + bytes) + " bytes");
        }
        return file;
    }

    private static void requireSensible(Message message, int queues, int size, int maxQueues) throws ProtocolException {
        if (queues < 1 || queues > maxQueues || !RingFormat.PACKED.allowsSize(size)) {
            throw new ProtocolException(message.request() + " for " + queues + " queues of " + size + " entries: 1 to "
                    + maxQueues + " queues of a possible size are allowed");
        }
    }
}
