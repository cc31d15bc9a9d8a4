package dev.ringside.testkit.nvme;

import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The doorbells of a model, in registers or, once it was told of them, in shadows. It looks at a shadow only when the register
 * has been written, and as long as it finds something new there: a driver that does not ring when it was asked to is not
 * heard. Owned by the model's thread.
 */
final class ModelDoorbells {
    private static final int DOORBELLS = 0x1000;
    private static final int PAGE = 4096;
    /** What a register reads as that has not been written since it was looked at. */
    private static final int SILENT = -1;

    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment bar;
    private final Registers registers;
    private final ModelMemory memory;
    private final int strideShift;
    /** What was last seen in the shadows, by their places. */
    private final Map<Long, Integer> seen = new HashMap<>();
    /** Places of those that are to be looked at again. */
    private final Set<Long> busy = new HashSet<>();

    private long values;
    private long events;

    ModelDoorbells(MemorySegment bar, ModelMemory memory, int strideShift) {
        this.bar = bar;
        this.registers = new Registers(bar);
        this.memory = memory;
        this.strideShift = strideShift;
    }

    /** Forgets the shadows, and all values. */
    void clear() {
        bar.asSlice(DOORBELLS).fill((byte) 0);
        values = 0;
        events = 0;
        seen.clear();
        busy.clear();
    }

    /** Uses shadows from now on, for I/O queues. */
    void shadow(long valuesAt, long eventsAt) {
        values = valuesAt;
        events = eventsAt;
    }

    /** A queue is made, and begins at its beginning. */
    void clear(int queue, int which) {
        long at = at(queue, which);
        registers.write32(DOORBELLS + at, values == 0 ? 0 : SILENT);
        seen.remove(at);
        busy.remove(at);
    }

    /**
     * The value of a doorbell.
     *
     * @param which 0: tail of the submissions, 1: head of the completions
     */
    int value(int queue, int which) throws DmaFault {
        long at = at(queue, which);
        if (values == 0 || queue == 0) {
            return registers.read32(DOORBELLS + at);
        }
        boolean rung = (int) WORD.getAndSet(bar, DOORBELLS + at, SILENT) != SILENT;
        if (rung || busy.contains(at)) {
            look(at);
        }
        return seen.getOrDefault(at, 0);
    }

    private void look(long at) throws DmaFault {
        MemorySegment value = memory.at(values, PAGE);
        int now = (int) WORD.getAcquire(value, at);
        seen.put(at, now);
        WORD.setOpaque(memory.at(events, PAGE), at, now);
        // The driver writes the value, then looks at what is asked for: here it is the other way round.
        VarHandle.fullFence();
        if ((int) WORD.getAcquire(value, at) == now) {
            busy.remove(at);
        } else {
            busy.add(at);
        }
    }

    private long at(int queue, int which) {
        return (2L * queue + which) * (4L << strideShift);
    }
}
