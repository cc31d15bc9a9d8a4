package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mptsas.mpi.Event;
import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.dma.ModelMemory;
import java.util.List;

/**
 * An adapter that acts when its registers are read or written, and not of itself, so that what happens is the same each time.
 * It insists on what the message passing interface asks of a driver, and notes each violation. Any thread.
 */
public final class MptModel extends ModelFunction {
    private final ModelIoc ioc;

    /**
     * Makes an adapter.
     *
     * @param dma what it reaches, with nobody else in it
     * @throws LinuxException if the kernel gives no descriptors, or memory cannot be mapped
     */
    public MptModel(MptSettings settings, DmaSpace dma) throws LinuxException {
        this(settings, dma, memory(settings.highAddresses()));
    }

    private MptModel(MptSettings settings, DmaSpace dma, ModelMemory memory) throws LinuxException {
        super(SystemRegisters.BYTES, dma, memory);
        this.ioc = new ModelIoc(settings, memory);
    }

    @Override
    protected int read(long offset) {
        synchronized (ioc) {
            return ioc.read(offset);
        }
    }

    @Override
    protected void write(long offset, int value) {
        synchronized (ioc) {
            ioc.write(offset, value);
        }
    }

    @Override
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
}
