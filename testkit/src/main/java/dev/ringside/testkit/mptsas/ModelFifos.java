package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The FIFOs of the model, which insist on their depths. Guarded by the model. */
final class ModelFifos {
    private final MptSettings settings;
    private final ModelMemory memory;
    private final List<String> violations;
    private final ArrayDeque<Integer> requests = new ArrayDeque<>();
    private final ArrayDeque<Integer> urgent = new ArrayDeque<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final ArrayDeque<Integer> posted = new ArrayDeque<>();
    private long high;
    private int frameBytes;

    ModelFifos(MptSettings settings, ModelMemory memory, List<String> violations) {
        this.settings = settings;
        this.memory = memory;
        this.violations = violations;
    }

    void clear() {
        requests.clear();
        urgent.clear();
        free.clear();
        posted.clear();
    }

    /** What IOC init says. */
    void init(int highAddress, int replyFrameBytes) {
        high = (long) highAddress << Integer.SIZE;
        frameBytes = replyFrameBytes;
    }

    void request(int address, boolean highPriority) {
        if (requests.size() + urgent.size() >= settings.credits()) {
            violations.add("the request FIFO is full");
        }
        (highPriority ? urgent : requests).add(address);
    }

    void free(int address) {
        if (free.contains(address)) {
            violations.add("a reply frame is given twice");
        }
        if (free.size() >= settings.replyDepth()) {
            violations.add("the FIFO of free reply frames is full");
        }
        free.add(address);
    }

    /** The next request frame as far as it is mapped, 128 bytes; null: there is none. */
    @Nullable
    MemorySegment nextRequest() throws DmaFault {
        Integer address = urgent.isEmpty() ? requests.poll() : urgent.poll();
        return address == null ? null : memory.at(high | Integer.toUnsignedLong(address), 128);
    }

    /** The address of a message's frame, whose segment this is the beginning of; for chains in it. */
    MemorySegment at(long address, long bytes) throws DmaFault {
        return memory.at(address, bytes);
    }

    long highAddress() {
        return high;
    }

    void postContext(int context) {
        post(context);
    }

    void postFrame(byte[] reply) throws DmaFault {
        Integer address = free.poll();
        if (address == null) {
            violations.add("there is no free reply frame");
            return;
        }
        if (reply.length > frameBytes) {
            violations.add("a reply of " + reply.length + " bytes does not fit");
        }
        MemorySegment frame = memory.at(high | Integer.toUnsignedLong(address), frameBytes);
        MemorySegment.copy(reply, 0, frame, ValueLayout.JAVA_BYTE, 0, Math.min(reply.length, frameBytes));
        post(SystemRegisters.ADDRESS_REPLY | address >>> 1);
    }

    /** Posts what is in no frame that there is. */
    void post(int value) {
        if (posted.size() >= settings.replyDepth()) {
            violations.add("the reply FIFO is full");
        }
        posted.add(value);
    }

    boolean hasReplies() {
        return !posted.isEmpty();
    }

    int nextReply() {
        Integer value = posted.poll();
        return value == null ? SystemRegisters.REPLY_FIFO_EMPTY : value;
    }
}
