package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.wire.ConfigSpace;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MemoryTable;
import dev.ringside.vhost.wire.MessageHeader;
import dev.ringside.vhost.wire.VringAddress;
import dev.ringside.vhost.wire.VringFd;
import dev.ringside.vhost.wire.VringState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A vhost-user front end: a method for each message (QEMU's docs/interop/vhost-user.rst). One thread. Descriptors that are
 * sent stay the caller's. Where acknowledgements are on, a request that the back end refuses is a {@link RefusedException}.
 */
public final class VhostUserFrontend implements AutoCloseable {
    private static final int INFLIGHT_BYTES = 24;

    private final FrontendSocket socket;
    private boolean acknowledged;

    /** Speaks over a connection, which is closed with this object. */
    public VhostUserFrontend(FrontendSocket socket) {
        this.socket = socket;
    }

    /** Connects to a socket's file. */
    public static VhostUserFrontend connect(Path socket) throws LinuxException {
        return new VhostUserFrontend(FrontendSocket.connect(socket));
    }

    /** The connection, for what is not a proper message. */
    public FrontendSocket socket() {
        return socket;
    }

    /** Whether to ask for an acknowledgement of each request that has no reply of its own; REPLY_ACK must be negotiated. */
    public void acknowledge(boolean on) {
        acknowledged = on;
    }

    /** GET_FEATURES. */
    public long getFeatures() throws IOException {
        return askU64(FrontendRequest.GET_FEATURES);
    }

    /** SET_FEATURES. */
    public void setFeatures(long features) throws IOException {
        tell(FrontendRequest.SET_FEATURES, u64(features));
    }

    /** GET_PROTOCOL_FEATURES. */
    public long getProtocolFeatures() throws IOException {
        return askU64(FrontendRequest.GET_PROTOCOL_FEATURES);
    }

    /** SET_PROTOCOL_FEATURES. */
    public void setProtocolFeatures(long features) throws IOException {
        tell(FrontendRequest.SET_PROTOCOL_FEATURES, u64(features));
    }

    /** SET_OWNER. */
    public void setOwner() throws IOException {
        tell(FrontendRequest.SET_OWNER, new byte[0]);
    }

    /** RESET_OWNER, which is no longer used. */
    public void resetOwner() throws IOException {
        tell(FrontendRequest.RESET_OWNER, new byte[0]);
    }

    /** SET_MEM_TABLE with the regions of guest memory. */
    public void setMemTable(GuestRam ram) throws IOException {
        setMemTable(ram.regions().stream().map(MemoryRegion::of).toList());
    }

    /** SET_MEM_TABLE. */
    public void setMemTable(List<MemoryRegion> regions) throws IOException {
        tell(
                FrontendRequest.SET_MEM_TABLE,
                memTable(regions.size(), regions),
                regions.stream().map(MemoryRegion::fd).toArray(Fd[]::new));
    }

    /** The payload of SET_MEM_TABLE, with a number of regions that need not be true. */
    public static byte[] memTable(int count, List<MemoryRegion> regions) {
        Payload payload = new Payload(MemoryTable.REGIONS + regions.size() * MemoryTable.REGION_BYTES);
        payload.u32(MemoryTable.COUNT, count);
        for (int i = 0; i < regions.size(); i++) {
            regions.get(i).put(payload, MemoryTable.REGIONS + i * MemoryTable.REGION_BYTES);
        }
        return payload.bytes();
    }

    /** ADD_MEM_REG. */
    public void addMemRegion(MemoryRegion region) throws IOException {
        tell(FrontendRequest.ADD_MEM_REG, memRegion(region), region.fd());
    }

    /** REM_MEM_REG; without a descriptor, as newer front ends send it. */
    public void removeMemRegion(MemoryRegion region) throws IOException {
        tell(FrontendRequest.REM_MEM_REG, memRegion(region));
    }

    /** GET_MAX_MEM_SLOTS. */
    public long getMaxMemSlots() throws IOException {
        return askU64(FrontendRequest.GET_MAX_MEM_SLOTS);
    }

    /** SET_VRING_NUM. */
    public void setVringNum(int queue, int entries) throws IOException {
        tell(FrontendRequest.SET_VRING_NUM, state(queue, entries));
    }

    /** SET_VRING_BASE. */
    public void setVringBase(int queue, int base) throws IOException {
        tell(FrontendRequest.SET_VRING_BASE, state(queue, base));
    }

    /** SET_VRING_ADDR, with addresses of the front end. */
    public void setVringAddr(int queue, long descriptors, long available, long used) throws IOException {
        Payload payload = new Payload(VringAddress.BYTES)
                .u32(VringAddress.INDEX, queue)
                .u64(VringAddress.DESCRIPTOR, descriptors)
                .u64(VringAddress.USED, used)
                .u64(VringAddress.AVAILABLE, available);
        tell(FrontendRequest.SET_VRING_ADDR, payload.bytes());
    }

    /** SET_VRING_KICK; without an eventfd: the back end polls. */
    public void setVringKick(int queue, Optional<EventFd> kick) throws IOException {
        tellFd(FrontendRequest.SET_VRING_KICK, queue, kick);
    }

    /** SET_VRING_CALL; without an eventfd: the front end polls. */
    public void setVringCall(int queue, Optional<EventFd> call) throws IOException {
        tellFd(FrontendRequest.SET_VRING_CALL, queue, call);
    }

    /** SET_VRING_ERR. */
    public void setVringErr(int queue, Optional<EventFd> error) throws IOException {
        tellFd(FrontendRequest.SET_VRING_ERR, queue, error);
    }

    /** SET_VRING_ENABLE. */
    public void setVringEnable(int queue, boolean enabled) throws IOException {
        tell(FrontendRequest.SET_VRING_ENABLE, state(queue, enabled ? 1 : 0));
    }

    /** GET_VRING_BASE: stops the ring, and returns where it stopped. */
    public int getVringBase(int queue) throws IOException {
        return stopVring(FrontendRequest.GET_VRING_BASE, queue);
    }

    /** GET_VRING_BASE_SKIP_DRAIN: stops the ring with its requests in flight, and returns where it stopped. */
    public int getVringBaseSkipDrain(int queue) throws IOException {
        return stopVring(FrontendRequest.GET_VRING_BASE_SKIP_DRAIN, queue);
    }

    private int stopVring(FrontendRequest request, int queue) throws IOException {
        Reply reply = ask(request, state(queue, 0));
        requirePayload(reply, VringState.BYTES);
        if (reply.payload().getInt(VringState.INDEX) != queue) {
            throw new IOException(request + " of queue " + queue + " was answered for queue "
                    + reply.payload().getInt(VringState.INDEX));
        }
        return reply.payload().getInt(VringState.NUM);
    }

    /** GET_QUEUE_NUM. */
    public long getQueueNum() throws IOException {
        return askU64(FrontendRequest.GET_QUEUE_NUM);
    }

    /**
     * GET_CONFIG.
     *
     * @return the bytes; empty if the back end answered with an error
     */
    public Optional<byte[]> getConfig(int offset, int size) throws IOException {
        Reply reply = ask(FrontendRequest.GET_CONFIG, config(offset, size, 0, new byte[size]));
        ByteBuffer payload = reply.payload();
        if (payload.limit() == 0) {
            return Optional.empty();
        }
        requirePayload(reply, ConfigSpace.DATA + size);
        if (payload.getInt(ConfigSpace.OFFSET) != offset || payload.getInt(ConfigSpace.SIZE) != size) {
            throw new IOException("GET_CONFIG of " + size + " bytes at " + offset + " was answered with "
                    + payload.getInt(ConfigSpace.SIZE) + " at " + payload.getInt(ConfigSpace.OFFSET));
        }
        byte[] data = new byte[size];
        payload.get(ConfigSpace.DATA, data);
        return Optional.of(data);
    }

    /** SET_CONFIG. */
    public void setConfig(int offset, int flags, byte[] data) throws IOException {
        tell(FrontendRequest.SET_CONFIG, config(offset, data.length, flags, data));
    }

    /** SET_BACKEND_REQ_FD: the back end's own channel. */
    public void setBackendReqFd(Fd channel) throws IOException {
        tell(FrontendRequest.SET_BACKEND_REQ_FD, new byte[0], channel);
    }

    /** RESET_DEVICE. */
    public void resetDevice() throws IOException {
        tell(FrontendRequest.RESET_DEVICE, new byte[0]);
    }

    /** SET_STATUS. */
    public void setStatus(int status) throws IOException {
        tell(FrontendRequest.SET_STATUS, u64(status));
    }

    /** GET_STATUS. */
    public long getStatus() throws IOException {
        return askU64(FrontendRequest.GET_STATUS);
    }

    /** GET_INFLIGHT_FD. */
    public InflightArea getInflightFd(int queues, int queueSize) throws IOException {
        Reply reply = ask(FrontendRequest.GET_INFLIGHT_FD, inflight(0, 0, queues, queueSize));
        requirePayload(reply, INFLIGHT_BYTES);
        if (reply.fds().size() != 1) {
            throw new IOException(
                    "GET_INFLIGHT_FD was answered with " + reply.fds().size() + " descriptors");
        }
        ByteBuffer payload = reply.payload();
        return new InflightArea(
                payload.getLong(0),
                payload.getLong(8),
                queues,
                queueSize,
                reply.fds().get(0));
    }

    /** SET_INFLIGHT_FD. */
    public void setInflightFd(InflightArea area) throws IOException {
        byte[] payload = inflight(area.bytes(), area.offset(), area.queues(), area.queueSize());
        tell(FrontendRequest.SET_INFLIGHT_FD, payload, area.fd());
    }

    /** Sends a request that has a reply, and returns that, checked as far as all replies are alike. */
    public Reply ask(FrontendRequest request, byte[] payload) throws IOException {
        socket.send(FrontendSocket.message(request, MessageHeader.VERSION, payload), List.of());
        return receive(request);
    }

    /** Sends a request that has no reply of its own, and waits for its acknowledgement if those are on. */
    public void tell(FrontendRequest request, byte[] payload, Fd... fds) throws IOException {
        int flags = MessageHeader.VERSION | (acknowledged ? MessageHeader.NEED_REPLY : 0);
        socket.send(FrontendSocket.message(request, flags, payload), List.of(fds));
        if (acknowledged) {
            Reply reply = receive(request);
            requirePayload(reply, Long.BYTES);
            if (reply.u64() != 0) {
                throw new RefusedException(request + " was refused with " + reply.u64());
            }
        }
    }

    private Reply receive(FrontendRequest request) throws IOException {
        Reply reply = socket.receive();
        if (reply.request() != request.code() || reply.flags() != Reply.FLAGS) {
            throw new IOException(request + " was answered with request " + reply.request() + ", flags 0x"
                    + Integer.toHexString(reply.flags()));
        }
        return reply;
    }

    private long askU64(FrontendRequest request) throws IOException {
        Reply reply = ask(request, new byte[0]);
        requirePayload(reply, Long.BYTES);
        return reply.u64();
    }

    private void tellFd(FrontendRequest request, int queue, Optional<EventFd> fd) throws IOException {
        if (fd.isPresent()) {
            tell(request, u64(queue), fd.get().fd());
        } else {
            tell(request, u64(queue | VringFd.NO_FD));
        }
    }

    private static void requirePayload(Reply reply, int bytes) throws IOException {
        if (reply.payload().limit() != bytes) {
            throw new IOException("request " + reply.request() + " was answered with "
                    + reply.payload().limit() + " bytes, " + bytes + " belong there");
        }
    }

    private static byte[] memRegion(MemoryRegion region) {
        Payload payload = new Payload(MemoryTable.REGIONS + MemoryTable.REGION_BYTES);
        region.put(payload, MemoryTable.REGIONS);
        return payload.bytes();
    }

    /** The payload of GET_CONFIG and SET_CONFIG. */
    public static byte[] config(int offset, int size, int flags, byte[] data) {
        return new Payload(ConfigSpace.DATA + data.length)
                .u32(ConfigSpace.OFFSET, offset)
                .u32(ConfigSpace.SIZE, size)
                .u32(ConfigSpace.FLAGS, flags)
                .put(ConfigSpace.DATA, data)
                .bytes();
    }

    /** The payload of a vring's state. */
    public static byte[] state(int queue, int number) {
        return new Payload(VringState.BYTES)
                .u32(VringState.INDEX, queue)
                .u32(VringState.NUM, number)
                .bytes();
    }

    /** The payload that is one 64-bit number. */
    public static byte[] u64(long value) {
        return new Payload(Long.BYTES).u64(0, value).bytes();
    }

    private static byte[] inflight(long bytes, long offset, int queues, int queueSize) {
        return new Payload(INFLIGHT_BYTES)
                .u64(0, bytes)
                .u64(8, offset)
                .u16(16, queues)
                .u16(18, queueSize)
                .bytes();
    }

    @Override
    public void close() {
        socket.close();
    }
}
