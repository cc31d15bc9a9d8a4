package dev.ringside.env.pci;

import dev.ringside.env.linux.MemoryFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The registers behind a BAR: little-endian words of 32 bits, each access one access of the bus, in the order of the
 * program. Bounded: a wrong offset is an exception. Any thread. A model of a device whose registers do something when they
 * are read or written (a FIFO behind one address, say) overrides the accesses of 32 bits, which all others go through; so
 * does what stands between a driver and a device to make faults.
 */
public class Registers {
    /** What a read gives when nothing answers. */
    public static final int GONE = -1;

    private static final VarHandle WORD =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final MemorySegment memory;

    /** Wraps memory that is mapped, or that a model of a device shares. */
    public Registers(MemorySegment memory) {
        this.memory = memory;
    }

    /** For registers that stand before others. */
    protected Registers(Registers others) {
        this(others.memory);
    }

    /** Length in bytes. */
    public final long size() {
        return memory.byteSize();
    }

    /**
     * Reads a register.
     *
     * @throws InternalError if the system has taken the registers away; it is thrown here, see {@link MemoryFault}
     */
    public int read32(long offset) {
        int value = (int) WORD.getVolatile(memory, offset);
        MemoryFault.settle();
        return value;
    }

    /** Reads a register of 64 bits as two words, the lower first. */
    public final long read64(long offset) {
        long low = Integer.toUnsignedLong(read32(offset));
        return low | ((long) read32(offset + Integer.BYTES) << Integer.SIZE);
    }

    /**
     * Writes a register, after everything that was written to memory before, and reads nothing.
     *
     * @throws InternalError as {@link #read32}
     */
    public void write32(long offset, int value) {
        // Neither setRelease nor setOpaque: the interpreter does these by an exchange, which reads the register, too,
        // and so takes an entry out of a FIFO. The fences keep the compiler from merging, dropping or moving the
        // store, and x86 keeps the order.
        VarHandle.releaseFence();
        WORD.set(memory, offset, value);
        VarHandle.releaseFence();
        MemoryFault.settle();
    }

    /** Writes a register of 64 bits as two words, the lower first. */
    public final void write64(long offset, long value) {
        write32(offset, (int) value);
        write32(offset + Integer.BYTES, (int) (value >>> Integer.SIZE));
    }
}
