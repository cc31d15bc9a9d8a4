package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.mpt3sas.Mpt3Topology.Node;
import dev.ringside.testkit.mptsas.ModelFunction;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.List;

/**
 * An adapter that acts when its registers are written, and not of itself, so that what happens is the same each time: a
 * request is carried out when it is posted. It insists on what the message passing interface asks of a driver, and notes each
 * violation. Any thread.
 */
public final class Mpt3Model extends ModelFunction {
    private final Mpt3Ioc ioc;
    private final int vectors;

    /**
     * Makes an adapter.
     *
     * @param dma what it reaches, with nobody else in it
     * @throws LinuxException if the kernel gives no descriptors, or memory cannot be mapped
     */
    public Mpt3Model(Mpt3Settings settings, DmaSpace dma) throws LinuxException {
        this(settings, dma, memory(settings.highAddresses()));
    }

    /**
     * Makes an adapter that reaches memory that others map for it, too.
     *
     * @param dma with nobody else in it
     * @throws LinuxException if the kernel gives no descriptors, or memory cannot be mapped
     */
    public Mpt3Model(Mpt3Settings settings, DmaSpace dma, ModelMemory memory) throws LinuxException {
        super(SystemRegisters.BYTES, dma, memory);
        this.vectors = settings.vectors();
        this.ioc = new Mpt3Ioc(settings, memory);
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
    public int vectors() {
        return vectors;
    }

    @Override
    public void interrupt(List<EventFd> counters) {
        synchronized (ioc) {
            ioc.rings.interrupt(counters);
        }
    }

    /** Has disks take their time: SCSI I/O that is posted from now on waits for {@link #release}. */
    public void hold() {
        synchronized (ioc) {
            ioc.hold();
        }
    }

    /** How many requests wait for {@link #release}. */
    public int held() {
        synchronized (ioc) {
            return ioc.held();
        }
    }

    /** Carries out what waits, and makes disks fast again. */
    public void release() {
        synchronized (ioc) {
            ioc.release();
        }
    }

    /** Everything in which the driver was wrong, so far. */
    public List<String> violations() {
        synchronized (ioc) {
            return List.copyOf(ioc.violations);
        }
    }

    /** Events that wait to be acknowledged. */
    public int unacknowledged() {
        synchronized (ioc) {
            return ioc.unacknowledged;
        }
    }

    /** Has the IOC fail, with a code. */
    public void fail(int code) {
        synchronized (ioc) {
            ioc.fail(code);
        }
    }

    /**
     * A disk goes, and there is an event of it.
     *
     * @param number of the disk
     * @param reason {@link Event#RC_TARG_NOT_RESPONDING}, or {@link Event#RC_DELAY_NOT_RESPONDING} if the device missing delay
     *     has not passed: the disk is there still then
     * @return its handle
     */
    public int remove(int number, int reason) {
        synchronized (ioc) {
            Node node = ioc.topology.remove(number, reason == Event.RC_TARG_NOT_RESPONDING);
            ioc.tellTopology(node, reason);
            return node.handle;
        }
    }

    /** Adds a disk to the adapter itself, and tells of it; its handle. */
    public int add(Disk disk) {
        synchronized (ioc) {
            Node node = ioc.topology.add(disk);
            ioc.tellTopology(node, Event.RC_TARG_ADDED);
            return node.handle;
        }
    }

    /** Whether a handle is taken: by a device, or by one that has gone and that the driver has not removed. */
    public boolean knows(int handle) {
        synchronized (ioc) {
            return ioc.topology.knows(handle);
        }
    }

    /** Tells that the IOC has reset a disk itself. */
    public void tellInternalReset(int handle) {
        synchronized (ioc) {
            ioc.tellInternalReset(handle);
        }
    }
}
