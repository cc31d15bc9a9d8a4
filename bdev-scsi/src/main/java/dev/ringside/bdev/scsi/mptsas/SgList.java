package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.SgElement;
import dev.ringside.bdev.scsi.mptsas.mpi.ScsiIo;
import dev.ringside.env.dma.DmaTranslation;
import java.lang.foreign.MemorySegment;

/**
 * Writes where a command's data is into its request frame, and, if there is more than fits, into the chain segments of its
 * tag. Elements have addresses of 32 bits if those will do for all of a list. One for a queue, reused for each command.
 */
final class SgList {
    /** SAS moves words of 32 bits: extents are of whole ones. */
    static final int ALIGNMENT = 4;

    private final FrameMemory memory;
    private final int maxSegments;
    private final long[] addresses;
    private final int[] lengths;
    private int count;

    /** Makes one for lists of so many extents as {@link #maxSegments} gives. */
    SgList(FrameMemory memory, int maxSegments) {
        this.memory = memory;
        this.maxSegments = maxSegments;
        this.addresses = new long[maxSegments];
        this.lengths = new int[maxSegments];
    }

    /**
     * How many elements fit into a frame and chain segments.
     *
     * @param maxChainDepth of the IOC
     */
    static int maxSegments(int maxChainDepth) {
        int inFrame = (FrameMemory.REQUEST_BYTES - ScsiIo.SGL) / SgElement.WIDE_BYTES;
        int inChain = FrameMemory.CHAIN_BYTES / SgElement.WIDE_BYTES;
        // The last element of each is the pointer to the next, but for the last of all.
        return inFrame + Math.min(maxChainDepth, FrameMemory.CHAINS) * (inChain - 1);
    }

    /**
     * Writes the list.
     *
     * @param frame place of the request frame, whose ChainOffset is set, too
     * @param toDevice whether data goes from memory to the device
     * @return whether the IOC can reach all of it
     */
    boolean put(long frame, int tag, ScatterList data, DmaTranslation translation, boolean toDevice) {
        if (!translate(data, translation)) {
            return false;
        }
        MemorySegment segment = memory.segment();
        boolean wide = memory.highAddress() != 0;
        for (int i = 0; i < count && !wide; i++) {
            wide = addresses[i] >>> Integer.SIZE != 0;
        }
        int flags = SgElement.SIMPLE | (wide ? SgElement.ADDRESS_64 : 0) | (toDevice ? SgElement.HOST_TO_IOC : 0);
        if (count == 0) {
            Fields.put8(segment, frame + Message.CHAIN_OFFSET, 0);
            element(segment, frame + ScsiIo.SGL, flags | SgElement.LAST, 0, wide);
        } else {
            write(segment, frame, memory.chain(tag), flags, wide);
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
            if (used == maxSegments || length > SgElement.LENGTH_MASK) {
                return false;
            }
            long address = translation.iova(data.address(i), length);
            // The bus does not carry from one half of an address to the other.
            if (address == DmaTranslation.NONE
                    || ((address | length) & ALIGNMENT - 1) != 0
                    || (address ^ address + length - 1) >>> Integer.SIZE != 0) {
                return false;
            }
            addresses[used] = address;
            lengths[used++] = (int) length;
        }
        count = used;
        return true;
    }

    private void write(MemorySegment segment, long frame, long chain, int flags, boolean wide) {
        int size = wide ? SgElement.WIDE_BYTES : SgElement.NARROW_BYTES;
        int perChain = FrameMemory.CHAIN_BYTES / size;
        int room = (FrameMemory.REQUEST_BYTES - ScsiIo.SGL) / size;
        long at = frame + ScsiIo.SGL;
        Fields.put8(
                segment,
                frame + Message.CHAIN_OFFSET,
                count <= room ? 0 : (ScsiIo.SGL + (room - 1) * size) / Integer.BYTES);
        int i = 0;
        while (count - i > room) {
            for (int end = i + room - 1; i < end; i++, at += size) {
                element(
                        segment,
                        at,
                        flags | lengths[i] | (i + 1 == end ? SgElement.LAST_ELEMENT : 0),
                        addresses[i],
                        wide);
            }
            int left = count - i;
            int next = left > perChain ? (perChain - 1) * size / Integer.BYTES : 0;
            int bytes = Math.min(left, perChain) * size;
            int pointer = SgElement.CHAIN | (flags & SgElement.ADDRESS_64);
            element(segment, at, pointer | next << SgElement.CHAIN_OFFSET_SHIFT | bytes, memory.address(chain), wide);
            at = chain;
            chain += FrameMemory.CHAIN_BYTES;
            room = perChain;
        }
        for (; i < count; i++, at += size) {
            element(segment, at, flags | lengths[i] | (i + 1 == count ? SgElement.LAST : 0), addresses[i], wide);
        }
    }

    private static void element(MemorySegment segment, long at, int flagsLength, long address, boolean wide) {
        Fields.put32(segment, at, flagsLength);
        if (wide) {
            Fields.put64(segment, at + SgElement.ADDRESS, address);
        } else {
            Fields.put32(segment, at + SgElement.ADDRESS, (int) address);
        }
    }
}
