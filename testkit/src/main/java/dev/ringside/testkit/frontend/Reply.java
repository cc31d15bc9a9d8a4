package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.Fd;
import dev.ringside.vhost.wire.MessageHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What a back end answered.
 *
 * @param request the code in its header
 * @param flags the flags in its header
 * @param payload what followed the header, little endian, from position 0 to its limit
 * @param fds descriptors that came with it; the receiver's to close
 * @param pieces how many reads it took; 1 if header and payload came together
 */
public record Reply(int request, int flags, ByteBuffer payload, List<Fd> fds, int pieces) {
    /** The only flags that a reply may have: version 1, a reply. */
    public static final int FLAGS = MessageHeader.VERSION | MessageHeader.REPLY;

    /** Sets the byte order. */
    public Reply {
        payload = payload.order(ByteOrder.LITTLE_ENDIAN);
        fds = List.copyOf(fds);
    }

    /** The 64-bit number that most replies are. */
    public long u64() {
        return payload.getLong(0);
    }
}
