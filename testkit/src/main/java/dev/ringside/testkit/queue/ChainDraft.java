package dev.ringside.testkit.queue;

/** The buffers of a chain that is being described, in parallel arrays. */
final class ChainDraft {
    final long[] address;
    final int[] length;
    final boolean[] writable;
    int count;

    ChainDraft(int capacity) {
        address = new long[capacity];
        length = new int[capacity];
        writable = new boolean[capacity];
    }

    void append(long bufferAddress, int bufferLength, boolean deviceWrites) {
        if (count == address.length) {
            throw new IllegalStateException("a chain has at most " + count + " buffers here");
        }
        address[count] = bufferAddress;
        length[count] = bufferLength;
        writable[count] = deviceWrites;
        count++;
    }
}
