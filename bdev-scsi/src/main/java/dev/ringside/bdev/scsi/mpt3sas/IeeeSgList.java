package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IeeeSge;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ScsiIo;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaTranslation;
import java.lang.foreign.MemorySegment;

/**
 * Writes where a command's data is into its request frame, and, if there is more than fits, into the chain segments of its
 * tag. One for a queue, reused for each command.
 */
final class IeeeSgList {
    /** SAS moves words of 32 bits: extents are of whole ones. */
    static final int ALIGNMENT = 4;

    /** Longer extents are none that a list has. */
    private static final long LONGEST = Integer.MAX_VALUE;

    private final MemorySegment frames;
    private final MemorySegment chains;
    private final long chainsAddress;
    private final int chainBytes;
    private final int inChain;
    private final int inFrame;
    private final long[] addresses;
    private final int[] lengths;
    private int count;

    /** Makes one for the queue that has these chain segments. */
    IeeeSgList(QueueShape shape, MemorySegment frames, DmaBuffer chains) {
        this.frames = frames;
        this.chains = chains.segment();
        this.chainsAddress = chains.iova();
        this.chainBytes = shape.chainBytes();
        this.inChain = shape.chainElements();
        this.inFrame = (shape.frameBytes() - ScsiIo.SGL) / IeeeSge.BYTES;
        this.addresses = new long[shape.segments()];
        this.lengths = new int[shape.segments()];
    }

    /**
     * Writes the list.
     *
     * @param frame place of the request frame, whose ChainOffset is set, too
     * @return whether the IOC can reach all of it
     */
    boolean put(long frame, int tag, ScatterList data, DmaTranslation translation) {
        if (!translate(data, translation)) {
            return false;
        }
        boolean chained = count > inFrame;
        Fields.put8(frames, frame + Message.CHAIN_OFFSET, chained ? ScsiIo.SGL / IeeeSge.BYTES + inFrame - 1 : 0);
        long at = frame + ScsiIo.SGL;
        if (count == 0) {
            element(frames, at, -1, 0, IeeeSge.FLAGS_SIMPLE | IeeeSge.FLAGS_END_OF_LIST);
            return true;
        }
        int here = chained ? inFrame - 1 : count;
        simple(frames, at, 0, here);
        if (chained) {
            chain(frames, at + (long) here * IeeeSge.BYTES, here, (long) tag * chainBytes);
        }
        return true;
    }

    private boolean translate(ScatterList data, DmaTranslation translation) {
        int extents = data.count();
        int used = 0;
        for (int i = 0; i < extents; i++) {
            long length = data.length(i);
            if (length == 0) {
                continue;
            }
            if (used == addresses.length || length > LONGEST) {
                return false;
            }
            long address = translation.iova(data.address(i), length);
            if (address == DmaTranslation.NONE || ((address | length) & ALIGNMENT - 1) != 0) {
                return false;
            }
            addresses[used] = address;
            lengths[used++] = (int) length;
        }
        count = used;
        return true;
    }

    /**
     * Writes the elements that are left into chain segments.
     *
     * @param pointerIn memory of the first pointer to one, whose place follows
     * @param segmentAt place of the first chain segment
     */
    private void chain(MemorySegment pointerIn, long pointerAt, int from, long segmentAt) {
        MemorySegment memory = pointerIn;
        long pointer = pointerAt;
        int i = from;
        for (long at = segmentAt; i < count; at += (long) inChain * IeeeSge.BYTES) {
            int left = count - i;
            boolean more = left > inChain;
            int here = more ? inChain - 1 : left;
            int elements = more ? inChain : left;
            element(memory, pointer, chainsAddress + at, elements * IeeeSge.BYTES, IeeeSge.FLAGS_CHAIN);
            Fields.put8(memory, pointer + IeeeSge.NEXT_CHAIN_OFFSET, more ? here : 0);
            simple(chains, at, i, here);
            memory = chains;
            pointer = at + (long) here * IeeeSge.BYTES;
            i += here;
        }
    }

    private void simple(MemorySegment memory, long place, int from, int elements) {
        long at = place;
        for (int i = from; i < from + elements; i++, at += IeeeSge.BYTES) {
            int flags = i + 1 == count ? IeeeSge.FLAGS_SIMPLE | IeeeSge.FLAGS_END_OF_LIST : IeeeSge.FLAGS_SIMPLE;
            element(memory, at, addresses[i], lengths[i], flags);
        }
    }

    private static void element(MemorySegment memory, long at, long address, int length, int flags) {
        Fields.put64(memory, at + IeeeSge.ADDRESS, address);
        Fields.put32(memory, at + IeeeSge.LENGTH, length);
        Fields.put32(memory, at + IeeeSge.LENGTH + Integer.BYTES, flags << 24);
    }
}
