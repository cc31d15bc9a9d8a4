package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;

/**
 * The memory that driver and IOC share, in one piece, because the upper halves of its addresses are said once (IOC init):
 * request frames by number, sense buffers and chain segments by tag, reply frames, and a buffer for a configuration page. All
 * places are offsets in {@link #segment}.
 */
final class FrameMemory implements AutoCloseable {
    /** Bytes of a request frame, which an IOC fetches as a whole if its address says nothing else. */
    static final int REQUEST_BYTES = 128;
    /** Bytes of a reply frame: of an event's, too. */
    static final int REPLY_BYTES = 128;
    /** Bytes of one segment of a chain: as many as of a frame, which every IOC can fetch. */
    static final int CHAIN_BYTES = 128;
    /** Chain segments of a command. */
    static final int CHAINS = 14;
    /** Bytes of the buffer for a page. */
    private static final int PAGE_BYTES = 256;

    private static final int SENSE_BYTES = 128;

    private final DmaPool pool;
    private final DmaBuffer buffer;
    private final int replies;
    private final int sensesAt;
    private final int repliesAt;
    private final int chainsAt;
    private final int pageAt;

    /**
     * Takes the memory.
     *
     * @param requests numbers of request frames are 0 to this, exclusive
     * @param tags tags of commands are 0 to this, exclusive
     * @param replies reply frames
     * @throws LinuxException ENOMEM
     */
    FrameMemory(DmaSpace dma, int requests, int tags, int replies) throws LinuxException {
        this.replies = replies;
        this.sensesAt = requests * REQUEST_BYTES;
        this.repliesAt = sensesAt + tags * SENSE_BYTES;
        this.chainsAt = repliesAt + replies * REPLY_BYTES;
        this.pageAt = chainsAt + tags * CHAINS * CHAIN_BYTES;
        this.pool = new DmaPool(dma);
        try {
            this.buffer = pool.allocate(pageAt + PAGE_BYTES, new DmaOwner("mptsas frames"));
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }

    MemorySegment segment() {
        return buffer.segment();
    }

    /** The upper 32 bits of all addresses. */
    int highAddress() {
        return (int) (buffer.iova() >>> Integer.SIZE);
    }

    /** The lower 32 bits of the address of a place. */
    int lowAddress(long place) {
        return (int) (buffer.iova() + place);
    }

    long address(long place) {
        return buffer.iova() + place;
    }

    int replies() {
        return replies;
    }

    long request(int number) {
        return (long) number * REQUEST_BYTES;
    }

    long sense(int tag) {
        return sensesAt + (long) tag * SENSE_BYTES;
    }

    long reply(int number) {
        return repliesAt + (long) number * REPLY_BYTES;
    }

    /**
     * Which reply frame an IOC means.
     *
     * @param lowAddress the lower 32 bits of an address, whatever they are
     * @return its place; -1 if it is none
     */
    long replyAt(int lowAddress) {
        long offset = Integer.toUnsignedLong(lowAddress - lowAddress(repliesAt));
        return offset < (long) replies * REPLY_BYTES && offset % REPLY_BYTES == 0 ? repliesAt + offset : -1;
    }

    /** The first chain segment of a command; the others follow it. */
    long chain(int tag) {
        return chainsAt + (long) tag * CHAINS * CHAIN_BYTES;
    }

    /** The buffer for a page. */
    MemorySegment page() {
        return segment().asSlice(pageAt, PAGE_BYTES);
    }

    long pageAddress() {
        return address(pageAt);
    }

    /** The IOC reaches it no more. */
    @Override
    public void close() {
        pool.close();
    }
}
