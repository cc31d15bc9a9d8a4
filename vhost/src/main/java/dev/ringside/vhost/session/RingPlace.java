package dev.ringside.vhost.session;

import dev.ringside.vhost.memory.DirtyLog;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.WriteLog;
import dev.ringside.vhost.session.SessionState.Addresses;
import dev.ringside.vhost.wire.ProtocolException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Finds a ring in the guest's memory. */
final class RingPlace {
    private RingPlace() {}

    /**
     * The parts of a ring.
     *
     * @throws ProtocolException if one of them is not inside one region, or not aligned
     */
    static RingParts parts(int index, int size, RingFormat format, Addresses where, GuestMemory memory)
            throws ProtocolException {
        return new RingParts(
                part(index, format.descriptors(size), where.descriptors(), memory),
                part(index, format.driver(size), where.driver(), memory),
                part(index, format.device(size), where.device(), memory));
    }

    private static MemorySegment part(int index, RingFormat.Part part, long address, GuestMemory memory)
            throws ProtocolException {
        MemorySegment segment = memory.atUserAddress(address, part.bytes())
                .orElseThrow(() -> new ProtocolException(String.format(
                        "ring %d: the %s of %d bytes at 0x%x is not inside one memory region",
                        index, part.name(), part.bytes(), address)));
        if (segment.address() % part.alignment() != 0) {
            throw new ProtocolException(String.format(
                    "ring %d: the %s at 0x%x is not aligned to %d bytes",
                    index, part.name(), address, part.alignment()));
        }
        return segment;
    }

    /** Where a ring's writes are logged; null if there is no log. */
    static @Nullable WriteLog writes(@Nullable DirtyLog log, Addresses where, GuestMemory memory) {
        return log == null
                ? null
                : new WriteLog(
                        log,
                        memory.guestAddress(where.descriptors()),
                        where.logged() ? where.log() : memory.guestAddress(where.device()));
    }

    /** Refuses a size that a ring of a format cannot have. */
    static void requireSize(int index, int entries, RingFormat format) throws ProtocolException {
        if (!format.allowsSize(entries)) {
            throw new ProtocolException("ring " + index + " of " + Integer.toUnsignedString(entries) + " entries: 1 to "
                    + PackedLayout.MAX_SIZE + " are allowed, of a split ring a power of two");
        }
    }

    /** Refuses a base at which a ring of a format and size cannot begin. */
    static void requireBase(int index, int first, int entries, RingFormat format) throws ProtocolException {
        if (!format.allowsBase(first, entries)) {
            throw new ProtocolException(String.format(
                    "ring %d with base 0x%x: of a split ring 16 bits, of a packed ring entries below %d are allowed",
                    index, first, entries));
        }
    }
}
