package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocInit;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.env.linux.EventFd;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The model's side of what IOC init names, which it insists on. Guarded by the model. */
final class Mpt3Rings {
    /** Bytes of a reply frame. */
    static final int REPLY_BYTES = 128;

    private final ModelMemory memory;
    private final List<String> violations;
    private long frames;
    private int frameBytes;
    private long senseHigh;
    private long replyHigh;
    private long post;
    private int postDepth;
    private long free;
    private int freeDepth;
    private int freeIndex;
    private int freeHostIndex;
    private int[] postIndex = new int[1];
    private int[] postHostIndex = new int[1];
    /** Queues whose interrupt the host has not answered by its index. */
    private boolean[] interrupted = new boolean[1];

    private List<EventFd> vectors = List.of();
    private int mask = Doorbell.HIM_REPLY;

    Mpt3Rings(ModelMemory memory, List<String> violations) {
        this.memory = memory;
        this.violations = violations;
    }

    /** What IOC init says. */
    void init(MemorySegment request, int mostDepth) {
        frames = Fields.i64(request, IocInit.SYSTEM_REQUEST_FRAME_BASE_ADDRESS);
        frameBytes = Fields.u16(request, IocInit.SYSTEM_REQUEST_FRAME_SIZE) * Integer.BYTES;
        senseHigh = (long) Fields.i32(request, IocInit.SENSE_BUFFER_ADDRESS_HIGH) << Integer.SIZE;
        replyHigh = (long) Fields.i32(request, IocInit.SYSTEM_REPLY_ADDRESS_HIGH) << Integer.SIZE;
        post = Fields.i64(request, IocInit.REPLY_DESCRIPTOR_POST_QUEUE_ADDRESS);
        postDepth = Fields.u16(request, IocInit.REPLY_DESCRIPTOR_POST_QUEUE_DEPTH);
        free = Fields.i64(request, IocInit.REPLY_FREE_QUEUE_ADDRESS);
        freeDepth = Fields.u16(request, IocInit.REPLY_FREE_QUEUE_DEPTH);
        int queues = Math.max(1, Fields.u8(request, IocInit.HOST_MSIX_VECTORS));
        postIndex = new int[queues];
        postHostIndex = new int[queues];
        interrupted = new boolean[queues];
        freeIndex = 0;
        freeHostIndex = 0;
        if (postDepth > mostDepth || postDepth % IocInit.DEPTH_UNIT != 0) {
            violations.add("queues of " + postDepth + " entries");
        }
        if (((frames | post | free) & 0xf) != 0) {
            violations.add("memory is not aligned");
        }
    }

    /** A copy of a request frame. */
    MemorySegment request(int smid) throws DmaFault {
        MemorySegment frame = memory.at(frames + (long) smid * frameBytes, frameBytes);
        return MemorySegment.ofArray(frame.toArray(ValueLayout.JAVA_BYTE));
    }

    MemorySegment at(long address, long bytes) throws DmaFault {
        return memory.at(address, bytes);
    }

    MemorySegment sense(int low, int bytes) throws DmaFault {
        return memory.at(senseHigh | Integer.toUnsignedLong(low), bytes);
    }

    void freeHostIndex(int value) {
        freeHostIndex = value;
    }

    void postHostIndex(int value) {
        int queue = value >>> SystemRegisters.RPHI_MSIX_INDEX_SHIFT;
        int index = value & SystemRegisters.REPLY_POST_HOST_INDEX_MASK;
        if (queue >= postHostIndex.length || index >= postDepth) {
            violations.add(String.format("host index 0x%08x of reply post queues", value));
        } else {
            postHostIndex[queue] = index;
            interrupted[queue] = false;
            tell(queue);
        }
    }

    void interrupt(List<EventFd> counters) {
        vectors = List.copyOf(counters);
    }

    int mask() {
        return mask;
    }

    void mask(int value) {
        mask = value;
        for (int queue = 0; queue < postIndex.length; queue++) {
            tell(queue);
        }
    }

    /** Interrupts for what is in a queue, once until the host says how far it has come. */
    private void tell(int queue) {
        boolean masked = (mask & Doorbell.HIM_REPLY) != 0;
        boolean empty = postIndex[queue] == postHostIndex[queue];
        if (!masked && !empty && !interrupted[queue] && queue < vectors.size()) {
            interrupted[queue] = true;
            vectors.get(queue).signal();
        }
    }

    /** Whether the host has given a reply frame that is not used yet. */
    boolean hasFreeFrame() {
        return freeIndex != freeHostIndex;
    }

    /** Posts a reply frame. */
    void postFrame(int queue, int smid, byte[] reply) throws DmaFault {
        if (!hasFreeFrame()) {
            violations.add("there is no free reply frame");
            return;
        }
        if (reply.length > REPLY_BYTES) {
            violations.add("a reply of " + reply.length + " bytes");
        }
        int low = Fields.i32(memory.at(free + (long) freeIndex * Integer.BYTES, Integer.BYTES), 0);
        freeIndex = (freeIndex + 1) % freeDepth;
        MemorySegment frame = memory.at(replyHigh | Integer.toUnsignedLong(low), REPLY_BYTES);
        MemorySegment.copy(reply, 0, frame, ValueLayout.JAVA_BYTE, 0, Math.min(reply.length, REPLY_BYTES));
        post(queue, ReplyDescriptor.FLAGS_ADDRESS_REPLY, smid, low);
    }

    /** Posts a descriptor. */
    void post(int queue, int flags, int smid, int high) throws DmaFault {
        if (queue >= postIndex.length) {
            violations.add("a reply is wanted in queue " + queue);
            return;
        }
        int index = postIndex[queue];
        long address = post + ((long) queue * postDepth + index) * ReplyDescriptor.BYTES;
        MemorySegment entry = memory.at(address, ReplyDescriptor.BYTES);
        if (Fields.i64(entry, 0) != ReplyDescriptor.UNUSED) {
            violations.add("entry " + index + " of reply post queue " + queue + " is not marked as unused");
        }
        postIndex[queue] = (index + 1) % postDepth;
        if (postIndex[queue] == postHostIndex[queue]) {
            violations.add("reply post queue " + queue + " is full");
        }
        long low = Integer.toUnsignedLong(flags | queue << 8 | smid << ReplyDescriptor.SMID_SHIFT);
        Fields.put64(entry, 0, (long) high << Integer.SIZE | low);
        tell(queue);
    }
}
