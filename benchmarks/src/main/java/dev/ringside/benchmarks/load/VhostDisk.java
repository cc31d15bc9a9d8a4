package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.InflightArea;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A vhost-user-blk back end behind its socket. Control plane, one thread. Memory of the load is described to it when the
 * queues start.
 */
public final class VhostDisk implements AutoCloseable {
    private static final int CONFIG_BLOCK_SIZE = 20;

    private final VhostUserFrontend messages;
    private final BlkFrontend frontend;
    private final GuestRam ram;
    private final int serverPid;
    private final boolean trackingWanted;
    private @Nullable InflightArea inflight;
    private final List<EventFd> kicks = new ArrayList<>();
    private final List<EventFd> calls = new ArrayList<>();

    private VhostDisk(
            VhostUserFrontend messages, BlkFrontend frontend, GuestRam ram, int serverPid, boolean trackingWanted) {
        this.messages = messages;
        this.frontend = frontend;
        this.ram = ram;
        this.serverPid = serverPid;
        this.trackingWanted = trackingWanted;
    }

    /**
     * Which of the things that a driver may use are used.
     *
     * @param eventIdx VIRTIO_F_EVENT_IDX
     * @param indirect VIRTIO_F_INDIRECT_DESC
     * @param format packed is VIRTIO_F_RING_PACKED
     * @param tracked VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD: the back end keeps account of what is in flight
     */
    public record Wishes(boolean eventIdx, boolean indirect, RingFormat format, boolean tracked) {}

    /**
     * Connects and negotiates.
     *
     * @param ram memory for the load; stays the caller's, who closes it after this object
     * @param queues how many will be started
     * @throws LinuxException if nobody listens on the socket
     * @throws IOException if the back end does not answer, or has too few queues
     */
    public static VhostDisk connect(Path socket, GuestRam ram, int queues, Wishes wishes) throws IOException {
        VhostUserFrontend messages = VhostUserFrontend.connect(socket);
        BlkOptions options = BlkOptions.of(queues, 256).with(wishes.format);
        if (!wishes.eventIdx) {
            options = options.without(VirtioFeature.RING_EVENT_IDX);
        }
        if (!wishes.indirect) {
            options = options.without(VirtioFeature.RING_INDIRECT_DESC);
        }
        BlkFrontend frontend = new BlkFrontend(messages, ram, options);
        try {
            int pid = messages.socket().connection().peerCredentials().pid();
            frontend.negotiate();
            return new VhostDisk(messages, frontend, ram, pid, wishes.tracked);
        } catch (IOException | RuntimeException e) {
            frontend.close();
            throw e;
        }
    }

    /** Process that made the socket, or 0 if it cannot be seen from here. */
    public int serverPid() {
        return serverPid;
    }

    /** Capacity in bytes. */
    public long bytes() {
        return frontend.sectors() * BlkLayout.SECTOR;
    }

    /** Logical block in bytes. */
    public int blockSize() {
        return has(BlkLayout.BLK_SIZE) ? frontend.config().getInt(CONFIG_BLOCK_SIZE) : BlkLayout.SECTOR;
    }

    /** Whether the disk cannot be written. */
    public boolean readOnly() {
        return has(BlkLayout.RO);
    }

    /** Whether the disk takes discards. */
    public boolean discards() {
        return has(BlkLayout.DISCARD);
    }

    /** Whether both sides have VIRTIO_F_EVENT_IDX. */
    public boolean eventIdx() {
        return has(VirtioFeature.RING_EVENT_IDX);
    }

    /** Whether both sides have VIRTIO_F_INDIRECT_DESC. */
    public boolean indirect() {
        return has(VirtioFeature.RING_INDIRECT_DESC);
    }

    /** Packed if both sides have VIRTIO_F_RING_PACKED. */
    public RingFormat format() {
        return has(VirtioFeature.RING_PACKED) ? RingFormat.PACKED : RingFormat.SPLIT;
    }

    /** Whether the back end is given a region to keep account in of what is in flight. */
    public boolean tracked() {
        return trackingWanted && (frontend.protocolFeatures() & ProtocolFeature.INFLIGHT_SHMFD) != 0;
    }

    private boolean has(long feature) {
        return (frontend.features() & feature) != 0;
    }

    /**
     * Starts the queues as they stand in memory.
     *
     * @param kick whether the back end is given an eventfd that wakes it; otherwise it has to poll
     * @throws IOException if the back end refuses
     */
    public void start(List<? extends SlotRing> rings, boolean kick) throws IOException {
        messages.setFeatures(frontend.features());
        if (tracked()) {
            InflightArea area =
                    messages.getInflightFd(rings.size(), rings.get(0).size());
            inflight = area;
            messages.setInflightFd(area);
        }
        messages.setMemTable(ram);
        for (int i = 0; i < rings.size(); i++) {
            SlotRing ring = rings.get(i);
            messages.setVringNum(i, ring.size());
            messages.setVringBase(i, ring.base());
            messages.setVringAddr(
                    i,
                    ram.userAddress(ring.descriptorArea()),
                    ram.userAddress(ring.driverArea()),
                    ram.userAddress(ring.deviceArea()));
            kicks.add(EventFd.create());
            calls.add(EventFd.create());
            messages.setVringKick(i, kick ? Optional.of(kicks.get(i)) : Optional.empty());
            messages.setVringCall(i, Optional.of(calls.get(i)));
        }
        if (has(VirtioFeature.PROTOCOL_FEATURES)) {
            for (int i = 0; i < rings.size(); i++) {
                messages.setVringEnable(i, true);
            }
        }
    }

    /** What wakes the back end for a queue that runs. */
    public EventFd kick(int queue) {
        return kicks.get(queue);
    }

    /** What the back end calls with. */
    public EventFd call(int queue) {
        return calls.get(queue);
    }

    /** Stops the queues; nothing is in flight. */
    public void stop() throws IOException {
        for (int i = 0; i < kicks.size(); i++) {
            messages.getVringBase(i);
        }
    }

    /** Closes the connection, and then the eventfds. */
    @Override
    public void close() {
        frontend.close();
        kicks.forEach(EventFd::close);
        calls.forEach(EventFd::close);
        if (inflight != null) {
            inflight.fd().close();
        }
    }
}
