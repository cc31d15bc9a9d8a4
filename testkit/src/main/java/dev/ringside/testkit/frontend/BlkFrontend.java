package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.UnixConnection;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A virtio block device behind a vhost-user socket, as a guest under QEMU sees it: sends the messages in the order in which
 * QEMU's vhost-user-blk does. One thread.
 */
public final class BlkFrontend implements AutoCloseable {
    /** Bytes of config space that QEMU reads. */
    public static final int CONFIG_BYTES = 60;

    private static final long USUAL_PROTOCOL_FEATURES = ProtocolFeature.MQ
            | ProtocolFeature.REPLY_ACK
            | ProtocolFeature.BACKEND_REQ
            | ProtocolFeature.CONFIG
            | ProtocolFeature.LOG_SHMFD
            | ProtocolFeature.INFLIGHT_SHMFD
            | ProtocolFeature.CONFIGURE_MEM_SLOTS;

    private VhostUserFrontend messages;
    private final GuestRam ram;
    private final BlkOptions options;
    private final List<BlkDriverQueue> queues = new ArrayList<>();
    private @Nullable UnixConnection backendRequests;
    private @Nullable UnixConnection backendEnd;
    private @Nullable InflightArea inflight;
    private int[] startedAt = new int[0];
    private long offered;
    private long features;
    private long wantedProtocol = USUAL_PROTOCOL_FEATURES;
    private long protocolFeatures;
    private byte[] config = new byte[0];

    /**
     * A front end that has sent nothing yet.
     *
     * @param ram stays the caller's; no other front end may live in it until this is closed
     */
    public BlkFrontend(VhostUserFrontend messages, GuestRam ram, BlkOptions options) {
        this.messages = messages;
        this.ram = ram;
        this.options = options;
    }

    /** Connects, negotiates and starts all queues. */
    public static BlkFrontend connect(Path socket, GuestRam ram, BlkOptions options) throws IOException {
        return connect(socket, ram, options, 0);
    }

    /**
     * As {@link #connect(Path, GuestRam, BlkOptions)}, with more protocol features.
     *
     * @param protocol accepted if they are offered, besides those that QEMU 7.2 uses
     */
    public static BlkFrontend connect(Path socket, GuestRam ram, BlkOptions options, long protocol) throws IOException {
        BlkFrontend frontend = new BlkFrontend(VhostUserFrontend.connect(socket), ram, options);
        frontend.wantedProtocol |= protocol;
        try {
            frontend.negotiate();
            frontend.start();
        } catch (IOException | RuntimeException e) {
            frontend.close();
            throw e;
        }
        return frontend;
    }

    /** What QEMU does when the device is made: features, protocol features, queues, config. */
    public void negotiate() throws IOException {
        offered = messages.getFeatures();
        if ((offered & VirtioFeature.PROTOCOL_FEATURES) != 0) {
            protocolFeatures = messages.getProtocolFeatures() & wantedProtocol;
            messages.setProtocolFeatures(protocolFeatures);
            messages.acknowledge(has(ProtocolFeature.REPLY_ACK));
        }
        if (has(ProtocolFeature.MQ)) {
            long max = messages.getQueueNum();
            if (options.queues() > max) {
                throw new IOException("the device has " + max + " queues, " + options.queues() + " are wanted");
            }
        }
        if (has(ProtocolFeature.CONFIGURE_MEM_SLOTS)) {
            messages.getMaxMemSlots();
        }
        if (has(ProtocolFeature.BACKEND_REQ)) {
            UnixConnection[] pair = UnixConnection.pair();
            backendRequests = pair[0];
            backendEnd = pair[1];
            messages.setBackendReqFd(pair[1].fd());
        }
        messages.setOwner();
        if (has(ProtocolFeature.CONFIG)) {
            config = messages.getConfig(0, CONFIG_BYTES)
                    .orElseThrow(() -> new IOException("GET_CONFIG was answered with an error"));
        }
        features = offered & options.features();
    }

    private boolean has(long protocolFeature) {
        return (protocolFeatures & protocolFeature) != 0;
    }

    /** What QEMU does when the guest's driver sets DRIVER_OK: fresh rings, and the messages that start them. */
    public void start() throws IOException {
        closeQueues();
        ram.boot(this);
        messages.setFeatures(features);
        for (int i = 0; i < options.queues(); i++) {
            queues.add(new BlkDriverQueue(ram, options, features));
        }
        useInflightArea();
        messages.setMemTable(ram);
        for (int i = 0; i < options.queues(); i++) {
            startQueue(i);
        }
        if ((features & VirtioFeature.PROTOCOL_FEATURES) != 0) {
            for (int i = 0; i < options.queues(); i++) {
                messages.setVringEnable(i, true);
            }
        }
    }

    private void useInflightArea() throws IOException {
        if (!options.tracked()) {
            return;
        }
        InflightArea area = inflight;
        if (area == null) {
            area = messages.getInflightFd(options.queues(), options.queueSize());
            inflight = area;
        }
        messages.setInflightFd(area);
    }

