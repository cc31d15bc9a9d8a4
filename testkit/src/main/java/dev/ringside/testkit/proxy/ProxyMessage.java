package dev.ringside.testkit.proxy;

/**
 * A message between QEMU's proxy device and who serves it (include/hw/remote/mpqemu-link.h), in the host's byte order.
 *
 * <pre>
 *   0x00 cmd (32)    0x08 size of what follows (64)
 *   configuration:   0x10 addr (32)     0x14 val (32)      0x18 len (32)
 *   BAR:             0x10 addr (64)     0x18 val (64)      0x20 size (32)   0x24 memory
 *   system memory:   0x10 gpas (8 of 64)  0x50 sizes (8 of 64)  0x90 offsets (8 of 64)
 *   RET:             0x10 value (64)
 * </pre>
 */
final class ProxyMessage {
    static final int CMD = 0x00;
    static final int SIZE = 0x08;
    static final int DATA = 0x10;
    /** Bytes of the longest message. */
    static final int MOST_BYTES = 0xd0;

    /** The guest's memory is here now; a descriptor for each region. */
    static final int SYNC_SYSMEM = 0;

    static final int RET = 1;
    static final int PCI_CFGWRITE = 2;
    static final int PCI_CFGREAD = 3;
    static final int BAR_WRITE = 4;
    static final int BAR_READ = 5;
    /** Two event counters: the interrupt, and that it has been seen. */
    static final int SET_IRQFD = 6;

    static final int DEVICE_RESET = 7;

    static final int CONFIG_ADDR = 0x10;
    static final int CONFIG_VAL = 0x14;
    static final int CONFIG_LEN = 0x18;

    static final int BAR_ADDR = 0x10;
    static final int BAR_VAL = 0x18;
    static final int BAR_SIZE = 0x20;

    static final int GPAS = 0x10;
    static final int SIZES = 0x50;
    static final int OFFSETS = 0x90;

    static final int RET_BYTES = DATA + Long.BYTES;

    private ProxyMessage() {}
}
