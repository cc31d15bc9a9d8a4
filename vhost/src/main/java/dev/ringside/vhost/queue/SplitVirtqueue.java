package dev.ringside.vhost.queue;

import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A split virtqueue (virtio 1.2, 2.7). */
public final class SplitVirtqueue extends Virtqueue {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INDEX = U16.varHandle();

    private final int size;
    private final int mask;
    private final boolean eventIdx;
    private final SplitChainParser parser;
    private final @Nullable SplitInflight inflight;
    private MemorySegment descriptors;
    private MemorySegment available;
    private MemorySegment used;
    /** The next entry of the available ring to take; 16 bits. */
    private int nextAvailable;
    /** The next entry of the used ring to write; 16 bits. */
    private int nextUsed;
    /** The used index that the driver sees; 16 bits. */
    private int publishedUsed;

    /**
     * Attaches to a ring that the driver has set up. Reads the used index from the ring.
     *
     * @param size entries: a power of two from 1 to {@link SplitLayout#MAX_SIZE}
     * @param base the entry of the available ring to begin at, 16 bits (SET_VRING_BASE)
     * @param inflight where requests in flight are tracked, {@link InflightLayout#bytes} long; what it says goes before the
     *     base. Null: nowhere
     * @param memory translates the addresses of the descriptors
     * @param chains where the chains of the pool come from
     */
    SplitVirtqueue(
            int size,
            RingParts parts,
            int base,
            RingFeatures features,
            MemoryCursor memory,
            @Nullable InflightMemory inflight,
            ChainSource chains) {
        super(size, memory, chains);
        this.size = size;
        this.mask = size - 1;
        this.eventIdx = features.eventIdx();
        this.parser = new SplitChainParser(size, features.indirect());
        this.descriptors = parts.descriptors();
        this.available = parts.driver();
        this.used = parts.device();
        this.nextAvailable = base & 0xffff;
        this.nextUsed = Short.toUnsignedInt(used.get(U16, SplitLayout.INDEX));
        this.publishedUsed = nextUsed;
        this.inflight = inflight == null ? null : new SplitInflight(inflight, size);
        if (this.inflight != null) {
            int[] heads = this.inflight.recover(used, nextUsed);
            if (this.inflight.resumed()) {
                nextAvailable = nextUsed + heads.length & 0xffff;
            }
            recover(heads);
        }
    }

    @Override
    public void remap(RingParts parts, MemoryCursor memory) {
        descriptors = parts.descriptors();
        available = parts.driver();
        used = parts.device();
        useMemory(memory);
    }

    @Override
    public int drain(int budget, ChainHandler handler) {
        if (error() != OK) {
            return 0;
        }
        int next = nextAvailable;
        int pending = (availableIndex() - next) & 0xffff;
        if (pending == 0) {
            return 0;
        }
        if (pending > size) {
            fail(QueueError.INDEX_JUMP.code());
            return 0;
        }
        int most = Math.min(pending, budget);
        long enough = parser.parsed() + DESCRIPTORS_PER_TURN;
        int taken = 0;
        while (taken < most && hasFree() && parser.parsed() < enough) {
            int head = availableEntry(next & mask);
            next = (next + 1) & 0xffff;
            nextAvailable = next;
            int status = start(head, handler);
            if (status == NO_ROOM) {
                nextAvailable = (next - 1) & 0xffff;
                break;
            }
            taken++;
            if (status != OK) {
                break;
            }
        }
        return taken;
    }

    @Override
    public void complete(Chain chain, long written) {
        long entry = SplitLayout.RING + (long) (nextUsed & mask) * SplitLayout.USED_ENTRY;
        used.set(U32, entry, chain.head);
        used.set(U32, entry + SplitLayout.USED_LENGTH, (int) written);
        nextUsed = (nextUsed + 1) & 0xffff;
        WriteLog log = log();
        if (log != null) {
            chain.log(log.dirty());
            log.dirty().mark(log.device() + entry, SplitLayout.USED_ENTRY);
        }
        if (inflight != null) {
            inflight.completed(chain.head);
        }
        ended(chain);
        giveBack(chain);
    }

