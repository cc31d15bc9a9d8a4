package dev.ringside.bdev.nvme.queue;

import dev.ringside.env.pci.Registers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The doorbell of a queue: its register, and with shadow doorbells (base 2.0, 5.8) a place in memory, too, where the controller
 * looks for the value of itself while it works; the register is written only when the controller asked for that. Owned by
 * the queue's owner.
 */
final class Doorbell {
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();
    /** Values are compared modulo 2^16. */
    private static final int VALUE_MASK = 0xffff;

    private final Registers registers;
    private final long register;
    private final @Nullable MemorySegment values;
    private final MemorySegment events;
    private final long at;

    /** One without a shadow. */
    Doorbell(Registers registers, long register) {
        this.registers = registers;
        this.register = register;
        this.values = null;
        this.events = MemorySegment.NULL;
        this.at = 0;
    }

    /**
     * One with a shadow.
     *
     * @param values where the value is written
     * @param events where the controller says which value it wants to hear of
     * @param at place of this doorbell in both, in bytes
     */
    Doorbell(Registers registers, long register, MemorySegment values, MemorySegment events, long at) {
        this.registers = registers;
        this.register = register;
        this.values = values;
        this.events = events;
        this.at = at;
        clear();
    }

    /** Tells the controller how far the queue has come. */
    void ring(int value) {
        MemorySegment shadow = values;
        if (shadow == null) {
            registers.write32(register, value);
            return;
        }
        int before = shadow.get(ValueLayout.JAVA_INT, at);
        WORD.setRelease(shadow, at, value);
        // The controller writes what it waits for, then looks at the value once more: here it is the other way round.
        VarHandle.fullFence();
        int event = (int) WORD.getOpaque(events, at);
        if ((value - event - 1 & VALUE_MASK) < (value - before & VALUE_MASK)) {
            registers.write32(register, value);
        }
    }

    /** Begins anew, as the controller does that does not know the queue. */
    void clear() {
        MemorySegment shadow = values;
        if (shadow != null) {
            shadow.set(ValueLayout.JAVA_INT, at, 0);
            events.set(ValueLayout.JAVA_INT, at, 0);
        }
    }
}
