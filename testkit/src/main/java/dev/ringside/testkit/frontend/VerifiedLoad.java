package dev.ringside.testkit.frontend;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A guest that keeps requests in flight in all slots of all its queues, and knows what its disk holds: all that is read is
 * compared. Requests that are in flight together do not touch the same blocks if one of them writes; what a write has left that
 * failed is not known until the next one. One thread, unless a method says otherwise.
 */
public final class VerifiedLoad {
    /** What has one content: a multiple of every block size. */
    private static final int PIECE = 4096;

    private static final int SECTORS = PIECE / BlkLayout.SECTOR;
    private static final long PAUSE_NS = 20_000;
    private static final int UNKNOWN = 0;
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final BlkFrontend guest;
    private final Random random;
    /** How often each piece was written, or {@link #UNKNOWN}. */
    private final int[] contents;
    /** How many requests read each piece, or -1: one writes it. */
    private final int[] users;

    private final List<Lane> lanes = new ArrayList<>();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private int writes;
    private int inFlight;

    /**
     * Makes a load that has not begun.
     *
     * @param guest with slots of a multiple of 4096 bytes; nobody else uses its queues meanwhile
     * @param options those of the guest
     */
    public VerifiedLoad(BlkFrontend guest, BlkOptions options, long seed) {
        this.guest = guest;
        this.random = new Random(seed);
        int pieces = (int) (guest.sectors() / SECTORS);
        this.contents = new int[pieces];
        this.users = new int[pieces];
        for (BlkDriverQueue queue : guest.queues()) {
            lanes.add(new Lane(queue, options));
        }
    }

    /** How many requests have ended; any thread. */
    public long ended() {
        return ended.get();
    }

    /** How many of them with VIRTIO_BLK_S_IOERR; any thread. */
    public long failed() {
        return failed.get();
    }

    /**
     * Does requests until it is enough, and waits for those that are in flight.
     *
     * @throws IllegalStateException if what is read is not what was written, a request ends twice or not within the deadline, or
     *     with another status than VIRTIO_BLK_S_OK and VIRTIO_BLK_S_IOERR
     */
    public void run(BooleanSupplier enough) {
        long last = System.nanoTime();
        boolean more = true;
        while (more || inFlight > 0) {
            more = !enough.getAsBoolean();
            int done = 0;
            for (Lane lane : lanes) {
                done += lane.turn(more);
            }
            long now = System.nanoTime();
            if (done > 0) {
                last = now;
            } else if (now - last > BlkDriverQueue.DEADLINE_NS) {
                throw new IllegalStateException(inFlight + " requests do not end within the deadline");
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /** Reads all that is known, one piece after the other, when nothing is in flight; how many pieces that are. */
    public int verifyAll() {
        int known = 0;
        BlkDriverQueue queue = guest.queue(0);
        Lane lane = lanes.getFirst();
        for (int piece = 0; piece < contents.length; piece++) {
            if (contents[piece] != UNKNOWN) {
                known++;
                lane.slots[0].begin(BlkLayout.T_IN, piece, 1);
                queue.kick();
                queue.await();
                lane.ended(queue.reap());
            }
        }
        return known;
    }

    /** A queue with its slots. */
    private final class Lane {
        private final BlkDriverQueue queue;
        private final Slot[] slots;
        private final ArrayDeque<Slot> free = new ArrayDeque<>();

        Lane(BlkDriverQueue queue, BlkOptions options) {
            this.queue = queue;
            this.slots = new Slot[options.slots()];
            for (int i = 0; i < slots.length; i++) {
                slots[i] = new Slot(queue, i, options.slotBytes());
                free.add(slots[i]);
            }
        }

        /** Takes back what has ended, and begins what there is room for; how many have ended. */
        int turn(boolean more) {
            int done = 0;
            for (int slot = queue.reap(); slot >= 0; slot = queue.reap()) {
                ended(slot);
                free.add(slots[slot]);
                done++;
            }
            int begun = 0;
            for (int tries = more ? free.size() : 0; tries > 0; tries--) {
                Slot slot = free.element();
                if (slot.begin()) {
                    free.remove();
                    begun++;
                }
            }
            if (begun > 0) {
                queue.kick();
            }
            return done;
        }

        void ended(int slot) {
            slots[slot].end(queue.status(slot));
        }
    }

    /** A request at a time. */
    private final class Slot {
        private final BlkDriverQueue queue;
        private final int index;
        private final int most;
        private final MemorySegment data;
        private int type;
        private int first;
        private int count;
        private int content;

        Slot(BlkDriverQueue queue, int index, int bytes) {
            GuestRam ram = guest.ram();
            this.queue = queue;
            this.index = index;
            this.most = bytes / PIECE;
            this.data = ram.at(queue.dataAddress(index), bytes);
        }

        /** Begins something; false if it would touch what others use. */
        boolean begin() {
            int pieces = 1 + random.nextInt(most);
            int at = random.nextInt(contents.length - pieces + 1);
            int dice = random.nextInt(16);
            if (dice == 0) {
                begin(BlkLayout.T_FLUSH, 0, 0);
                return true;
            }
            boolean write = dice < 9;
            for (int piece = at; piece < at + pieces; piece++) {
                if (users[piece] < 0 || (write && users[piece] > 0)) {
                    return false;
                }
            }
            begin(write ? BlkLayout.T_OUT : BlkLayout.T_IN, at, pieces);
            return true;
        }

        void begin(int what, int at, int pieces) {
            type = what;
            first = at;
            count = pieces;
            if (type == BlkLayout.T_OUT) {
                content = ++writes;
                Arrays.fill(contents, at, at + pieces, UNKNOWN);
                for (int i = 0; i < pieces; i++) {
                    fill(i);
                }
            } else {
                data.asSlice(0, (long) pieces * PIECE).fill((byte) 0xee);
            }
            use(1);
            inFlight++;
            boolean table = queue.indirect() && random.nextBoolean();
            if (!queue.submit(index, type, (long) at * SECTORS, pieces * PIECE, table)) {
                throw new IllegalStateException("the ring is full");
            }
        }

        void end(int status) {
            inFlight--;
            use(-1);
            if (status == BlkLayout.S_OK) {
                if (type == BlkLayout.T_OUT) {
                    Arrays.fill(contents, first, first + count, content);
                } else {
                    compare();
                }
            } else if (status == BlkLayout.S_IOERR) {
                failed.incrementAndGet();
            } else {
                throw new IllegalStateException(
                        "a request of type " + type + " at piece " + first + " ended with status " + status);
            }
            ended.incrementAndGet();
        }

        private void use(int change) {
            for (int piece = first; piece < first + count; piece++) {
                users[piece] += type == BlkLayout.T_OUT ? -change : change;
            }
        }

        private void fill(int index) {
            long start = start(first + index, content);
            for (int at = 0; at < PIECE; at += Long.BYTES) {
                data.set(ValueLayout.JAVA_LONG_UNALIGNED, (long) index * PIECE + at, start + at);
            }
        }

        private void compare() {
            for (int i = 0; i < count; i++) {
                int expected = contents[first + i];
                long start = start(first + i, expected);
                for (int at = 0; expected != UNKNOWN && at < PIECE; at += Long.BYTES) {
                    if (data.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * PIECE + at) != start + at) {
                        throw new IllegalStateException("piece " + (first + i)
                                + " is not what was written last: its byte " + at + " is another");
                    }
                }
            }
        }

        /** The first word of a piece. */
        private static long start(int piece, int content) {
            return (((long) content << 24) + piece) * GOLDEN;
        }
    }
}
