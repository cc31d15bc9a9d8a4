package dev.ringside.env.pci;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import java.util.List;

/**
 * A PCI function that this process drives. One thread at a time, but for the registers and the DMA space, which any may
 * use.
 */
public interface PciFunction extends AutoCloseable {

    /** Where it is. */
    PciAddress address();

    /**
     * Reads from its configuration space.
     *
     * @param offset from 0
     * @param bytes 1, 2 or 4
     * @return the value, zero-extended
     * @throws LinuxException such as EIO
     */
    int readConfig(int offset, int bytes) throws LinuxException;

    /**
     * Writes to its configuration space.
     *
     * @param offset from 0
     * @param bytes 1, 2 or 4
     * @throws LinuxException such as EIO
     */
    void writeConfig(int offset, int bytes, int value) throws LinuxException;

    /**
     * Maps a BAR; the registers live as long as this object.
     *
     * @param index 0 to 5
     * @throws LinuxException ENXIO if there is no such BAR or it cannot be mapped
     */
    Registers bar(int index) throws LinuxException;

    /**
     * Lets the device reach memory, or forbids it.
     *
     * @throws LinuxException such as EIO
     */
    void busMaster(boolean on) throws LinuxException;

    /** What the device reaches. */
    DmaSpace dma();

    /** How many interrupt vectors the device has: those of MSI-X, or if there is none, 1 of MSI; 0: neither. */
    int vectors();

    /**
     * Lets each of the first vectors signal a counter; an empty list switches interrupts off. The counters stay the
     * caller's, open as long as they are used.
     *
     * @throws LinuxException EINVAL for more than {@link #vectors}
     */
    void interrupt(List<EventFd> counters) throws LinuxException;

    /** Signalled when the system wants the device back: somebody unbinds it, or pulls it out. Close it then. */
    EventFd releaseRequest();

    /**
     * Resets the function. What was in its registers is gone, and it reaches no memory any more; {@link #busMaster} is
     * off.
     *
     * @throws LinuxException ENOTTY if it has no way to be reset
     */
    void reset() throws LinuxException;

    /** Forbids the device to reach memory, and gives it back. */
    @Override
    void close();
}
