package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IeeeSge;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ScsiIo;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Follows a request's list of IEEE elements, and insists on its form. */
final class Mpt3Sgl {
    private final Mpt3Rings memory;
    private final Mpt3Settings settings;
    private final List<MemorySegment> found = new ArrayList<>();
    private boolean ended;

    Mpt3Sgl(Mpt3Rings memory, Mpt3Settings settings) {
        this.memory = memory;
        this.settings = settings;
    }

    /** The memory that it names, in order; so many bytes as the request says. */
    List<MemorySegment> follow(MemorySegment request, int bytes) throws DmaFault {
        MemorySegment part = request;
        long from = ScsiIo.SGL;
        int chain = Fields.u8(request, Message.CHAIN_OFFSET) * IeeeSge.BYTES;
        for (int chains = 0; ; chains++) {
            simple(part, from, chain == 0 ? part.byteSize() : chain);
            if (ended) {
                break;
            }
            if (chain == 0 || chains == settings.maxChainDepth()) {
                throw new DmaFault("a list does not end");
            }
            if (Fields.u8(part, chain + IeeeSge.FLAGS) != IeeeSge.FLAGS_CHAIN) {
                throw new DmaFault("there is no chain element where one should be");
            }
            int length = Fields.i32(part, chain + IeeeSge.LENGTH);
            int most = (settings.chainElements() == 0 ? 8 : settings.chainElements()) * IeeeSge.BYTES;
            if (length > most) {
                throw new DmaFault("a chain segment of " + length + " bytes");
            }
            int next = Fields.u8(part, chain + IeeeSge.NEXT_CHAIN_OFFSET) * IeeeSge.BYTES;
            part = memory.at(Fields.i64(part, chain + IeeeSge.ADDRESS), length);
            from = 0;
            chain = next;
        }
        long sum = found.stream().mapToLong(MemorySegment::byteSize).sum();
        if (sum != bytes) {
            throw new DmaFault(sum + " bytes are named for " + bytes);
        }
        return found;
    }

    private void simple(MemorySegment part, long from, long to) throws DmaFault {
        for (long at = from; at < to && !ended; at += IeeeSge.BYTES) {
            int flags = Fields.u8(part, at + IeeeSge.FLAGS);
            if ((flags & ~IeeeSge.FLAGS_END_OF_LIST) != IeeeSge.FLAGS_SIMPLE) {
                throw new DmaFault(String.format("an element of flags 0x%02x is not simple", flags));
            }
            ended = (flags & IeeeSge.FLAGS_END_OF_LIST) != 0;
            int length = Fields.i32(part, at + IeeeSge.LENGTH);
            if (length > 0) {
                found.add(memory.at(Fields.i64(part, at + IeeeSge.ADDRESS), length));
            } else if (!ended) {
                throw new DmaFault("an element is empty");
            }
        }
    }
}
