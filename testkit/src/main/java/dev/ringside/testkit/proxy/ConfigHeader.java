package dev.ringside.testkit.proxy;

import dev.ringside.bdev.scsi.mpi.Fields;
import java.lang.foreign.MemorySegment;

/** The configuration space of a conventional PCI function with one BAR, of 32 bits, and the pin INTA#; no capabilities. */
public final class ConfigHeader {
    private static final int BYTES = 256;
    private static final int VENDOR_ID = 0x00;
    private static final int DEVICE_ID = 0x02;
    private static final int COMMAND = 0x04;
    private static final int CLASS_CODE = 0x09;
    private static final int BAR_1 = 0x14;
    private static final int SUBSYSTEM_VENDOR_ID = 0x2c;
    private static final int INTERRUPT_LINE = 0x3c;
    private static final int INTERRUPT_PIN = 0x3d;

    private final MemorySegment space = MemorySegment.ofArray(new byte[BYTES]);
    private final MemorySegment writable = MemorySegment.ofArray(new byte[BYTES]);

    /**
     * Makes one.
     *
     * @param id vendor in the higher half, device in the lower one
     * @param classCode base class and subclass
     * @param barBytes of BAR 1: a power of two, at least 16
     */
    public ConfigHeader(int id, int classCode, int barBytes) {
        int vendor = id >>> 16;
        Fields.put16(space, VENDOR_ID, vendor);
        Fields.put16(space, DEVICE_ID, id & 0xffff);
        Fields.put16(space, CLASS_CODE + 1, classCode);
        Fields.put16(space, SUBSYSTEM_VENDOR_ID, vendor);
        Fields.put16(space, SUBSYSTEM_VENDOR_ID + 2, 1);
        Fields.put8(space, INTERRUPT_PIN, 1);
        // I/O space, memory space, bus master, INTx disable.
        Fields.put16(writable, COMMAND, 0x0407);
        Fields.put32(writable, BAR_1, -barBytes);
        Fields.put8(writable, INTERRUPT_LINE, 0xff);
    }

    long read(int offset, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | Fields.u8(space, offset + i);
        }
        return value;
    }

    void write(int offset, int bytes, int value) {
        for (int i = 0; i < bytes; i++) {
            int mask = Fields.u8(writable, offset + i);
            int old = Fields.u8(space, offset + i);
            int wanted = value >>> (i * Byte.SIZE);
            Fields.put8(space, offset + i, (old & ~mask) | (wanted & mask));
        }
    }

    /** Where the guest has put BAR 1. */
    long barAddress() {
        return Integer.toUnsignedLong(Fields.i32(space, BAR_1));
    }
}
