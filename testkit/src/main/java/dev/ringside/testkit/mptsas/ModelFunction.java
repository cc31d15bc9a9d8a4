package dev.ringside.testkit.mptsas;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.dma.ModelMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The PCI function of a model of an adapter: BAR 0 of I/O ports, which nobody uses, and BAR 1 of memory. Any thread. */
public abstract class ModelFunction implements PciFunction {
    private static final int MEMORY_BAR = 1;
    private static final int BAR_0 = 0x10;
    private static final int IO_BAR = 0x1001;
    private static final long HIGH_ADDRESSES = 1L << 33;
    private static final int MEMORY_AT = 0xfe00_0000;

    private final DmaSpace dma;
    private final ModelMemory memory;
    private final EventFd releaseRequest;
    private final Registers registers;
    private boolean closed;

    /**
     * Makes one.
     *
     * @param registerBytes of the memory BAR
     * @param dma what it reaches, with nobody else in it
     * @throws LinuxException if the kernel gives no descriptors, or memory cannot be mapped
     */
    protected ModelFunction(int registerBytes, DmaSpace dma, ModelMemory memory) throws LinuxException {
        this.dma = dma;
        this.memory = memory;
        memory.allow(false);
        this.registers = new ModelRegisters(registerBytes);
        this.releaseRequest = EventFd.create();
        dma.activate(memory);
    }

    /** An IOMMU, of high addresses only if that is wanted. */
    protected static ModelMemory memory(boolean highAddresses) {
        return new ModelMemory(highAddresses ? HIGH_ADDRESSES : 0);
    }

    /** A register is read. */
    protected abstract int read(long offset);

    /** A register is written. */
    protected abstract void write(long offset, int value);

    private final class ModelRegisters extends Registers {
        ModelRegisters(int bytes) {
            super(MemorySegment.ofArray(new int[bytes / Integer.BYTES]));
        }

        @Override
        public int read32(long offset) {
            return read(offset);
        }

        @Override
        public void write32(long offset, int value) {
            write(offset, value);
        }
    }

    @Override
    public PciAddress address() {
        return new PciAddress(0, 0xed, 0, 0);
    }

    @Override
    public int readConfig(int offset, int bytes) {
        return switch (offset) {
            case BAR_0 -> IO_BAR;
            case BAR_0 + MEMORY_BAR * Integer.BYTES -> MEMORY_AT;
            default -> 0;
        };
    }

    @Override
    public void writeConfig(int offset, int bytes, int value) {
        // Nothing in it is of interest.
    }

    @Override
    public Registers bar(int index) throws LinuxException {
        if (index != MEMORY_BAR) {
            throw new LinuxException("map", "BAR " + index, Errno.ENXIO);
        }
        return registers;
    }

    @Override
    public void busMaster(boolean on) {
        memory.allow(on);
    }

    /** Everything in which the driver was wrong, so far. */
    public abstract List<String> violations();

    /** Whether it is allowed to reach memory: what it would do without that is a violation. */
    public boolean reachesMemory() {
        return memory.allowed();
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public int vectors() {
        return 0;
    }

    @Override
    public void interrupt(List<EventFd> counters) {
        // It has no vectors.
    }

    @Override
    public EventFd releaseRequest() {
        return releaseRequest;
    }

    @Override
    public void reset() throws LinuxException {
        throw new LinuxException("reset", Errno.ENOTTY);
    }

    /** Ends the model; all memory has to be taken back from it. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            dma.deactivate();
            releaseRequest.close();
        }
    }
}