    @Override
    public boolean publish() {
        int old = publishedUsed;
        int now = nextUsed;
        if (old == now) {
            return false;
        }
        // Not a release store: see InflightMemory.
        VarHandle.releaseFence();
        used.set(U16, SplitLayout.INDEX, (short) now);
        publishedUsed = now;
        logDevice(SplitLayout.FLAGS, SplitLayout.RING);
        if (inflight != null) {
            inflight.published(now);
        }
        // The driver writes its wish, then looks at our index; we the other way round.
        VarHandle.fullFence();
        if (eventIdx) {
            int event = Short.toUnsignedInt(available.get(U16, SplitLayout.usedEvent(size)));
            return ((now - event - 1) & 0xffff) < ((now - old) & 0xffff);
        }
        return (available.get(U16, SplitLayout.FLAGS) & SplitLayout.AVAIL_F_NO_INTERRUPT) == 0;
    }

    @Override
    public int unpublished() {
        return (nextUsed - publishedUsed) & 0xffff;
    }

    @Override
    public boolean enableKicks() {
        if (eventIdx) {
            used.set(U16, SplitLayout.availEvent(size), (short) nextAvailable);
            logDevice(SplitLayout.availEvent(size), Short.BYTES);
        } else {
            used.set(U16, SplitLayout.FLAGS, (short) 0);
            logDevice(SplitLayout.FLAGS, Short.BYTES);
        }
        // We write our wish, then look at the driver's index; the driver the other way round.
        VarHandle.fullFence();
        return hasMore();
    }

    @Override
    public boolean hasMore() {
        return error() == OK && availableIndex() != nextAvailable;
    }

    @Override
    public void disableKicks() {
        // With event indices a wish is for one crossing of one index: it has been used up, or asks for one call too
        // many.
        if (!eventIdx) {
            used.set(U16, SplitLayout.FLAGS, (short) SplitLayout.USED_F_NO_NOTIFY);
            logDevice(SplitLayout.FLAGS, Short.BYTES);
        }
    }

    @Override
    int parse(int where, Chain chain) {
        return parser.parse(descriptors, where, memory(), chain);
    }

    @Override
    int parseRecovered(int name, Chain chain) {
        chain.head = name;
        return parser.parse(descriptors, name, memory(), chain);
    }

    @Override
    public boolean tracks() {
        return inflight != null;
    }

    @Override
    public void stopped(boolean anew) {
        if (inflight != null) {
            inflight.stopped(anew);
        }
    }

    @Override
    public int base() {
        return nextAvailable;
    }

    private void logDevice(long offset, long length) {
        WriteLog log = log();
        if (log != null) {
            log.dirty().mark(log.device() + offset, length);
        }
    }

    /**
     * A head, which becomes an offset: read as the upper half of the word that ends with it and the entry behind it, for the
     * reason that {@link InflightMemory} gives. There are as many bytes before the first entry, and enough behind the last.
     */
    private int availableEntry(int position) {
        long word = available.get(U64, (long) position * SplitLayout.AVAILABLE_ENTRY);
        return (int) (word >>> Integer.SIZE) & 0xffff;
    }

    private int availableIndex() {
        return Short.toUnsignedInt((short) INDEX.getAcquire(available, (long) SplitLayout.INDEX));
    }

    /** Returns {@link #OK}, {@link #NO_ROOM} if nothing was done, or what broke the queue. */
    private int start(int head, ChainHandler handler) {
        Chain chain = take();
        chain.head = head;
        int status = parser.parse(descriptors, head, memory(), chain);
        if (status == NO_ROOM) {
            status = parseLonger(head, chain, false);
        }
        if (status == OK) {
            if (inflight != null) {
                inflight.taken(head);
            }
            status = handler.handle(chain);
        }
        if (status != OK) {
            refuse(chain, status);
        }
        return status;
    }
}
