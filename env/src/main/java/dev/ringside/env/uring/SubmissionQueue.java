package dev.ringside.env.uring;

import dev.ringside.env.uring.UringLayout.Sqe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Our side of the submission ring: we write entries and the tail, the kernel moves the head. Entry i of the ring's array
 * names slot i for ever, so that only the tail needs publishing.
 */
final class SubmissionQueue {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment ring;
    private final MemorySegment entries;
    private final long headAt;
    private final long tailAt;
    private final long flagsAt;
    private final int capacity;
    private final int mask;

    /** How many were ever prepared. The kernel sees it when published. */
    private int tail;

    SubmissionQueue(MemorySegment ring, MemorySegment entries, SetupResult setup) {
        this.ring = ring;
        this.entries = entries;
        this.headAt = setup.sqHead();
        this.tailAt = setup.sqTail();
        this.flagsAt = setup.sqFlags();
        this.capacity = setup.sqEntries();
        this.mask = capacity - 1;
        for (int i = 0; i < capacity; i++) {
            ring.set(ValueLayout.JAVA_INT, setup.sqArray() + (long) i * Integer.BYTES, i);
        }
    }

    /** How many are prepared and not yet taken by the kernel. */
    int pending() {
        return tail - (int) INT.getAcquire(ring, headAt);
    }

    int room() {
        return capacity - pending();
    }

    int capacity() {
        return capacity;
    }

    /** Shows the kernel what is prepared, and returns how many it has yet to take. */
    int publish() {
        INT.setRelease(ring, tailAt, tail);
        return pending();
    }

    /** IORING_SQ_*, set by the kernel at any time. */
    int flags() {
        return (int) INT.getAcquire(ring, flagsAt);
    }

    /** Prepares an entry; opcode, flags and the descriptor share the first word, length and the operation's flags another. */
    void put(
            int opcode,
            int fd,
            long offset,
            long address,
            int length,
            int operationFlags,
            long userData,
            int bufferIndex) {
        if (room() <= 0) {
            throw new IllegalStateException("the submission queue is full: ask for room() before preparing");
        }
        MemorySegment e = entries;
        long at = (long) (tail & mask) * Sqe.SIZE;
        e.set(ValueLayout.JAVA_LONG, at + Sqe.OPCODE, opcode | (long) fd << Integer.SIZE);
        e.set(ValueLayout.JAVA_LONG, at + Sqe.OFF, offset);
        e.set(ValueLayout.JAVA_LONG, at + Sqe.ADDR, address);
        e.set(ValueLayout.JAVA_INT, at + Sqe.LEN, length);
        e.set(ValueLayout.JAVA_INT, at + Sqe.RW_FLAGS, operationFlags);
        e.set(ValueLayout.JAVA_LONG, at + Sqe.USER_DATA, userData);
        e.set(ValueLayout.JAVA_LONG, at + Sqe.BUF_INDEX, bufferIndex & 0xffffL);
        e.set(ValueLayout.JAVA_LONG, at + Sqe.ADDR3, 0);
        e.set(ValueLayout.JAVA_LONG, at + Sqe.PAD, 0);
        tail++;
    }

    /** Adds IOSQE_* flags to the entry prepared last. */
    void addFlags(int flags) {
        if (pending() <= 0) {
            throw new IllegalStateException("no entry is prepared");
        }
        long at = (long) ((tail - 1) & mask) * Sqe.SIZE + Sqe.FLAGS;
        entries.set(ValueLayout.JAVA_BYTE, at, (byte) (entries.get(ValueLayout.JAVA_BYTE, at) | flags));
    }
}
