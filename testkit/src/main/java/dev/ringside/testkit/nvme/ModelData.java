package dev.ringside.testkit.nvme;

import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Follows a command's data pointer, and insists on its form. */
final class ModelData {
    private static final int PAGE = 4096;
    private static final int SGL_BYTES = 16;
    private static final int LAST_SEGMENT = 0x30;

    private ModelData() {}

    /** The memory that a command's data is in, in order. */
    static List<MemorySegment> of(ModelMemory memory, ModelCommand command, long bytes, int sgls) throws DmaFault {
        List<MemorySegment> found = command.usesSgl() ? sgl(memory, command, sgls) : prp(memory, command, bytes);
        long sum = found.stream().mapToLong(MemorySegment::byteSize).sum();
        if (sum != bytes) {
            throw new DmaFault(sum + " bytes are named for " + bytes);
        }
        return found;
    }

    private static List<MemorySegment> prp(ModelMemory memory, ModelCommand command, long bytes) throws DmaFault {
        List<MemorySegment> found = new ArrayList<>();
        long first = command.prp1();
        if ((first & 3) != 0) {
            throw new DmaFault(String.format("PRP1 0x%x is not a word's address", first));
        }
        long part = Math.min(bytes, PAGE - (first & (PAGE - 1)));
        found.add(memory.at(first, part));
        long left = bytes - part;
        if (left == 0) {
            return found;
        }
        if (left <= PAGE) {
            found.add(memory.at(aligned(command.prp2()), left));
            return found;
        }
        long list = command.prp2();
        if ((list & 7) != 0 || (left + PAGE - 1) / PAGE > (PAGE - (list & (PAGE - 1))) / 8) {
            throw new DmaFault(String.format("the list at 0x%x holds not all of %d bytes", list, bytes));
        }
        while (left > 0) {
            long entry = memory.at(list, 8).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
            part = Math.min(left, PAGE);
            found.add(memory.at(aligned(entry), part));
            list += 8;
            left -= part;
        }
        return found;
    }

    private static long aligned(long entry) throws DmaFault {
        if ((entry & (PAGE - 1)) != 0 || entry == 0) {
            throw new DmaFault(String.format("PRP entry 0x%x is not a page's address", entry));
        }
        return entry;
    }

    private static List<MemorySegment> sgl(ModelMemory memory, ModelCommand command, int sgls) throws DmaFault {
        if (sgls == 0) {
            throw new DmaFault("there are no SGLs");
        }
        List<MemorySegment> found = new ArrayList<>();
        int type = (int) (command.prp2() >>> 56);
        int length = (int) command.prp2();
        if (type == 0) {
            found.add(block(memory, command.prp1(), length, sgls));
        } else if (type == LAST_SEGMENT && length % SGL_BYTES == 0) {
            MemorySegment list = memory.at(command.prp1(), length);
            for (int at = 0; at < length; at += SGL_BYTES) {
                if (list.get(ValueLayout.JAVA_BYTE, at + 15) != 0) {
                    throw new DmaFault("an SGL descriptor is of a type that is not known");
                }
                found.add(block(
                        memory,
                        list.get(ValueLayout.JAVA_LONG_UNALIGNED, at),
                        list.get(ValueLayout.JAVA_INT_UNALIGNED, at + 8),
                        sgls));
            }
        } else {
            throw new DmaFault("SGL of type " + Integer.toHexString(type) + ", length " + length);
        }
        return found;
    }

    private static MemorySegment block(ModelMemory memory, long address, int length, int sgls) throws DmaFault {
        if (sgls == 2 && ((address | length) & 3) != 0) {
            throw new DmaFault(String.format("SGL block of %d bytes at 0x%x is not of words", length, address));
        }
        return memory.at(address, length);
    }
}
