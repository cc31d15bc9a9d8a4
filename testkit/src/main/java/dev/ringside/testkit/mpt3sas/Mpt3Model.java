package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.mptsas.ModelFunction;
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
            ioc.initiator.hold();
        }
    }

    /** How many requests wait for {@link #release}. */
    public int held() {
        synchronized (ioc) {
            return ioc.initiator.held();
        }
    }

    /** How many times a logical unit of a disk that is there was reset by task management. */
    public int unitResets() {
        synchronized (ioc) {
            return ioc.initiator.unitResets();
        }
    }

    /** Carries out what waits, and makes disks fast again. */
    public void release() {
        synchronized (ioc) {
            ioc.initiator.release();
        }
    }

    @Override
    public List<String> violations() {
        synchronized (ioc) {
            return List.copyOf(ioc.violations);
        }
    }

    /** Events that wait to be acknowledged. */
    public int unacknowledged() {
        synchronized (ioc) {
            return ioc.events.unacknowledged();
        }
    }

    /** Has the IOC fail, with a code. */
    public void fail(int code) {
        synchronized (ioc) {
            ioc.fail(code);
        }
    }

    /** Pulls disks and expanders out, and plugs them in. */
    public Mpt3HotPlug hotPlug() {
        return ioc.hotPlug;
    }

    /**
     * Has each request for a configuration page end with an IOCStatus from now on; with {@link IocStatus#SUCCESS} as before.
     *
     * @param type of the page: its ExtPageType, or its PageType if it is not an extended one
     */
    public void refusePage(int type, int number, int iocStatus) {
        synchronized (ioc) {
            ioc.pages.refuse(type, number, iocStatus);
        }
    }

    /** Sets Flags of IO unit page 1, which drivers can write, too. */
    public void ioUnitFlags(int flags) {
        synchronized (ioc) {
            ioc.pages.ioUnitFlags(flags);
        }
    }

    /** Flags of IO unit page 1, as they were set last. */
    public int ioUnitFlags() {
        synchronized (ioc) {
            return ioc.pages.ioUnitFlags();
        }
    }

    /** Whether a handle is taken: by a device, or by one that has gone and that the driver has not removed. */
    public boolean knows(int handle) {
        synchronized (ioc) {
            return ioc.topology.knows(handle);
        }
    }

    /** Tells of a broadcast primitive that has come from an expander. */
    public void tellBroadcast(int primitive) {
        synchronized (ioc) {
            ioc.events.broadcast(primitive);
        }
    }

    /** Tells that the IOC has reset a disk itself. */
    public void tellInternalReset(int handle) {
        synchronized (ioc) {
            ioc.events.deviceStatus(handle, Event.REASON_CMP_INTERNAL_DEV_RESET, 0, 0);
        }
    }

    /** Tells that a disk expects to fail. */
    public void tellSmartData(int handle, int asc, int ascq) {
        synchronized (ioc) {
            ioc.events.deviceStatus(handle, Event.REASON_SMART_DATA, asc, ascq);
        }
    }
}
