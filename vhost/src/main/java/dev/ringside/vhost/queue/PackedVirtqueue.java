package dev.ringside.vhost.queue;

import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A packed virtqueue (virtio 1.2, 2.8). */
public final class PackedVirtqueue extends Virtqueue {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = U16.varHandle();
    private static final int NONE = -1;

    private final int size;
    private final boolean eventIdx;
    private final PackedChainParser parser;
    private final @Nullable PackedInflight inflight;
    private MemorySegment ring;
    private MemorySegment driverEvent;
    private MemorySegment deviceEvent;
    /** The entry of the next descriptor to take, and the driver's wrap counter there. */
    private int nextAvailable;

    private boolean availableWrap;
    /** Entries of the chains that were taken and not completed. */
    private int takenEntries;

    /** The entry of the next used descriptor to write, and the device's wrap counter there. */
    private int nextUsed;

    private boolean usedWrap;
    /** The first used descriptor of the batch, whose flags show the whole batch to the driver; NONE without a batch. */
    private int batchSlot = NONE;

    private short batchFlags;
    /** Ring entries that the batch covers, and completed requests in it. */
    private int batchEntries;

    private int batchRequests;

    /**
     * Attaches to a ring that the driver has set up.
     *
     * @param size entries, 1 to {@link PackedLayout#MAX_SIZE}
     * @param base where to begin, as SET_VRING_BASE says: the available entry in bits 0 to 14, its wrap counter in bit 15,
     *     the used entry and its wrap counter in bits 16 to 30 and 31; both entries below {@code size}
     * @param inflight where requests in flight are tracked, {@link InflightLayout#bytes} long; what it says goes before the
     *     base. Null: nowhere
     * @param memory translates the addresses of the descriptors
     * @param chains where the chains of the pool come from
     */
    PackedVirtqueue(
            int size,
            RingParts parts,
            int base,
            RingFeatures features,
            MemoryCursor memory,
            @Nullable InflightMemory inflight,
            ChainSource chains) {
        super(size, memory, chains);
        this.size = size;
        this.eventIdx = features.eventIdx();
        this.parser = new PackedChainParser(size, features.indirect());
        this.ring = parts.descriptors();
        this.driverEvent = parts.driver();
        this.deviceEvent = parts.device();
        this.nextAvailable = base & PackedLayout.WRAP - 1;
        this.availableWrap = (base & PackedLayout.WRAP) != 0;
        this.nextUsed = base >>> 16 & PackedLayout.WRAP - 1;
        this.usedWrap = base < 0;
        this.inflight = inflight == null ? null : new PackedInflight(inflight, size);
        if (this.inflight != null) {
            resume(this.inflight);
        }
    }

    /** Goes on where the region says: used entries as it has them, and behind those what was in flight. */
    private void resume(PackedInflight region) {
        int[] states = region.recover(ring, nextUsed | (usedWrap ? PackedLayout.WRAP : 0));
        if (!region.resumed()) {
            return;
        }
        int used = region.used();
        if ((used & PackedLayout.WRAP - 1) >= size) {
            fail(QueueError.BAD_INFLIGHT_REGION.code());
            return;
        }
        recover(states);
        nextUsed = used & PackedLayout.WRAP - 1;
        usedWrap = (used & PackedLayout.WRAP) != 0;
        int entries = 0;
        for (int state : states) {
            entries += region.entriesOf(state);
        }
        if (entries > size) {
            fail(QueueError.BAD_INFLIGHT_REGION.code());
            return;
        }
        takenEntries = entries;
        nextAvailable = nextUsed;
        availableWrap = usedWrap;
        for (int i = 0; i < entries; i++) {
            makeAvailable(nextAvailable, availableWrap);
            advanceAvailable(1);
        }
    }

    /**
     * Takes back a used descriptor that a predecessor wrote and did not publish. The driver has not looked at it; it would,
     * as soon as a shorter used chain is published in front of it.
     */
    private void makeAvailable(int slot, boolean wrap) {
        long at = (long) slot * Descriptor.BYTES + PackedLayout.FLAGS;
        int others = ring.get(U16, at) & ~(PackedLayout.F_AVAIL | PackedLayout.F_USED);
        ring.set(U16, at, (short) (others | (wrap ? PackedLayout.F_AVAIL : PackedLayout.F_USED)));
    }

    private void advanceAvailable(int entries) {
        nextAvailable += entries;
        if (nextAvailable >= size) {
            nextAvailable -= size;
            availableWrap = !availableWrap;
        }
    }

    @Override
    public void remap(RingParts parts, MemoryCursor memory) {
        ring = parts.descriptors();
        driverEvent = parts.driver();
        deviceEvent = parts.device();
        useMemory(memory);
    }

