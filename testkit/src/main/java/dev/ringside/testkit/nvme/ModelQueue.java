package dev.ringside.testkit.nvme;

import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The controller's side of a pair of queues of the same number. Owned by the model's thread. */
final class ModelQueue {
    static final int COMPLETION_BYTES = 16;

    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();

    final int id;
    final int completionEntries;
    /** Of the completions; negative: none. */
    final int vector;
    /** Commands that do not end, and those of them that can be aborted. */
    final List<ModelCommand> hanging = new ArrayList<>();

    final List<ModelCommand> stuck = new ArrayList<>();

    private final ModelMemory memory;
    private final long completionIova;
    private final ArrayDeque<long[]> waiting = new ArrayDeque<>();
    private long submissionIova;
    private int submissionEntries;
    private int head;
    private int completionTail;
    private int phase = 1;

    ModelQueue(ModelMemory memory, int id, long completionIova, int completionEntries, int vector) {
        this.memory = memory;
        this.id = id;
        this.completionIova = completionIova;
        this.completionEntries = completionEntries;
        this.vector = vector;
    }

    void takeSubmissions(long iova, int entries) {
        submissionIova = iova;
        submissionEntries = entries;
        head = 0;
    }

    void dropSubmissions() {
        submissionEntries = 0;
    }

    boolean hasSubmissions() {
        return submissionEntries > 0;
    }

    /** The next command, if the doorbell says that there is one. */
    boolean ready(int tailDoorbell) throws DmaFault {
        if (submissionEntries > 0 && Integer.compareUnsigned(tailDoorbell, submissionEntries) >= 0) {
            throw new DmaFault(
                    "tail doorbell " + tailDoorbell + " of queue " + id + " with " + submissionEntries + " entries");
        }
        return submissionEntries > 0 && head != tailDoorbell;
    }

    ModelCommand fetch() throws DmaFault {
        MemorySegment entry = memory.at(submissionIova + (long) head * ModelCommand.BYTES, ModelCommand.BYTES);
        ModelCommand command = ModelCommand.read(this, entry);
        head = (head + 1) % submissionEntries;
        return command;
    }

    /** Ends a command when there is room for it. */
    void complete(int command, int dw0, int status) {
        waiting.add(new long[] {command, dw0, status});
    }

    /** Writes the ends that there is room for; whether there were some. */
    boolean flush(int headDoorbell) throws DmaFault {
        boolean any = false;
        while (!waiting.isEmpty() && (completionTail + 1) % completionEntries != headDoorbell) {
            long[] end = waiting.remove();
            MemorySegment entry =
                    memory.at(completionIova + (long) completionTail * COMPLETION_BYTES, COMPLETION_BYTES);
            entry.set(ValueLayout.JAVA_INT_UNALIGNED, 0, (int) end[1]);
            entry.set(ValueLayout.JAVA_SHORT_UNALIGNED, 8, (short) head);
            entry.set(ValueLayout.JAVA_SHORT_UNALIGNED, 10, (short) id);
            entry.set(ValueLayout.JAVA_SHORT_UNALIGNED, 12, (short) end[0]);
            SHORT.setRelease(entry, 14L, (short) (end[2] << 1 | phase));
            if (++completionTail == completionEntries) {
                completionTail = 0;
                phase ^= 1;
            }
            any = true;
        }
        return any;
    }
}
