package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import java.lang.foreign.ValueLayout;

/** Requests of a virtio block device (virtio 1.2, 5.2.6). What one needs lies in one cache line: header, status. */
final class BlkRequests extends VirtioRequests {
    private static final int STATUS = BlkLayout.HEADER_BYTES;

    /** What the status byte is before the device writes it. */
    private static final byte NO_STATUS = (byte) 0xee;

    private final int sectors;

    BlkRequests(GuestRam ram, SlotRing ring, Workload workload) {
        super(ram, ring, workload, LINE, STATUS, BlkLayout.SEGMENT_BYTES);
        this.sectors = workload.blockSize() / Workload.SECTOR;
    }

    @Override
    void prepare(int slot, boolean read, long sector) {
        long line = (long) slot * LINE;
        long type = read ? BlkLayout.T_IN : BlkLayout.T_OUT;
        if (trim) {
            type = BlkLayout.T_DISCARD;
            data().set(U64, line, sector);
            data().set(U32, line + 8, sectors);
            data().set(U32, line + 12, 0);
        }
        control.set(U64, line, type);
        control.set(U64, line + BlkLayout.FIRST_SECTOR, sector);
        control.set(ValueLayout.JAVA_BYTE, line + STATUS, NO_STATUS);
    }

    private byte status(int slot) {
        return control.get(ValueLayout.JAVA_BYTE, (long) slot * LINE + STATUS);
    }

    @Override
    boolean succeeded(int slot) {
        return status(slot) == BlkLayout.S_OK;
    }

    @Override
    String failure(int slot) {
        byte status = status(slot);
        return switch (status) {
            case BlkLayout.S_IOERR -> "VIRTIO_BLK_S_IOERR";
            case BlkLayout.S_UNSUPP -> "VIRTIO_BLK_S_UNSUPP";
            case NO_STATUS -> "no status byte written";
            default -> "status " + Byte.toUnsignedInt(status);
        };
    }
}
