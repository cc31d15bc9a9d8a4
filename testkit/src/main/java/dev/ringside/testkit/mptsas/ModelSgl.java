package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.SgElement;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Follows a request's scatter/gather list, and insists on its form. */
final class ModelSgl {
    private final ModelFifos memory;
    private final int maxChains;
    private final List<MemorySegment> found = new ArrayList<>();
    private boolean ended;

    ModelSgl(ModelFifos memory, int maxChains) {
        this.memory = memory;
        this.maxChains = maxChains;
    }

    /** The memory that it names, in order; so many bytes as the request says. */
    List<MemorySegment> follow(MemorySegment request, int at, int bytes, boolean toDevice) throws DmaFault {
        MemorySegment part = request;
        long from = at;
        int chain = Fields.u8(request, Message.CHAIN_OFFSET) * Integer.BYTES;
        for (int chains = 0; ; chains++) {
            long to = chain == 0 ? part.byteSize() : chain;
            simple(part, from, to, toDevice);
            if (ended) {
                break;
            }
            if (chain == 0 || chains == maxChains) {
                throw new DmaFault("a list does not end");
            }
            int flags = Fields.i32(part, chain);
            if ((flags & SgElement.TYPE_MASK) != SgElement.CHAIN) {
                throw new DmaFault("there is no chain element where one should be");
            }
            int length = flags & SgElement.CHAIN_LENGTH_MASK;
            int next = ((flags & SgElement.CHAIN_OFFSET_MASK) >>> SgElement.CHAIN_OFFSET_SHIFT) * Integer.BYTES;
            part = memory.at(address(part, chain, flags), length);
            from = 0;
            chain = next;
        }
        long sum = found.stream().mapToLong(MemorySegment::byteSize).sum();
        if (sum != bytes) {
            throw new DmaFault(sum + " bytes are named for " + bytes);
        }
        return found;
    }

    private void simple(MemorySegment part, long from, long to, boolean toDevice) throws DmaFault {
        long at = from;
        while (true) {
            int flags = Fields.i32(part, at);
            if ((flags & SgElement.TYPE_MASK) != SgElement.SIMPLE) {
                throw new DmaFault(String.format("element 0x%08x is not simple", flags));
            }
            int length = flags & SgElement.LENGTH_MASK;
            if (length == 0 && (flags & SgElement.END_OF_LIST) == 0) {
                throw new DmaFault("an element is empty");
            }
            if (((flags & SgElement.HOST_TO_IOC) != 0) != toDevice) {
                throw new DmaFault("an element has the wrong direction");
            }
            if (length > 0) {
                found.add(memory.at(address(part, at, flags), length));
            }
            at += (flags & SgElement.ADDRESS_64) != 0 ? SgElement.WIDE_BYTES : SgElement.NARROW_BYTES;
            ended = (flags & SgElement.END_OF_LIST) != 0;
            if ((flags & SgElement.LAST_ELEMENT) != 0) {
                if (!ended && at != to) {
                    throw new DmaFault("the chain element does not follow the last element");
                }
                return;
            }
        }
    }

    private static long address(MemorySegment part, long at, int flags) {
        return (flags & SgElement.ADDRESS_64) != 0
                ? Fields.i64(part, at + SgElement.ADDRESS)
                : Integer.toUnsignedLong(Fields.i32(part, at + SgElement.ADDRESS));
    }
}
