package dev.ringside.vhost.queue;

import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The two ring formats: what sizes, bases, lengths and alignments each allows. */
public enum RingFormat {
    /** Virtio 1.2, 2.7. */
    SPLIT {
        @Override
        public boolean allowsSize(int size) {
            return size >= 1 && size <= SplitLayout.MAX_SIZE && Integer.bitCount(size) == 1;
        }

        @Override
        public boolean allowsBase(int base, int size) {
            return base >= 0 && base <= 0xffff;
        }

        @Override
        public Part descriptors(int size) {
            return new Part("descriptor table", SplitLayout.descriptorBytes(size), SplitLayout.DESCRIPTOR_ALIGNMENT);
        }

        @Override
        public Part driver(int size) {
            return new Part("available ring", SplitLayout.availableBytes(size), SplitLayout.AVAILABLE_ALIGNMENT);
        }

        @Override
        public Part device(int size) {
            return new Part("used ring", SplitLayout.usedBytes(size), SplitLayout.USED_ALIGNMENT);
        }

        @Override
        public Virtqueue attach(
                int size,
                RingParts parts,
                int base,
                RingFeatures features,
                MemoryCursor memory,
                @Nullable MemorySegment inflight,
                ChainSource chains) {
            return new SplitVirtqueue(size, parts, base, features, memory, tracked(inflight), chains);
        }
    },

    /** Virtio 1.2, 2.8. */
    PACKED {
        @Override
        public boolean allowsSize(int size) {
            return size >= 1 && size <= PackedLayout.MAX_SIZE;
        }

        @Override
        public boolean allowsBase(int base, int size) {
            return (base & PackedLayout.WRAP - 1) < size && (base >>> 16 & PackedLayout.WRAP - 1) < size;
        }

        @Override
        public Part descriptors(int size) {
            return new Part("descriptor ring", (long) size * Descriptor.BYTES, PackedLayout.RING_ALIGNMENT);
        }

        @Override
        public Part driver(int size) {
            return new Part("driver event area", PackedLayout.EVENT_BYTES, PackedLayout.EVENT_ALIGNMENT);
        }

        @Override
        public Part device(int size) {
            return new Part("device event area", PackedLayout.EVENT_BYTES, PackedLayout.EVENT_ALIGNMENT);
        }

        @Override
        public Virtqueue attach(
                int size,
                RingParts parts,
                int base,
                RingFeatures features,
                MemoryCursor memory,
                @Nullable MemorySegment inflight,
                ChainSource chains) {
            // Some front ends know of the lower half only; a ring that was drained has the same in both.
            int both = base >>> 16 == 0 ? base | base << 16 : base;
            return new PackedVirtqueue(size, parts, both, features, memory, tracked(inflight), chains);
        }
    };

    /** A part of a ring: its name, how long it is in bytes, and what its address is a multiple of. */
    public record Part(String name, long bytes, int alignment) {}

    /** The format that was negotiated. */
    public static RingFormat of(long features) {
        return (features & VirtioFeature.RING_PACKED) != 0 ? PACKED : SPLIT;
    }

    /** Whether a ring may have so many entries. */
    public abstract boolean allowsSize(int size);

    /** Whether a ring of a size may begin at a base (SET_VRING_BASE). */
    public abstract boolean allowsBase(int base, int size);

    private static @Nullable InflightMemory tracked(@Nullable MemorySegment inflight) {
        return inflight == null ? null : new InflightMemory(inflight);
    }

    /** The descriptor area. */
    public abstract Part descriptors(int size);

    /** The driver area. */
    public abstract Part driver(int size);

    /** The device area. */
    public abstract Part device(int size);

    /** Attaches to a ring of this format; size and base are allowed, the parts are as long as they have to be. */
    public abstract Virtqueue attach(
            int size,
            RingParts parts,
            int base,
            RingFeatures features,
            MemoryCursor memory,
            @Nullable MemorySegment inflight,
            ChainSource chains);
}