    @Override
    public int drain(int budget, ChainHandler handler) {
        if (error() != OK) {
            return 0;
        }
        long enough = parser.parsed() + DESCRIPTORS_PER_TURN;
        int taken = 0;
        while (taken < budget && hasFree() && parser.parsed() < enough && isAvailable()) {
            int status = start(handler);
            if (status == NO_ROOM) {
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
        long at = (long) nextUsed * Descriptor.BYTES;
        int flags = usedWrap ? PackedLayout.F_AVAIL | PackedLayout.F_USED : 0;
        if (written > 0) {
            flags |= Descriptor.F_WRITE;
        }
        ring.set(U32, at + PackedLayout.LENGTH, (int) written);
        ring.set(U16, at + PackedLayout.ID, (short) chain.head);
        if (batchSlot == NONE) {
            batchSlot = nextUsed;
            batchFlags = (short) flags;
        } else {
            ring.set(U16, at + PackedLayout.FLAGS, (short) flags);
        }
        WriteLog log = log();
        if (log != null) {
            chain.log(log.dirty());
            log.dirty().mark(log.descriptors() + at, Descriptor.BYTES);
        }
        nextUsed += chain.descriptors;
        takenEntries -= chain.descriptors;
        batchEntries += chain.descriptors;
        batchRequests++;
        if (nextUsed >= size) {
            nextUsed -= size;
            usedWrap = !usedWrap;
        }
        if (inflight != null) {
            inflight.completed(chain);
        }
        ended(chain);
        giveBack(chain);
    }

    @Override
    public boolean publish() {
        if (batchSlot == NONE) {
            return false;
        }
        if (inflight != null) {
            inflight.publishing(nextUsed | (usedWrap ? PackedLayout.WRAP : 0));
        }
        // Not a release store: see InflightMemory.
        VarHandle.releaseFence();
        ring.set(U16, (long) batchSlot * Descriptor.BYTES + PackedLayout.FLAGS, batchFlags);
        WriteLog log = log();
        if (log != null) {
            log.dirty().mark(log.descriptors() + (long) batchSlot * Descriptor.BYTES, Descriptor.BYTES);
        }
        if (inflight != null) {
            inflight.published();
        }
        int entries = batchEntries;
        batchSlot = NONE;
        batchEntries = 0;
        batchRequests = 0;
        // The driver writes its wish, then looks at our descriptor; we the other way round.
        VarHandle.fullFence();
        int wish = driverEvent.get(U16, PackedLayout.EVENT_FLAGS) & 0x3;
        if (wish == PackedLayout.EVENT_DESC && eventIdx) {
            return crossed(Short.toUnsignedInt(driverEvent.get(U16, PackedLayout.EVENT_OFF_WRAP)), entries);
        }
        return wish != PackedLayout.EVENT_DISABLE;
    }

    @Override
    public int unpublished() {
        return batchRequests;
    }

    @Override
    public boolean enableKicks() {
        if (eventIdx) {
            int offWrap = nextAvailable | (availableWrap ? PackedLayout.WRAP : 0);
            deviceEvent.set(U16, PackedLayout.EVENT_OFF_WRAP, (short) offWrap);
            VarHandle.releaseFence();
            deviceEvent.set(U16, PackedLayout.EVENT_FLAGS, (short) PackedLayout.EVENT_DESC);
        } else {
            deviceEvent.set(U16, PackedLayout.EVENT_FLAGS, (short) PackedLayout.EVENT_ENABLE);
        }
        logDevice();
        // We write our wish, then look at the driver's descriptor; the driver the other way round.
        VarHandle.fullFence();
        return hasMore();
    }

    @Override
    public boolean hasMore() {
        return error() == OK && isAvailable();
    }

    @Override
    public void disableKicks() {
        deviceEvent.set(U16, PackedLayout.EVENT_FLAGS, (short) PackedLayout.EVENT_DISABLE);
        logDevice();
    }

    @Override
    int parse(int where, Chain chain) {
        return parser.parse(ring, where, memory(), chain);
    }

    @Override
    int parseRecovered(int name, Chain chain) {
        // Nobody but a region names requests.
        return parser.parseRecovered(Objects.requireNonNull(inflight), name, memory(), chain);
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
        int available = nextAvailable | (availableWrap ? PackedLayout.WRAP : 0);
        int used = nextUsed | (usedWrap ? PackedLayout.WRAP : 0);
        return available | used << 16;
    }

    private void logDevice() {
        WriteLog log = log();
        if (log != null) {
            log.dirty().mark(log.device(), PackedLayout.EVENT_BYTES);
        }
    }

    /** Whether the used entries went past the one at which the driver wants an interrupt (virtio 1.2, 2.8.10). */
    private boolean crossed(int offWrap, int entries) {
        int event = offWrap & PackedLayout.WRAP - 1;
        if ((offWrap & PackedLayout.WRAP) != 0 != usedWrap) {
            event -= size;
        }
        return (nextUsed - event - 1 & 0xffff) < entries;
    }

    private boolean isAvailable() {
        int flags = (short) SHORT.getAcquire(ring, (long) nextAvailable * Descriptor.BYTES + PackedLayout.FLAGS);
        boolean available = (flags & PackedLayout.F_AVAIL) != 0;
        boolean used = (flags & PackedLayout.F_USED) != 0;
        return available == availableWrap && used != availableWrap;
    }

    /** Returns {@link #OK}, {@link #NO_ROOM} if nothing was done, or what broke the queue. */
    private int start(ChainHandler handler) {
        Chain chain = take();
        int status = parser.parse(ring, nextAvailable, memory(), chain);
        if (status == NO_ROOM) {
            status = parseLonger(nextAvailable, chain, false);
        }
        if (status == OK && takenEntries + chain.descriptors > size) {
            status = QueueError.INDEX_JUMP.code();
        }
        if (status == OK && inflight != null && !inflight.taken(ring, nextAvailable, chain)) {
            status = QueueError.BAD_INFLIGHT_REGION.code();
        }
        if (status == OK) {
            takenEntries += chain.descriptors;
            advanceAvailable(chain.descriptors);
            status = handler.handle(chain);
        }
        if (status != OK) {
            refuse(chain, status);
        }
        return status;
    }
}
