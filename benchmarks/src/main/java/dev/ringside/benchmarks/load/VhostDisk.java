package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.InflightArea;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A disk of a vhost-user back end behind its socket. Control plane, one thread. Memory of the load is described to it when the
 * queues start.
 */
public abstract sealed class VhostDisk implements LoadedDisk, AutoCloseable permits BlkDisk, ScsiDisk {
    /** Of queues that are used before those of the load, if there are such. */
    private static final int FIRST_ENTRIES = 256;

    private final GuestRam ram;
    private final Wishes wishes;
    private @Nullable InflightArea inflight;
    private final List<EventFd> kicks = new ArrayList<>();
    private final List<EventFd> calls = new ArrayList<>();

    VhostDisk(GuestRam ram, Wishes wishes) {
        this.ram = ram;
        this.wishes = wishes;
    }

    /**
     * Which of the things that a driver may use are used.
     *
     * @param eventIdx VIRTIO_F_EVENT_IDX
     * @param indirect VIRTIO_F_INDIRECT_DESC
     * @param format packed is VIRTIO_F_RING_PACKED
     * @param tracked VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD: the back end keeps account of what is in flight
     */
    public record Wishes(boolean eventIdx, boolean indirect, RingFormat format, boolean tracked) {
        BlkOptions options(int queues) {
            BlkOptions options = BlkOptions.of(queues, FIRST_ENTRIES).with(format);
            if (!eventIdx) {
                options = options.without(VirtioFeature.RING_EVENT_IDX);
            }
            return indirect ? options : options.without(VirtioFeature.RING_INDIRECT_DESC);
        }
    }

    /**
     * Connects and negotiates.
     *
     * @param disk which one of the back end's
     * @param ram memory for the load; stays the caller's, who closes it after this object
     * @param queues how many will be started
     * @throws LinuxException if nobody listens on the socket
     * @throws IOException if the back end does not answer, has too few queues, or not that disk
     */
    public static VhostDisk connect(Path socket, DiskAddress disk, GuestRam ram, int queues, Wishes wishes)
            throws IOException {
        return switch (disk) {
            case DiskAddress.Blk blk -> BlkDisk.connect(socket, ram, queues, wishes);
            case DiskAddress.Scsi unit -> ScsiDisk.connect(socket, unit, ram, queues, wishes);
        };
    }

    /** Which one of the back end's. */
    abstract DiskAddress address();

    /** Feature bits that both sides have. */
    abstract long features();

    /** Protocol feature bits that both sides have. */
    abstract long protocolFeatures();

    /** The connection. */
    abstract VhostUserFrontend messages();

    /** The number that the device has for the first queue with requests. */
    abstract int firstQueue();

    /** How a request's buffers follow one another. */
    abstract ChainShape shape();

    /** The requests of a queue, laid out in the memory of the load. */
    abstract VirtioRequests requests(SlotRing ring, Workload workload, int part);

    /** Closes the connection and what is the kind's own. */
    abstract void disconnect();

    /** The memory of the load. */
    final GuestRam ram() {
        return ram;
    }

    /** Process that made the socket, or 0 if it cannot be seen from here. */
    public final int serverPid() throws IOException {
        return messages().socket().connection().peerCredentials().pid();
    }

    /** Whether both sides have VIRTIO_F_EVENT_IDX. */
    public final boolean eventIdx() {
        return has(VirtioFeature.RING_EVENT_IDX);
    }

    /** Whether both sides have VIRTIO_F_INDIRECT_DESC. */
    public final boolean indirect() {
        return has(VirtioFeature.RING_INDIRECT_DESC);
    }

    /** Packed if both sides have VIRTIO_F_RING_PACKED. */
    public final RingFormat format() {
        return has(VirtioFeature.RING_PACKED) ? RingFormat.PACKED : RingFormat.SPLIT;
    }

    /** Whether the back end is given a region to keep account in of what is in flight. */
    public final boolean tracked() {
        return wishes.tracked && (protocolFeatures() & ProtocolFeature.INFLIGHT_SHMFD) != 0;
    }

    final boolean has(long feature) {
        return (features() & feature) != 0;
    }

    /**
     * Starts the queues as they stand in memory.
     *
     * @param kick whether the back end is given an eventfd that wakes it; otherwise it has to poll
     * @throws IOException if the back end refuses
     */
    public final void start(List<? extends SlotRing> rings, boolean kick) throws IOException {
        VhostUserFrontend to = messages();
        int first = firstQueue();
        to.setFeatures(features());
        if (tracked()) {
            InflightArea area =
                    to.getInflightFd(first + rings.size(), rings.get(0).size());
            inflight = area;
            to.setInflightFd(area);
        }
        to.setMemTable(ram);
        for (int i = 0; i < rings.size(); i++) {
            SlotRing ring = rings.get(i);
            to.setVringNum(first + i, ring.size());
            to.setVringBase(first + i, ring.base());
            to.setVringAddr(
                    first + i,
                    ram.userAddress(ring.descriptorArea()),
                    ram.userAddress(ring.driverArea()),
                    ram.userAddress(ring.deviceArea()));
            kicks.add(EventFd.create());
            calls.add(EventFd.create());
            to.setVringKick(first + i, kick ? Optional.of(kicks.get(i)) : Optional.empty());
            to.setVringCall(first + i, Optional.of(calls.get(i)));
        }
        if (has(VirtioFeature.PROTOCOL_FEATURES)) {
            for (int i = 0; i < rings.size(); i++) {
                to.setVringEnable(first + i, true);
            }
        }
    }

    /** What wakes the back end for a queue that runs. */
    public final EventFd kick(int queue) {
        return kicks.get(queue);
    }

    /** What the back end calls with. */
    public final EventFd call(int queue) {
        return calls.get(queue);
    }

    /** Stops the queues; nothing is in flight. */
    public final void stop() throws IOException {
        for (int i = 0; i < kicks.size(); i++) {
            messages().getVringBase(firstQueue() + i);
        }
    }

    /** Closes the connection, and then the eventfds. */
    @Override
    public final void close() {
        disconnect();
        kicks.forEach(EventFd::close);
        calls.forEach(EventFd::close);
        if (inflight != null) {
            inflight.fd().close();
        }
    }
}
