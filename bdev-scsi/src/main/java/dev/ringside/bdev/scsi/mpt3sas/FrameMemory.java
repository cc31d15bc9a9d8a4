package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory that driver and IOC share: in one piece, because the upper halves of some addresses are said once (IOC init),
 * request frames and sense buffers by SMID, reply frames, the rings, and a buffer for a configuration page; and for each queue
 * a piece with its chain segments. Places are offsets in {@link #segment}.
 */
final class FrameMemory implements AutoCloseable {
    private static final int SENSE_BYTES = 128;
    /** Of SAS I/O unit page 0, the longest, with 40 phys and more. */
    private static final int PAGE_BYTES = 1024;

    private final QueueShape shape;
    private final DmaPool pool;
    private final DmaBuffer buffer;
    private final List<DmaBuffer> chains = new ArrayList<>();
    private final int sensesAt;
    private final int repliesAt;
    private final int postAt;
    private final int freeAt;
    private final int pageAt;

    /**
     * Takes the memory.
     *
     * @throws LinuxException ENOMEM
     */
    FrameMemory(DmaSpace dma, QueueShape shape) throws LinuxException {
        this.shape = shape;
        this.sensesAt = shape.frames() * shape.frameBytes();
        this.repliesAt = sensesAt + shape.frames() * SENSE_BYTES;
        this.postAt = repliesAt + shape.replies() * shape.replyBytes();
        this.freeAt = postAt + shape.queues() * shape.postDepth() * ReplyDescriptor.BYTES;
        this.pageAt = freeAt + shape.freeDepth() * Integer.BYTES;
        this.pool = new DmaPool(dma);
        DmaOwner owner = new DmaOwner("mpt3sas frames");
        try {
            this.buffer = pool.allocate(pageAt + PAGE_BYTES, owner);
            for (int queue = 0; queue < shape.queues(); queue++) {
                chains.add(pool.allocate(shape.depth() * shape.chainBytes(), owner));
            }
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }

    MemorySegment segment() {
        return buffer.segment();
    }

    /** The upper 32 bits of all addresses in {@link #segment}. */
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

    long request(int smid) {
        return (long) smid * shape.frameBytes();
    }

    long sense(int smid) {
        return sensesAt + (long) smid * SENSE_BYTES;
    }

    long reply(int number) {
        return repliesAt + (long) number * shape.replyBytes();
    }

    /**
     * Which reply frame an IOC means.
     *
     * @param lowAddress the lower 32 bits of an address, whatever they are
     * @return its place; -1 if it is none
     */
    long replyAt(int lowAddress) {
        long offset = Integer.toUnsignedLong(lowAddress - lowAddress(repliesAt));
        int bytes = shape.replyBytes();
        return offset < (long) shape.replies() * bytes && offset % bytes == 0 ? repliesAt + offset : -1;
    }

    /** The first entry of a reply descriptor post queue. */
    long post(int queue) {
        return postAt + (long) queue * shape.postDepth() * ReplyDescriptor.BYTES;
    }

    /** The first entry of the reply free queue. */
    long free() {
        return freeAt;
    }

    /** The buffer for a page. */
    MemorySegment page() {
        return segment().asSlice(pageAt, PAGE_BYTES);
    }

    long pageAddress() {
        return address(pageAt);
    }

    /** The chain segments of a queue's commands, by tag. */
    DmaBuffer chains(int queue) {
        return chains.get(queue);
    }

    /** The IOC reaches it no more. */
    @Override
    public void close() {
        pool.close();
    }
}