    /**
     * What QEMU does when its back end has gone away and another one listens, perhaps elsewhere: goes on with the queues as
     * they are. What it says of where they are is what it knows: of a packed ring, where it began.
     */
    public void reconnect(Path socket) throws IOException {
        closeConnection();
        messages = VhostUserFrontend.connect(socket);
        negotiate();
        messages.setFeatures(features);
        useInflightArea();
        messages.setMemTable(ram);
        boolean packed = (features & VirtioFeature.RING_PACKED) != 0;
        for (int i = 0; i < queues.size(); i++) {
            startQueue(i, packed ? startedAt[i] : queues.get(i).ring().base());
        }
        for (int i = 0; i < queues.size(); i++) {
            messages.setVringEnable(i, true);
        }
    }

    /** Says where a queue has stopped, for {@link #reconnect}. */
    public void stoppedAt(int index, int base) {
        startedAt[index] = base;
    }

    /** The messages that start one queue where its driver is. */
    public void startQueue(int index) throws IOException {
        startQueue(index, queues.get(index).ring().base());
    }

    private void startQueue(int index, int base) throws IOException {
        BlkDriverQueue queue = queues.get(index);
        DriverQueue ring = queue.ring();
        startedAt = Arrays.copyOf(startedAt, queues.size());
        startedAt[index] = base;
        messages.setVringNum(index, ring.size());
        messages.setVringBase(index, base);
        messages.setVringAddr(
                index,
                ram.userAddress(ring.descriptorArea()),
                ram.userAddress(ring.driverArea()),
                ram.userAddress(ring.deviceArea()));
        messages.setVringKick(index, Optional.of(queue.kickFd()));
        messages.setVringCall(index, Optional.of(queue.callFd()));
    }

    /**
     * What QEMU does when the guest resets the device or stops: each queue is disabled and stopped.
     *
     * @return where each stopped
     */
    public int[] stop() throws IOException {
        int[] bases = new int[queues.size()];
        for (int i = 0; i < bases.length; i++) {
            messages.setVringEnable(i, false);
        }
        for (int i = 0; i < bases.length; i++) {
            bases[i] = messages.getVringBase(i);
        }
        return bases;
    }

    /**
     * What a front end does when the guest resets a single queue (VIRTIO_F_RING_RESET) and sets it up anew, with another
     * ring: stops it, wherever it is, and starts it at its beginning.
     */
    public void resetQueue(int index, int entries) throws IOException {
        messages.setVringEnable(index, false);
        messages.getVringBase(index);
        queues.get(index).close();
        queues.set(index, new BlkDriverQueue(ram, options.withQueueSize(entries), features));
        startQueue(index);
        messages.setVringEnable(index, true);
    }

    /** Goes on with queues that {@link #stop} stopped, as a virtual machine that was paused. */
    public void resume() throws IOException {
        messages.setFeatures(features);
        useInflightArea();
        messages.setMemTable(ram);
        for (int i = 0; i < queues.size(); i++) {
            startQueue(i);
        }
        for (int i = 0; i < queues.size(); i++) {
            messages.setVringEnable(i, true);
        }
    }

    /** The messages themselves. */
    public VhostUserFrontend messages() {
        return messages;
    }

    /** Guest memory. */
    public GuestRam ram() {
        return ram;
    }

    /** A queue; there is one after {@link #start}. */
    public BlkDriverQueue queue(int index) {
        return queues.get(index);
    }

    /** All queues. */
    public List<BlkDriverQueue> queues() {
        return List.copyOf(queues);
    }

    /** The feature bits that the device offers. */
    public long offered() {
        return offered;
    }

    /** The feature bits that are negotiated. */
    public long features() {
        return features;
    }

    /** The protocol feature bits that are negotiated. */
    public long protocolFeatures() {
        return protocolFeatures;
    }

    /** The config space as it was at {@link #negotiate}, little endian. */
    public ByteBuffer config() {
        return ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Capacity in sectors of 512 bytes, as it was at {@link #negotiate}. */
    public long sectors() {
        return config().getLong(0);
    }

    /** The front end's end of the back end's own channel. */
    public Optional<UnixConnection> backendRequests() {
        return Optional.ofNullable(backendRequests);
    }

    private void closeQueues() {
        queues.forEach(BlkDriverQueue::close);
        queues.clear();
    }

    /** The region of requests in flight, if the options ask for one. */
    public Optional<InflightArea> inflight() {
        return Optional.ofNullable(inflight);
    }

    private void closeConnection() {
        messages.close();
        if (backendRequests != null) {
            backendRequests.close();
        }
        if (backendEnd != null) {
            backendEnd.close();
        }
    }

    /** Closes the connection without a word, and frees the queues. */
    @Override
    public void close() {
        closeConnection();
        closeQueues();
        ram.leave(this);
        if (inflight != null) {
            inflight.fd().close();
        }
    }
}
