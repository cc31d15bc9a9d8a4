package dev.ringside.bdev.scsi.mpt;

import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciBars;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An adapter as a function of PCI: its registers, and whether it reaches memory. On the host's control thread. */
public final class AdapterFunction {
    private static final Logger LOG = LoggerFactory.getLogger(AdapterFunction.class);

    private final PciFunction function;

    /**
     * Does not touch the adapter yet.
     *
     * @param function given over
     */
    public AdapterFunction(PciFunction function) {
        this.function = function;
    }

    /** Where it is, as PCI addresses are written. */
    public String address() {
        return function.address().toString();
    }

    /** The memory that it reaches. */
    public DmaSpace dma() {
        return function.dma();
    }

    /**
     * Maps its registers, and allows it to reach memory.
     *
     * @throws ScsiHostException FATAL
     */
    public Registers open() throws ScsiHostException {
        try {
            Registers registers = function.bar(PciBars.firstMemory(function));
            function.busMaster(true);
            return registers;
        } catch (LinuxException e) {
            throw new ScsiHostException(Kind.FATAL, "the adapter's registers: " + e.getMessage(), e);
        }
    }

    /**
     * Has each queue interrupt by a vector of its own, if reactors want that and there are so many vectors. They stay as they
     * are over resets of the IOC, which masks them.
     *
     * @return whether the queues interrupt, once {@link IocLink#unmaskReplies} allows it
     * @throws ScsiHostException FATAL
     */
    public boolean interrupt(HostControl control, int queues) throws ScsiHostException {
        if (function.vectors() < queues) {
            return false;
        }
        List<EventFd> counters = control.interrupts(queues);
        try {
            function.interrupt(counters);
        } catch (LinuxException e) {
            throw new ScsiHostException(Kind.FATAL, "the adapter's interrupts: " + e.getMessage(), e);
        }
        return !counters.isEmpty();
    }

    /**
     * Allows it to reach memory again, and brings the IOC to the state READY.
     *
     * @param attempt 0: the gentler way is tried first
     * @throws ScsiHostException GONE, TIMEOUT
     */
    public void reset(IocLink link, int attempt) throws ScsiHostException {
        try {
            function.busMaster(true);
        } catch (LinuxException e) {
            throw new ScsiHostException(Kind.GONE, "the adapter's configuration space: " + e.getMessage(), e);
        }
        if (attempt == 0) {
            link.makeReady();
        } else {
            link.resetAdapter();
        }
    }

    /** Forbids it to reach memory, whatever it does. */
    public void isolate() {
        try {
            function.busMaster(false);
        } catch (LinuxException e) {
            // It is gone.
        }
    }

    /** Leaves the IOC without requests, as far as it can be reached, and forbids it to reach memory. */
    public void leave(IocLink link) {
        try {
            link.makeReady();
        } catch (ScsiHostException e) {
            LOG.warn("{} is left as it is: {}", address(), e.getMessage());
        }
        isolate();
    }

    /** Gives the function back. */
    public void close() {
        function.close();
    }
}
