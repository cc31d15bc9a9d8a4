package dev.ringside.bdev.fault;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import java.util.List;

/**
 * Stands between a driver and its device, or a model of one, and makes the faults that the device is given. Only registers
 * are faulty; interrupts and what the device does in memory are its own. Threads as with any function; {@link #set} any.
 */
public final class FaultyFunction implements PciFunction {
    private static final DeviceFault[] NONE = {};

    private final PciFunction device;
    private final Runnable whenClosed;
    private volatile DeviceFault[] faults = NONE;

    /**
     * Puts it before a device, without faults.
     *
     * @param device given over
     * @param whenClosed run when the driver gives the device back
     */
    public FaultyFunction(PciFunction device, Runnable whenClosed) {
        this.device = device;
        this.whenClosed = whenClosed;
    }

    /** Has the device these faults from now on. */
    public void set(List<DeviceFault> next) {
        faults = next.toArray(DeviceFault[]::new);
    }

    private boolean hit(boolean write) {
        DeviceFault[] now = faults;
        if (now.length == 0) {
            return false;
        }
        long nowNs = System.nanoTime();
        for (DeviceFault fault : now) {
            if ((write || fault.kind() == DeviceFault.Kind.GONE) && fault.run().hits(nowNs)) {
                return true;
            }
        }
        return false;
    }

    private final class FaultyRegisters extends Registers {
        private final Registers registers;

        FaultyRegisters(Registers registers) {
            super(registers);
            this.registers = registers;
        }

        @Override
        public int read32(long offset) {
            return hit(false) ? GONE : registers.read32(offset);
        }

        @Override
        public void write32(long offset, int value) {
            if (!hit(true)) {
                registers.write32(offset, value);
            }
        }
    }

    @Override
    public PciAddress address() {
        return device.address();
    }

    @Override
    public int readConfig(int offset, int bytes) throws LinuxException {
        return device.readConfig(offset, bytes);
    }

    @Override
    public void writeConfig(int offset, int bytes, int value) throws LinuxException {
        device.writeConfig(offset, bytes, value);
    }

    @Override
    public Registers bar(int index) throws LinuxException {
        return new FaultyRegisters(device.bar(index));
    }

    @Override
    public void busMaster(boolean on) throws LinuxException {
        device.busMaster(on);
    }

    @Override
    public DmaSpace dma() {
        return device.dma();
    }

    @Override
    public int vectors() {
        return device.vectors();
    }

    @Override
    public void interrupt(List<EventFd> counters) throws LinuxException {
        device.interrupt(counters);
    }

    @Override
    public EventFd releaseRequest() {
        return device.releaseRequest();
    }

    @Override
    public void reset() throws LinuxException {
        device.reset();
    }

    @Override
    public void close() {
        device.close();
        whenClosed.run();
    }
}
