package dev.ringside.testkit.queue;

/** The buffers of a chain that is being described, in parallel arrays. */
final class ChainDraft {
    final long[] address;
    final int[] length;
    /** Those of a descriptor, but for what links it to the next. */
    final int[] flags;

    int count;

    ChainDraft(int capacity) {
        address = new long[capacity];
        length = new int[capacity];
        flags = new int[capacity];
    }

    void append(long bufferAddress, int bufferLength, int bufferFlags) {
        if (count == address.length) {
            throw new IllegalStateException("a chain has at most " + count + " buffers here");
        }
        address[count] = bufferAddress;
        length[count] = bufferLength;
        flags[count] = bufferFlags;
        count++;
    }
}
