package dev.ringside.vhost.wire;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A well-formed message from a front end. Owns the descriptors that came with it.
 *
 * @param flags the flags of the header
 * @param payload exactly the payload, valid until the next message is read
 * @param fds the descriptors, in the order in which they were sent
 */
public record Message(FrontendRequest request, int flags, MemorySegment payload, List<Fd> fds)
        implements AutoCloseable {

    /** The 16-bit number at an offset of the payload. */
    public int u16(int offset) {
        return Short.toUnsignedInt(payload.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset));
    }

    /** The 32-bit number at an offset of the payload. */
    public int u32(int offset) {
        return payload.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }

    /** The 64-bit number at an offset of the payload. */
    public long u64(int offset) {
        return payload.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    /** Whether the sender asks for a reply that it would not get otherwise. */
    public boolean needsReply() {
        return (flags & MessageHeader.NEED_REPLY) != 0;
    }

    /**
     * A duplicate of a descriptor, the caller's to close.
     *
     * @throws ProtocolException if fewer came with the message
     * @throws LinuxException if this process has too many descriptors
     */
    public Fd fd(int index) throws ProtocolException, LinuxException {
        if (index >= fds.size()) {
            throw new ProtocolException(
                    request + " came with " + fds.size() + " descriptors, " + (index + 1) + " are needed");
        }
        return fds.get(index).duplicate();
    }

    /** Closes the descriptors that came with the message. */
    @Override
    public void close() {
        fds.forEach(Fd::close);
    }
}
