package dev.ringside.benchmarks.ring;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The descriptors of each slot's header, data and answer, where they stand for ever: in an indirect table of each slot's own,
 * or in the table of a split ring. Written once; only the direction of the data changes, and with it, where the shape wants
 * that, the order of the last two.
 */
final class SlotChains {
    /** Buffers of a chain. */
    static final int BUFFERS = 3;

    /** Bytes of a chain. */
    static final int BYTES = BUFFERS * Descriptor.BYTES;

    /** A table has a cache line of its own. */
    private static final long TABLE_BYTES = 64;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ChainShape shape;
    private final MemorySegment memory;
    private final long address;
    private final long stride;
    private final boolean linked;
    private final int firstStep;
    private final int flagsAt;

    private final long[] data;
    private final int[] dataBytes;
    private final long[] answer;

    /** Whether the data descriptor of a slot says that the device writes. */
    private final boolean[] in;

    private SlotChains(
            ChainShape shape,
            MemorySegment memory,
            long address,
            long stride,
            int slots,
            boolean linked,
            int firstStep,
            int flagsAt) {
        this.shape = shape;
        this.memory = memory;
        this.address = address;
        this.stride = stride;
        this.linked = linked;
        this.firstStep = firstStep;
        this.flagsAt = flagsAt;
        this.data = new long[slots];
        this.dataBytes = new int[slots];
        this.answer = new long[slots];
        this.in = new boolean[slots];
    }

    /** Bytes of guest memory that {@link #tables} takes, at most. */
    static long tableBytes(int slots) {
        return (slots + 1) * TABLE_BYTES;
    }

    /** Indirect tables for a ring of a format, in the first region of guest memory. */
    static SlotChains tables(ChainShape shape, GuestRam ram, int slots, RingFormat format) {
        long address = ram.allocate(slots * TABLE_BYTES, TABLE_BYTES);
        MemorySegment memory = ram.at(address, slots * TABLE_BYTES);
        boolean split = format == RingFormat.SPLIT;
        return new SlotChains(
                shape, memory, address, TABLE_BYTES, slots, split, 0, split ? Descriptor.FLAGS : PackedLayout.FLAGS);
    }

    /** Chains in the descriptor table of a split ring: of slot n, those from 3n on. */
    static SlotChains inRing(ChainShape shape, MemorySegment descriptors, long address, int slots) {
        return new SlotChains(shape, descriptors, address, BYTES, slots, true, BUFFERS, Descriptor.FLAGS);
    }

    /** Guest-physical address of a slot's chain. */
    long address(int slot) {
        return address + slot * stride;
    }

    /** As {@link SlotRing#describe}; the device reads the data. */
    void describe(int slot, long headerAddress, long dataAddress, int bytes, long answerAddress) {
        data[slot] = dataAddress;
        dataBytes[slot] = bytes;
        answer[slot] = answerAddress;
        in[slot] = false;
        put(slot * stride, headerAddress, shape.headerBytes(), 0, slot * firstStep + 1);
        order(slot, false);
    }

    /** Puts data and answer in the order that the shape has for a direction. */
    private void order(int slot, boolean deviceWrites) {
        long second = slot * stride + Descriptor.BYTES;
        long third = second + Descriptor.BYTES;
        int next = slot * firstStep + 2;
        if (deviceWrites && shape.answerBeforeDataIn()) {
            put(second, answer[slot], shape.answerBytes(), Descriptor.F_WRITE, next);
            put(third, data[slot], dataBytes[slot], Descriptor.F_WRITE, 0);
        } else {
            put(second, data[slot], dataBytes[slot], deviceWrites ? Descriptor.F_WRITE : 0, next);
            put(third, answer[slot], shape.answerBytes(), Descriptor.F_WRITE, 0);
        }
    }

    private void put(long at, long buffer, int bytes, int flags, int next) {
        if (linked) {
            SplitRing.descriptor(memory, at, buffer, bytes, flags | (next > 0 ? Descriptor.F_NEXT : 0), next);
        } else {
            PackedRing.tableEntry(memory, at, buffer, bytes, flags);
        }
    }

    /** Sets the direction of a slot's data. */
    void turn(int slot, boolean deviceWrites) {
        if (in[slot] == deviceWrites) {
            return;
        }
        in[slot] = deviceWrites;
        if (shape.answerBeforeDataIn()) {
            order(slot, deviceWrites);
        } else {
            // Nothing else differs, and what is not written stays in the device's cache.
            int flags = (linked ? Descriptor.F_NEXT : 0) | (deviceWrites ? Descriptor.F_WRITE : 0);
            memory.set(U16, slot * stride + Descriptor.BYTES + flagsAt, (short) flags);
        }
    }
}
