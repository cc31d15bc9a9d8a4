package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mptsas.mpi.Event;
import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
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

/**
 * An adapter that acts when its registers are read or written, and not of itself, so that what happens is the same each time.
 * It insists on what the message passing interface asks of a driver, and notes each violation. Any thread.
 */
public final class MptModel implements PciFunction {
    private static final int MEMORY_BAR = 1;
    private static final int BAR_0 = 0x10;
    private static final int IO_BAR = 0x1001;
    private static final long HIGH_ADDRESSES = 1L << 33;
    private static final int MEMORY_AT = 0xfe00_0000;

    private final ModelMemory memory;
    private final DmaSpace dma;
    private final ModelIoc ioc;
    private final EventFd releaseRequest;
    private final Registers registers = new ModelRegisters();
    private boolean closed;

    /**
     * Makes an adapter.
     *
     * @param dma what it reaches, with nobody else in it
     * @throws LinuxException if the kernel gives no descriptors, or memory cannot be mapped
     */
    public MptModel(MptSettings settings, DmaSpace dma) throws LinuxException {
        this.dma = dma;
        this.memory = new ModelMemory(settings.highAddresses() ? HIGH_ADDRESSES : 0);
        this.ioc = new ModelIoc(settings, memory);
        this.releaseRequest = EventFd.create();
        dma.activate(memory);
    }

    private final class ModelRegisters extends Registers {
        ModelRegisters() {
            super(MemorySegment.ofArray(new int[SystemRegisters.BYTES / Integer.BYTES]));
        }

        @Override
        public int read32(long offset) {
            synchronized (ioc) {
                return ioc.read(offset);
            }
        }

        @Override
        public void write32(long offset, int value) {
            synchronized (ioc) {
                ioc.write(offset, value);
            }
        }
    }

    /** Everything in which the driver was wrong, so far. */
    public List<String> violations() {
        synchronized (ioc) {
            return List.copyOf(ioc.violations);
        }
    }

    /** SCSI I/O requests that came so far. */
    public long requests() {
        synchronized (ioc) {
            return ioc.requests;
        }
    }

    /** Events that wait to be acknowledged. */
    public int unacknowledged() {
        synchronized (ioc) {
            return ioc.unacknowledged();
        }
    }

    /** Has the IOC fail, with a code. */
    public void fail(int code) {
        synchronized (ioc) {
            ioc.fail(code);
        }
    }

    /** Pulls it out: registers read as all ones, and it does nothing any more. */
    public void vanish() {
        synchronized (ioc) {
            ioc.vanish();
        }
    }

    /**
     * Takes a disk away.
     *
     * @param told whether there is an event of it
     */
    public void remove(int target, boolean told) {
        synchronized (ioc) {
            ioc.targets.remove(target);
            if (told) {
                ioc.tell(Event.SAS_DEVICE_STATUS_CHANGE, target, Event.REASON_NOT_RESPONDING, true);
            }
        }
    }

    /** Adds a disk, and tells of it. */
    public void add(MptSettings.Disk disk) {
        synchronized (ioc) {
            ioc.targets.put(disk.target(), new ModelTarget(disk));
            ioc.tell(Event.SAS_DEVICE_STATUS_CHANGE, disk.target(), Event.REASON_ADDED, true);
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
        // A model that is reset reaches no memory anyway.
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
