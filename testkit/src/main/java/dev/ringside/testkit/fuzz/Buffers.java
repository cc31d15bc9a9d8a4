package dev.ringside.testkit.fuzz;

/** The buffers of a chain. */
final class Buffers {
    /** Most buffers of a chain: more than an indirect table may have. */
    static final int MOST = 1200;

    final long[] address = new long[MOST];
    final int[] length = new int[MOST];
    final boolean[] written = new boolean[MOST];
    int count;
    /** The slot of the request, or {@link Requests#NO_SLOT}. */
    int slot = Requests.NO_SLOT;

    void clear() {
        count = 0;
        slot = Requests.NO_SLOT;
    }

    void add(long at, long bytes, boolean deviceWrites) {
        address[count] = at;
        length[count] = (int) bytes;
        written[count] = deviceWrites;
        count++;
    }
}
