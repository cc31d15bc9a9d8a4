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

/** A virtio SCSI host device behind a vhost-user socket, with a control, an event and some request queues. One thread. */
public final class ScsiFrontend implements AutoCloseable {
    private static final long PROTOCOL_FEATURES =
            ProtocolFeature.MQ | ProtocolFeature.REPLY_ACK | ProtocolFeature.CONFIG | ProtocolFeature.INFLIGHT_SHMFD;

    private final VhostUserFrontend messages;
    private final GuestRam ram;
    private final List<ScsiDriverQueue> queues = new ArrayList<>();
    private final long protocolFeatures;
    private final long features;

    private ScsiFrontend(VhostUserFrontend messages, GuestRam ram, BlkOptions options) throws IOException {
        this.messages = messages;
        this.ram = ram;
        long offered = messages.getFeatures();
        this.protocolFeatures = messages.getProtocolFeatures() & PROTOCOL_FEATURES;
        messages.setProtocolFeatures(protocolFeatures);
        messages.acknowledge(true);
        messages.setOwner();
        this.features = offered & options.features();
        messages.setFeatures(features);
        messages.setMemTable(ram);
        for (int i = 0; i < ScsiLayout.FIRST_REQUEST_QUEUE + options.queues(); i++) {
            ScsiDriverQueue queue = new ScsiDriverQueue(ram, options, features);
            queues.add(queue);
            start(i, queue);
        }
    }

    /** Connects, negotiates and starts all queues; the memory stays the caller's. */
    public static ScsiFrontend connect(Path socket, GuestRam ram, BlkOptions options) throws IOException {
        VhostUserFrontend messages = VhostUserFrontend.connect(socket);
        try {
            return new ScsiFrontend(messages, ram, options);
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

    private void start(int index, ScsiDriverQueue queue) throws IOException {
        DriverQueue ring = queue.ring();
        messages.setVringNum(index, ring.size());
        messages.setVringBase(index, ring.base());
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
    }
}
