package dev.ringside.testkit.frontend;

import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.scsi.ScsiLayout;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A virtio SCSI host device behind a vhost-user socket, with a control, an event and some request queues. One thread. */
public final class ScsiFrontend implements AutoCloseable {
    private static final long PROTOCOL_FEATURES = ProtocolFeature.MQ
            | ProtocolFeature.REPLY_ACK
            | ProtocolFeature.CONFIG
            | ProtocolFeature.LOG_SHMFD
            | ProtocolFeature.INFLIGHT_SHMFD;

    private VhostUserFrontend messages;
    private final GuestRam ram;
    private final List<ScsiDriverQueue> queues = new ArrayList<>();
    private final long wantedProtocol;
    private long protocolFeatures;
    private final long features;
    /** Where the rings began. */
    private final int startIndex;

    private @Nullable InflightArea inflight;

    private ScsiFrontend(VhostUserFrontend messages, GuestRam ram, BlkOptions options, long protocol)
            throws IOException {
        this.messages = messages;
        this.wantedProtocol = PROTOCOL_FEATURES | protocol;
        this.ram = ram;
        this.startIndex = options.startIndex();
        this.features = negotiate() & options.features();
        messages.setFeatures(features);
        int count = ScsiLayout.FIRST_REQUEST_QUEUE + options.queues();
        if (options.tracked()) {
            inflight = messages.getInflightFd(count, options.queueSize());
        }
        useMemory();
        for (int i = 0; i < count; i++) {
            ScsiDriverQueue queue = new ScsiDriverQueue(ram, options, features);
            queues.add(queue);
            start(i, queue, queue.ring().base());
        }
    }

    private long negotiate() throws IOException {
        long offered = messages.getFeatures();
        protocolFeatures = messages.getProtocolFeatures() & wantedProtocol;
        messages.setProtocolFeatures(protocolFeatures);
        messages.acknowledge(true);
        messages.setOwner();
        return offered;
    }

    private void useMemory() throws IOException {
        InflightArea area = inflight;
        if (area != null) {
            messages.setInflightFd(area);
        }
        messages.setMemTable(ram);
    }

    /**
     * What QEMU does when its back end has gone away and another one listens: goes on with the queues as they are. What it
     * says of where they are is what it knows: of a packed ring, where it began.
     */
    public void reconnect(Path socket) throws IOException {
        messages.close();
        messages = VhostUserFrontend.connect(socket);
        negotiate();
        messages.setFeatures(features);
        useMemory();
        boolean packed = (features & VirtioFeature.RING_PACKED) != 0;
        for (int i = 0; i < queues.size(); i++) {
            ScsiDriverQueue queue = queues.get(i);
            start(i, queue, packed ? startIndex : queue.ring().base());
        }
    }

    /** Connects, negotiates and starts all queues; the memory stays the caller's. */
    public static ScsiFrontend connect(Path socket, GuestRam ram, BlkOptions options) throws IOException {
        return connect(socket, ram, options, 0);
    }

    /**
     * As {@link #connect(Path, GuestRam, BlkOptions)}, with more protocol features.
     *
     * @param protocol accepted if they are offered
     */
    public static ScsiFrontend connect(Path socket, GuestRam ram, BlkOptions options, long protocol)
            throws IOException {
        VhostUserFrontend messages = VhostUserFrontend.connect(socket);
        try {
            return new ScsiFrontend(messages, ram, options, protocol);
        } catch (IOException | RuntimeException e) {
            messages.close();
            throw e;
        }
    }

    /** The messages themselves. */
    public VhostUserFrontend messages() {
        return messages;
    }

    /** The feature bits that are negotiated. */
    public long features() {
        return features;
    }

    /** The protocol feature bits that are negotiated. */
    public long protocolFeatures() {
        return protocolFeatures;
    }

    /** The control queue. */
    public ScsiDriverQueue control() {
        return queues.get(ScsiLayout.CONTROL_QUEUE);
    }

    /** The event queue. */
    public ScsiDriverQueue events() {
        return queues.get(ScsiLayout.EVENT_QUEUE);
    }

    /** A request queue, from 0. */
    public ScsiDriverQueue requests(int index) {
        return queues.get(ScsiLayout.FIRST_REQUEST_QUEUE + index);
    }

    /** Does a task management function and waits for its response. */
    public int function(int function, long lun, long id) {
        return control().answer(control().function(function, lun, id), 1)[0] & 0xff;
    }

    /** Stops a queue; an {@link IOException} if that takes too long. */
    public void stop(int queue) throws IOException {
        messages.setVringEnable(queue, false);
        messages.getVringBase(queue);
    }

    /** Starts all queues where they are, after each was stopped. */
    public void start() throws IOException {
        for (int i = 0; i < queues.size(); i++) {
            start(i, queues.get(i), queues.get(i).ring().base());
        }
    }

    private void start(int index, ScsiDriverQueue queue, int base) throws IOException {
        DriverQueue ring = queue.ring();
        messages.setVringNum(index, ring.size());
        messages.setVringBase(index, base);
        messages.setVringAddr(
                index,
                ram.userAddress(ring.descriptorArea()),
                ram.userAddress(ring.driverArea()),
                ram.userAddress(ring.deviceArea()));
        messages.setVringKick(index, Optional.of(queue.kickFd()));
        messages.setVringCall(index, Optional.of(queue.callFd()));
        if ((features & VirtioFeature.PROTOCOL_FEATURES) != 0) {
            messages.setVringEnable(index, true);
        }
    }

    @Override
    public void close() {
        messages.close();
        queues.forEach(ScsiDriverQueue::close);
        if (inflight != null) {
            inflight.fd().close();
        }
    }
}
