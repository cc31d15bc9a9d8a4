package dev.ringside.testkit.proxy;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.dma.ModelMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves QEMU's proxy device with a model that has its registers in BAR 1. A model that acts only when its registers are
 * touched reaches the guest's memory on the serving thread alone.
 *
 * <p>It does not interrupt: QEMU hands the counters for that to KVM, and nobody looks at them where a processor is emulated.
 */
public final class ProxyServer implements Runnable {
    private final UnixConnection connection;
    private final Registers registers;
    private final ConfigHeader config;
    private final SystemMemory ram;
    private final Runnable reset;
    private final MemorySegment message = Arena.ofAuto().allocate(ProxyMessage.MOST_BYTES, Long.BYTES);
    private final List<Fd> files = new ArrayList<>();

    /**
     * Makes one.
     *
     * @param connection to the proxy device
     * @param config what the function is; not to be used by others
     * @param registers what is in BAR 1
     * @param memory what the model reaches: the guest's memory is mapped into it
     * @param reset what a reset of the guest does
     */
    public ProxyServer(
            UnixConnection connection, ConfigHeader config, Registers registers, ModelMemory memory, Runnable reset) {
        this.connection = connection;
        this.registers = registers;
        this.config = config;
        this.ram = new SystemMemory(memory);
        this.reset = reset;
    }

    /** Serves until QEMU ends, or the connection breaks. */
    @Override
    public void run() {
        try (connection;
                ram) {
            while (receive(0, ProxyMessage.DATA)) {
                long size = message.get(ValueLayout.JAVA_LONG, ProxyMessage.SIZE);
                if (size > 0 && !receive(ProxyMessage.DATA, size)) {
                    return;
                }
                serve();
            }
        } catch (LinuxException e) {
            System.err.println("the proxy device: " + e);
        } finally {
            dropFiles();
        }
    }

    private void serve() throws LinuxException {
        int command = message.get(ValueLayout.JAVA_INT, ProxyMessage.CMD);
        switch (command) {
            case ProxyMessage.SYNC_SYSMEM -> ram.replace(message, files);
            case ProxyMessage.SET_IRQFD -> {
                // See above.
            }
            case ProxyMessage.PCI_CFGREAD -> answer(config.read(word(ProxyMessage.CONFIG_ADDR), length()));
            case ProxyMessage.PCI_CFGWRITE -> {
                config.write(word(ProxyMessage.CONFIG_ADDR), length(), word(ProxyMessage.CONFIG_VAL));
                answer(0);
            }
            case ProxyMessage.BAR_READ -> answer(readBar());
            case ProxyMessage.BAR_WRITE -> {
                writeBar();
                answer(0);
            }
            case ProxyMessage.DEVICE_RESET -> {
                reset.run();
                answer(0);
            }
            default -> throw new IllegalStateException("command " + command + " of the proxy device");
        }
        dropFiles();
    }

    private int word(int offset) {
        return message.get(ValueLayout.JAVA_INT, offset);
    }

    private int length() {
        return word(ProxyMessage.CONFIG_LEN);
    }

    private long barOffset() {
        return message.get(ValueLayout.JAVA_LONG, ProxyMessage.BAR_ADDR) - config.barAddress();
    }

    private long readBar() {
        return Integer.toUnsignedLong(registers.read32(barOffset()));
    }

    private void writeBar() {
        long offset = barOffset();
        long value = message.get(ValueLayout.JAVA_LONG, ProxyMessage.BAR_VAL);
        registers.write32(offset, (int) value);
        if (word(ProxyMessage.BAR_SIZE) == Long.BYTES) {
            registers.write32(offset + Integer.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    private void answer(long value) throws LinuxException {
        message.set(ValueLayout.JAVA_INT, ProxyMessage.CMD, ProxyMessage.RET);
        message.set(ValueLayout.JAVA_LONG, ProxyMessage.SIZE, Long.BYTES);
        message.set(ValueLayout.JAVA_LONG, ProxyMessage.DATA, value);
        connection.send(message, 0, ProxyMessage.RET_BYTES, List.of());
    }

    /** Whether so many bytes came, and not the end. */
    private boolean receive(long offset, long bytes) throws LinuxException {
        long done = 0;
        while (done < bytes) {
            int came = connection.receive(message, offset + done, bytes - done, files);
            if (came == 0) {
                return false;
            }
            done += came;
        }
        return true;
    }

    private void dropFiles() {
        files.forEach(Fd::close);
        files.clear();
    }
}
