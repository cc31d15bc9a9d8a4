package dev.ringside.bdev;

/** What a request asks of a block device. */
public enum IoType {
    /** Reads blocks into the data. */
    READ,
    /** Writes the data to blocks; with {@link BdevIo#FUA} it is on the medium when it completes. */
    WRITE,
    /** Compares blocks with the data; ends with {@link IoStatus#MISCOMPARE} if a byte differs. */
    COMPARE,
    /** Reads blocks from the medium to nowhere, to see that they can be read. */
    VERIFY,
    /** Puts every write that completed before it was submitted on the medium. */
    FLUSH,
    /** Gives blocks back; what they read afterwards is not said. */
    UNMAP,
    /** Makes blocks read as zeroes; with {@link BdevIo#FUA} they do so on the medium when it completes. */
    WRITE_ZEROES,
    /** Makes what blocks held impossible to recover from the device; what they read afterwards is not said. */
    SECURE_ERASE,
    /**
     * Copies blocks of the device to others of it, without memory; see {@link BdevIo#prepareCopy}. The range of the request is
     * where to. Ranges that overlap are {@link IoStatus#INVALID}: devices differ in what they would make of them.
     */
    COPY,
    /** Completes or fails everything in flight on this channel, then completes itself. */
    RESET;

    private static final int COUNT = values().length;

    /** How many types there are, for arrays that are indexed by the ordinal. */
    public static int count() {
        return COUNT;
    }

    /** Whether a request of this type moves data to or from memory. */
    public boolean movesData() {
        return this == READ || this == WRITE || this == COMPARE;
    }

    /** Whether a request of this type names a range of blocks. */
    public boolean hasRange() {
        return this != FLUSH && this != RESET;
    }

    /** Whether a request of this type is refused on a read-only device. */
    public boolean modifies() {
        return this == WRITE || this == UNMAP || this == WRITE_ZEROES || this == SECURE_ERASE || this == COPY;
    }
}
