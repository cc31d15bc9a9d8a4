package dev.ringside.vhost.rehearsal;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.InflightDescription;
import dev.ringside.vhost.wire.MemoryTable;
import dev.ringside.vhost.wire.MessageHeader;
import dev.ringside.vhost.wire.ProtocolFeature;
import dev.ringside.vhost.wire.VringAddress;
import dev.ringside.vhost.wire.VringState;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A front end with one queue, in the shape that Linux guests under QEMU use. One thread. */
public final class RehearsalGuest implements AutoCloseable {
    private static final long USER_BASE = 1L << 32;
    private static final long PATIENCE_MS = 10_000;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment message = arena.allocate(512, 8);
    private final UnixConnection connection;
    private final RehearsalMemory memory;
    private final RehearsalRing ring;
    private final EventFd kick = EventFd.create();
    private final EventFd call = EventFd.create();

    private RehearsalGuest(UnixConnection connection, RingFormat format, boolean indirect) throws IOException {
        this.connection = connection;
        this.memory = new RehearsalMemory();
        this.ring = switch (format) {
            case SPLIT -> new SplitRehearsal(memory, indirect);
            case PACKED -> new PackedRehearsal(memory, indirect);
        };
    }

    /**
     * Connects to a controller and starts a ring.
     *
     * @param indirect whether requests are in indirect tables
     */
    public static RehearsalGuest connect(Path socket, RingFormat format, boolean indirect) throws IOException {
        RehearsalGuest guest = new RehearsalGuest(UnixConnection.connect(socket), format, indirect);
        try {
            guest.connection.setReceiveTimeout(PATIENCE_MS);
            guest.start(format);
            return guest;
        } catch (IOException | RuntimeException e) {
            guest.close();
            throw e;
        }
    }

    /**
     * Reads and writes.
     *
     * @param ns for how long; at least one batch is done
     * @return how many requests ended
     * @throws IOException if one does not within 10 s
     */
    public long work(long ns) throws IOException {
        long start = System.nanoTime();
        long requests = 0;
        do {
            ring.submit();
            kick.signal();
            while (!ring.done()) {
                if (System.nanoTime() - start > ns + PATIENCE_MS * 1_000_000) {
                    throw new IOException("a request of the rehearsal has not ended");
                }
                // Not a spin: the reactor of the rehearsal may need this very processor.
                LockSupport.parkNanos(1);
            }
            requests += RehearsalMemory.REQUESTS;
        } while (System.nanoTime() - start < ns);
        return requests;
    }

    private void start(RingFormat format) throws IOException {
        long packed = format == RingFormat.PACKED ? VirtioFeature.RING_PACKED : 0;
        u64(FrontendRequest.SET_PROTOCOL_FEATURES, ProtocolFeature.INFLIGHT_SHMFD);
        u64(
                FrontendRequest.SET_FEATURES,
                VirtioFeature.VERSION_1
                        | VirtioFeature.PROTOCOL_FEATURES
                        | VirtioFeature.RING_INDIRECT_DESC
                        | VirtioFeature.RING_EVENT_IDX
                        | packed);
        useInflight();
        useMemory();
        state(FrontendRequest.SET_VRING_NUM, ring.size());
        state(FrontendRequest.SET_VRING_BASE, ring.base());
        MemorySegment where = payload(VringAddress.BYTES);
        where.set(U64, VringAddress.DESCRIPTOR, USER_BASE + RehearsalMemory.RING);
        where.set(U64, VringAddress.AVAILABLE, USER_BASE + RehearsalMemory.DRIVER);
        where.set(U64, VringAddress.USED, USER_BASE + RehearsalMemory.DEVICE);
        send(FrontendRequest.SET_VRING_ADDR, where, List.of());
        send(FrontendRequest.SET_VRING_KICK, payload(Long.BYTES), List.of(kick.fd()));
        send(FrontendRequest.SET_VRING_CALL, payload(Long.BYTES), List.of(call.fd()));
        state(FrontendRequest.SET_VRING_ENABLE, 1);
    }

    private void useInflight() throws IOException {
        MemorySegment wanted = payload(InflightDescription.BYTES);
        wanted.set(ValueLayout.JAVA_SHORT, InflightDescription.NUM_QUEUES, (short) 1);
        wanted.set(ValueLayout.JAVA_SHORT, InflightDescription.QUEUE_SIZE, (short) ring.size());
        send(FrontendRequest.GET_INFLIGHT_FD, wanted, List.of());
        List<Fd> fds = new ArrayList<>();
        try {
            int got = connection.receive(message, 0, MessageHeader.BYTES + InflightDescription.BYTES, fds);
            if (got != MessageHeader.BYTES + InflightDescription.BYTES || fds.size() != 1) {
                throw new IOException("GET_INFLIGHT_FD was answered with " + got + " bytes");
            }
            send(FrontendRequest.SET_INFLIGHT_FD, message.asSlice(MessageHeader.BYTES, InflightDescription.BYTES), fds);
        } finally {
            fds.forEach(Fd::close);
        }
    }

    private void useMemory() throws IOException {
        MemorySegment table = payload(MemoryTable.REGIONS + MemoryTable.REGION_BYTES);
        table.set(U32, MemoryTable.COUNT, 1);
        table.set(U64, MemoryTable.REGIONS + MemoryTable.MEMORY_SIZE, RehearsalMemory.BYTES);
        table.set(U64, MemoryTable.REGIONS + MemoryTable.USER_ADDRESS, USER_BASE);
        send(FrontendRequest.SET_MEM_TABLE, table, List.of(memory.shared().file()));
    }

    private void u64(FrontendRequest request, long value) throws IOException {
        MemorySegment payload = payload(Long.BYTES);
        payload.set(U64, 0, value);
        send(request, payload, List.of());
    }

    private void state(FrontendRequest request, int number) throws IOException {
        MemorySegment payload = payload(VringState.BYTES);
        payload.set(U32, VringState.NUM, number);
        send(request, payload, List.of());
    }

    private MemorySegment payload(long bytes) {
        return message.asSlice(MessageHeader.BYTES, bytes).fill((byte) 0);
    }

    /** Sends a message whose payload is where {@link #payload} gave it out. */
    private void send(FrontendRequest request, MemorySegment payload, List<Fd> fds) throws IOException {
        message.set(U32, MessageHeader.REQUEST, request.code());
        message.set(U32, MessageHeader.FLAGS, MessageHeader.VERSION);
        message.set(U32, MessageHeader.SIZE, (int) payload.byteSize());
        connection.send(message, 0, MessageHeader.BYTES + payload.byteSize(), fds);
    }

    @Override
    public void close() {
        connection.close();
        memory.close();
        kick.close();
        call.close();
        arena.close();
    }
}
