package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.MemoryRegion;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.wire.FrontendRequest;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A front end that sends any message and writes anything into its rings; most of it nearly right. */
final class FuzzingFrontend implements AutoCloseable {
    private static final int QUEUES = 3;
    private static final int SIZE = 16;
    private static final long REGION = 1 << 20;
    private static final long[] EDGES = {
        0, 1, 2, 4095, 4096, REGION - 1, REGION, 1L << 31, 1L << 32, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, -1, -4096
    };

    private final Random random;
    private final VhostUserFrontend front;
    private final GuestRam ram;
    private final EventFd event = EventFd.create();
    private final SplitRing[] rings = new SplitRing[QUEUES];
    private final boolean truncates;
    private boolean open = true;
    private int refused;

    FuzzingFrontend(TargetRig rig, String controller, long seed) throws IOException {
        random = new Random(seed);
        ram = GuestRam.of(
                new GuestRegion.Layout(0, REGION, GuestRam.USER_BASE, 0),
                new GuestRegion.Layout(REGION, REGION, GuestRam.USER_BASE + 8 * REGION, 4096),
                new GuestRegion.Layout(1L << 33, REGION, GuestRam.USER_BASE + 4 * REGION, 0));
        for (int i = 0; i < QUEUES; i++) {
            rings[i] = SplitRing.allocate(ram, SIZE);
        }
        truncates = random.nextInt(3) == 0;
        front = rig.connect(controller);
    }

    /** Does so many steps, or fewer if the back end closes the connection; returns how many. */
    int run(int steps) throws IOException {
        int done = 0;
        try {
            if (random.nextInt(8) > 0) {
                start();
            }
            while (open && done < steps) {
                try {
                    step();
                } catch (RefusedException e) {
                    refused++;
                }
                done++;
            }
            if (open && truncates) {
                truncate();
            }
        } catch (EOFException e) {
            open = false;
        } catch (IOException e) {
            // What the back end refuses it answers or closes; the end of the connection shows as either of these.
            String said = String.valueOf(e.getMessage());
            if (!said.contains("EPIPE") && !said.contains("ECONNRESET")) {
                throw e;
            }
        }
        return done;
    }

    /** The last step, since an access of our own would fault as the back end's does. */
    private void truncate() throws IOException {
        for (SplitRing ring : rings) {
            request(ring);
        }
        ram.region(random.nextInt(3)).truncate(random.nextInt(4) * 4096L);
        event.signal();
        if (random.nextBoolean()) {
            front.getFeatures();
        }
    }

    /** How many requests the back end has refused with an answer. */
    int refused() {
        return refused;
    }

    private void start() throws IOException {
        acknowledge(random.nextInt(4) > 0);
        front.setFeatures(front.getFeatures() & anyFeatures());
        front.setMemTable(ram);
        for (int i = 0; i < QUEUES; i++) {
            front.setVringNum(i, SIZE);
            front.setVringBase(i, 0);
            address(i);
            front.setVringKick(i, random.nextInt(4) == 0 ? Optional.empty() : Optional.of(event));
            front.setVringCall(i, Optional.of(event));
            front.setVringEnable(i, true);
        }
    }

    private long anyFeatures() {
        long one = random.nextLong();
        long other = random.nextLong();
        return one | other | 1L << 32;
    }

    private void address(int i) throws IOException {
        front.setVringAddr(
                i,
                ram.userAddress(rings[i].descriptorArea()),
                ram.userAddress(rings[i].driverArea()),
                ram.userAddress(rings[i].deviceArea()));
    }

    private void step() throws IOException {
        int dice = random.nextInt(100);
        if (dice < 55) {
            request(rings[random.nextInt(QUEUES)]);
        } else if (dice < 62) {
            scribble(rings[random.nextInt(QUEUES)]);
        } else if (dice < 88) {
            message();
        } else if (dice < 93) {
            restart(random.nextInt(QUEUES));
        } else if (dice < 96) {
            nonsense();
        } else {
            front.getFeatures();
        }
        event.signal();
    }

    /** A request that is right in most parts. */
    private void request(SplitRing ring) {
        long header = 512L * 1024 + random.nextInt(64) * 64L;
        int type = random.nextInt(10) == 0
                ? random.nextInt()
                : List.of(0, 1, 4, 8, 11, 13).get(random.nextInt(6));
        put(header, type, random.nextInt(20) == 0 ? edge() : random.nextInt(8192));
        int at = random.nextInt(SIZE);
        int middle = random.nextInt(3);
        int flags = type == BlkLayout.T_IN || type == BlkLayout.T_GET_ID ? Descriptor.F_WRITE : 0;
        int[] index = new int[middle + 2];
        for (int i = 0; i < index.length; i++) {
            index[i] = (at + i * 3) % SIZE;
        }
        long table = 600L * 1024 + random.nextInt(16) * 256L;
        boolean indirect = random.nextInt(3) == 0;
        for (int i = 0; i < index.length; i++) {
            boolean last = i == index.length - 1;
            long address = i == 0 ? header : last ? header + 32 : REGION - 2048 + random.nextInt(4096);
            int length = i == 0 ? 16 : last ? 1 : random.nextInt(6) * 512;
            int own = (last ? Descriptor.F_WRITE : Descriptor.F_NEXT) | (i > 0 && !last ? flags : 0);
            if (indirect) {
                set(table + i * 16L, address, length, own, last ? 0 : i + 1);
            } else {
                ring.descriptor(index[i], maybe(address), length, own, last ? 0 : index[i + 1]);
            }
        }
        if (indirect) {
            ring.descriptor(at, table, index.length * 16, Descriptor.F_INDIRECT, 0);
        }
        int available = ring.availableIndex();
        ring.availableEntry(available, random.nextInt(200) == 0 ? random.nextInt() : at);
        ring.availableIndex(available + 1);
    }

