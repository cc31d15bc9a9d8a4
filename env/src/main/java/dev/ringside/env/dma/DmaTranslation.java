package dev.ringside.env.dma;

/** Which addresses devices know under which others, at one time. Immutable; any thread. */
public final class DmaTranslation {
    /** What is returned for memory that devices do not reach. */
    public static final long NONE = -1;

    static final DmaTranslation EMPTY = new DmaTranslation(new long[0], new long[0], new long[0]);

    private final long[] starts;
    private final long[] ends;
    private final long[] iovas;

    /** Ascending ranges that do not overlap: where each begins, ends, and what devices call its beginning. */
    DmaTranslation(long[] starts, long[] ends, long[] iovas) {
        this.starts = starts;
        this.ends = ends;
        this.iovas = iovas;
    }

    /**
     * Translates an address.
     *
     * @param address native
     * @param bytes that devices have to reach from there on, at least 1
     * @return what devices call it; {@link #NONE} if they do not reach all of it in one mapping
     */
    public long iova(long address, long bytes) {
        long[] from = starts;
        int low = 0;
        int high = from.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (address < from[middle]) {
                high = middle - 1;
            } else if (address >= ends[middle]) {
                low = middle + 1;
            } else {
                return bytes <= ends[middle] - address ? iovas[middle] + (address - from[middle]) : NONE;
            }
        }
        return NONE;
    }
}
