package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.NvmeException.Kind;
import dev.ringside.bdev.nvme.queue.AdminQueue;
import dev.ringside.bdev.nvme.queue.Doorbells;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The controller as its registers show it: how it is switched on and off (base 2.0, 3.5.1, 3.6.1). Every wait ends. Owned
 * by the controller's thread.
 */
final class ControllerLink implements AutoCloseable {
    private static final int BAR = 0;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    /** A controller may need this long to put away what it has (RTD3E says how long at most; few need a second). */
    private static final long SHUTDOWN_MS = 10_000;

    private final PciFunction function;
    private final Registers registers;
    private final DmaPool pool;
    private final Doorbells doorbells;
    private final AdminQueue admin;
    private final long cap;

    /**
     * Maps the registers and takes the memory for the admin queue.
     *
     * @throws NvmeException GONE; UNSUPPORTED if it has not the NVM command set
     * @throws LinuxException if the registers cannot be mapped, or there is no memory
     */
    ControllerLink(PciFunction function, NvmeOptions options) throws LinuxException, NvmeException {
        this.function = function;
        this.registers = function.bar(BAR);
        function.busMaster(true);
        this.cap = registers.read64(ControllerRegisters.CAP);
        if (cap == Registers.GONE) {
            throw new NvmeException(Kind.GONE, "the controller is gone: its registers read as all ones");
        }
        if (!ControllerRegisters.hasNvmCommands(cap)) {
            throw new NvmeException(Kind.UNSUPPORTED, "the controller has not the NVM command set (CAP.CSS)");
        }
        this.pool = new DmaPool(function.dma());
        this.doorbells = new Doorbells(registers, ControllerRegisters.doorbellStride(cap));
        try {
            this.admin =
                    new AdminQueue(registers, doorbells, pool, new DmaOwner("admin queue"), options.adminTimeoutMs());
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }

    Registers registers() {
        return registers;
    }

    long cap() {
        return cap;
    }

    DmaPool pool() {
        return pool;
    }

    /** Those in the registers. */
    Doorbells doorbells() {
        return doorbells;
    }

    AdminQueue admin() {
        return admin;
    }

    PciFunction function() {
        return function;
    }

    /** Bytes of the memory page that is used, the smallest that the controller knows. */
    int pageSize() {
        return 1 << ControllerRegisters.minPageShift(cap);
    }

    /** Switches it off: it forgets all queues and reaches no memory any more. */
    void disable() throws NvmeException {
        int cc = registers.read32(ControllerRegisters.CC);
        requireThere(registers.read32(ControllerRegisters.CSTS));
        if ((cc & ControllerRegisters.CC_EN) != 0) {
            // It may not be switched off while it is being switched on, unless it has failed.
            awaitReady(true, "to become ready before it is reset", true);
            registers.write32(ControllerRegisters.CC, cc & ~ControllerRegisters.CC_EN);
        }
        awaitReady(false, "to be reset", false);
    }

    /** Switches it on, with an empty admin queue. */
    void enable() throws NvmeException {
        admin.clear();
        int last = AdminQueue.ENTRIES - 1;
        registers.write32(ControllerRegisters.AQA, last << 16 | last);
        registers.write64(ControllerRegisters.ASQ, admin.submissionIova());
        registers.write64(ControllerRegisters.ACQ, admin.completionIova());
        int mps = ControllerRegisters.minPageShift(cap) - ControllerRegisters.PAGE_SHIFT_BASE;
        registers.write32(
                ControllerRegisters.CC,
                ControllerRegisters.CC_ENTRY_SIZES
                        | mps << ControllerRegisters.CC_MPS_SHIFT
                        | ControllerRegisters.CC_EN);
        awaitReady(true, "to become ready", false);
    }

    /** Resets the function, which helps where {@link #disable} does not. */
    void resetFunction() throws LinuxException {
        function.reset();
        function.busMaster(true);
    }

    /** Lets it put away what it has, before it is left alone; as long as it needs, but not for ever. */
    void shutDown() throws NvmeException {
        int cc = registers.read32(ControllerRegisters.CC) & ~ControllerRegisters.CC_SHN_MASK;
        registers.write32(ControllerRegisters.CC, cc | ControllerRegisters.CC_SHN_NORMAL);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SHUTDOWN_MS);
        while (true) {
            int csts = registers.read32(ControllerRegisters.CSTS);
            requireThere(csts);
            if ((csts & ControllerRegisters.CSTS_SHST_MASK) == ControllerRegisters.CSTS_SHST_COMPLETE) {
                return;
            }
            pause(deadline, "the controller took more than " + SHUTDOWN_MS + " ms to shut down");
        }
    }

    /** Forbids it to reach memory, whatever it does; the memory stays its own until {@link #close}. */
    void isolate() {
        try {
            function.busMaster(false);
        } catch (LinuxException e) {
            // It is gone.
        }
    }

    /** Gives the memory back and the function. */
    @Override
    public void close() {
        isolate();
        pool.close();
        function.close();
    }

    private void awaitReady(boolean ready, String what, boolean failureEnds) throws NvmeException {
        long limitMs = ControllerRegisters.timeoutMs(cap);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMs);
        while (true) {
            int csts = registers.read32(ControllerRegisters.CSTS);
            requireThere(csts);
            boolean failed = (csts & ControllerRegisters.CSTS_CFS) != 0;
            if (((csts & ControllerRegisters.CSTS_RDY) != 0) == ready || (failed && failureEnds)) {
                return;
            }
            if (failed && ready) {
                throw new NvmeException(Kind.FATAL, "the controller says that it has failed (CSTS.CFS)");
            }
            pause(deadline, "the controller took more than " + limitMs + " ms (CAP.TO) " + what);
        }
    }

    private static void pause(long deadline, String late) throws NvmeException {
        if (System.nanoTime() - deadline > 0) {
            throw new NvmeException(Kind.TIMEOUT, late);
        }
        LockSupport.parkNanos(PAUSE_NS);
    }

    private static void requireThere(int csts) throws NvmeException {
        if (csts == Registers.GONE) {
            throw new NvmeException(Kind.GONE, "the controller is gone: its registers read as all ones");
        }
    }
}