    private void put(long header, int type, long sector) {
        ram.region(0).memory().set(ValueLayout.JAVA_INT_UNALIGNED, header, type);
        ram.region(0).memory().set(ValueLayout.JAVA_LONG_UNALIGNED, header + 8, sector);
    }

    private void set(long table, long address, int length, int flags, int next) {
        SplitRing.descriptor(ram.region(0).memory(), table, maybe(address), length, flags, next);
    }

    private long maybe(long value) {
        return random.nextInt(100) == 0 ? edge() : value;
    }

    private long edge() {
        return EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
    }

    private void scribble(SplitRing ring) {
        switch (random.nextInt(6)) {
            case 0 ->
                ring.descriptor(
                        random.nextInt(SIZE), edge(), random.nextInt(), random.nextInt(8), random.nextInt(SIZE + 2));
            case 1 -> ring.availableFlags(random.nextInt(3));
            case 2 -> ring.usedEvent(random.nextInt());
            case 3 -> ring.usedIndex(random.nextInt());
            case 4 -> ring.availableIndex(ring.availableIndex() + random.nextInt(SIZE));
            default -> ring.availableEntry(random.nextInt(SIZE), random.nextInt(SIZE + 1));
        }
    }

    private void message() throws IOException {
        int ring = random.nextInt(QUEUES + 1);
        switch (random.nextInt(14)) {
            case 0 -> front.setVringEnable(ring, random.nextBoolean());
            case 1 -> front.getVringBase(ring);
            case 2 -> front.setVringCall(ring, random.nextBoolean() ? Optional.of(event) : Optional.empty());
            case 3 -> front.setVringErr(ring, random.nextBoolean() ? Optional.of(event) : Optional.empty());
            case 4 -> front.setVringKick(ring, random.nextBoolean() ? Optional.of(event) : Optional.empty());
            case 5 -> front.setMemTable(ram);
            case 6 -> front.setMemTable(someRegions());
            case 7 -> front.getConfig(random.nextInt(260), random.nextInt(64));
            case 8 -> front.setFeatures(front.getFeatures());
            case 9 -> address(random.nextInt(QUEUES));
            case 10 -> addOrRemove();
            case 11 -> front.resetOwner();
            case 12 -> acknowledge(random.nextBoolean());
            default -> front.setProtocolFeatures(front.getProtocolFeatures());
        }
    }

    private void acknowledge(boolean on) throws IOException {
        front.acknowledge(false);
        front.setProtocolFeatures(front.getProtocolFeatures());
        front.acknowledge(on);
    }

    private List<MemoryRegion> someRegions() {
        List<MemoryRegion> regions = new ArrayList<>();
        for (GuestRegion region : ram.regions()) {
            MemoryRegion right = MemoryRegion.of(region);
            if (random.nextInt(4) > 0) {
                regions.add(new MemoryRegion(
                        maybe(right.guestAddress()),
                        maybe(right.size()),
                        maybe(right.userAddress()),
                        maybe(right.mmapOffset()),
                        right.fd()));
            }
        }
        return regions;
    }

    private void addOrRemove() throws IOException {
        MemoryRegion region = MemoryRegion.of(ram.region(random.nextInt(3)));
        acknowledge(true);
        if (random.nextBoolean()) {
            front.removeMemRegion(region);
        } else {
            front.addMemRegion(region);
        }
    }

    private void restart(int ring) throws IOException {
        int base = front.getVringBase(ring);
        int size = random.nextInt(8) == 0 ? 1 << random.nextInt(5) : SIZE;
        if (random.nextBoolean()) {
            rings[ring].clear();
            base = 0;
        }
        front.setVringNum(ring, size);
        front.setVringBase(ring, base);
        address(ring);
        front.setVringKick(ring, Optional.of(event));
    }

    /** A message of any kind with any payload and a few descriptors. */
    private void nonsense() throws IOException {
        FrontendRequest[] all = FrontendRequest.values();
        FrontendRequest request = all[random.nextInt(all.length)];
        int size = random.nextInt(10) == 0
                ? random.nextInt(300)
                : request.minPayload() + random.nextInt(request.maxPayload() - request.minPayload() + 1);
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i += 1 + random.nextInt(8)) {
            payload[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(3));
        }
        List<Fd> fds = new ArrayList<>();
        for (int i = random.nextInt(request.maxFds() + 1); i > 0; i--) {
            fds.add(random.nextBoolean() ? event.fd() : ram.region(0).file());
        }
        boolean answered = request.name().startsWith("GET_")
                || request == FrontendRequest.SET_PROTOCOL_FEATURES
                || random.nextInt(4) == 0;
        front.socket().send(FrontendSocket.message(request, answered ? 9 : 1, payload), fds);
        if (answered) {
            // Perhaps, and with what is not known: the conversation has lost its thread.
            open = false;
        }
    }

    @Override
    public void close() {
        front.close();
        event.close();
        ram.close();
    }
}
