package dev.ringside.env.pci;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;

/** The base address registers in a function's configuration space (PCI 3.0, 6.2.5.1). */
public final class PciBars {
    private static final int FIRST = 0x10;
    private static final int COUNT = 6;
    private static final int IO_SPACE = 1;

    private PciBars() {}

    /**
     * The first that is of memory, not of I/O ports.
     *
     * @return 0 to 5, for {@link PciFunction#bar}
     * @throws LinuxException ENXIO if there is none, and what reading the configuration space says
     */
    public static int firstMemory(PciFunction function) throws LinuxException {
        for (int bar = 0; bar < COUNT; bar++) {
            int value = function.readConfig(FIRST + bar * Integer.BYTES, Integer.BYTES);
            if (value != 0 && (value & IO_SPACE) == 0) {
                return bar;
            }
        }
        throw new LinuxException("find", "a memory BAR of " + function.address(), Errno.ENXIO);
    }
}
