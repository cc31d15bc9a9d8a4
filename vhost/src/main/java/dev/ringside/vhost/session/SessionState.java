package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.vhost.memory.SharedFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a session knows of its front end while it is at rest, so that another process can go on with it. The descriptors
 * stay with whoever made the record.
 *
 * @param connection to the front end
 * @param unread what was read of a message that has not come whole, in hexadecimal digits
 * @param unreadFds the descriptors that came with it
 * @param features what SET_FEATURES said
 * @param protocolFeatures what SET_PROTOCOL_FEATURES said
 * @param status what SET_STATUS said
 * @param backend the channel for requests of our own, if there is one
 * @param memory the guest's memory map; empty if there is none
 * @param inflight the region of requests in flight, if there is one
 * @param log the dirty log, if there is one
 * @param rings those of which something is known
 */
public record SessionState(
        Fd connection,
        String unread,
        List<Fd> unreadFds,
        long features,
        long protocolFeatures,
        int status,
        @Nullable Fd backend,
        List<Region> memory,
        @Nullable Inflight inflight,
        @Nullable Log log,
        List<RingState> rings) {

    /** A part of a file. */
    public record Area(Fd file, long offset, long size) {
        static Area of(SharedFile file) {
            return new Area(file.file(), file.offset(), file.segment().byteSize());
        }
    }

    /** A region of guest memory. */
    public record Region(long guestAddress, long userAddress, Area area) {}

    /** The region of requests in flight, for so many queues of at most so many entries. */
    public record Inflight(Area area, int queues, int queueSize) {}

    /** The dirty log, and whether it is in force. */
    public record Log(Area area, boolean wanted) {}

    /**
     * A ring.
     *
     * @param base where it goes on
     * @param addresses where its parts are, if that is known
     * @param kickSet whether there was a SET_VRING_KICK, be it without a descriptor
     * @param broken what broke it, as the code of a {@link dev.ringside.vhost.queue.QueueError}; 0 if it is whole
     */
    public record RingState(
            int index,
            int size,
            int base,
            @Nullable Addresses addresses,
            boolean kickSet,
            @Nullable Fd kick,
            @Nullable Fd call,
            @Nullable Fd error,
            boolean enabled,
            int broken) {}

    /**
     * Where the parts of a ring are, in the front end's addresses.
     *
     * @param logged whether the front end says where to log writes to the device area
     * @param log guest-physical address of the device area, for the log
     */
    public record Addresses(long descriptors, long driver, long device, boolean logged, long log) {}
}
