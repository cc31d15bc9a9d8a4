package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.scsi.ScsiLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * READ (16), WRITE (16) and UNMAP to a logical unit of a virtio SCSI host device (virtio 1.2, 5.6.6.1). The response follows
 * the header so that what a good request needs lies in one cache line: the header, and the response up to its sense data.
 *
 * <pre>
 *  UNMAP parameter list (SBC-4, 5.31.2):  u16 22, u16 16, u32 0 | u64 lba, u32 blocks, u32 0
 * </pre>
 */
final class ScsiRequests extends VirtioRequests {
    private static final int STRIDE = 3 * LINE;
    private static final int RESPONSE = LINE - ScsiLayout.SENSE;
    /** Status and response code lie side by side in the response. */
    private static final int OUTCOME = RESPONSE + 10;

    private static final short GOOD = ScsiStatus.GOOD | ScsiLayout.S_OK << 8;
    /** What they are before the device writes them. */
    private static final short NO_OUTCOME = (short) 0xeeee;

    /** In a CDB of 16 bytes. */
    private static final int LBA = ScsiLayout.CDB + 2;

    private static final int BLOCKS = ScsiLayout.CDB + 10;
    /** In the CDB of UNMAP. */
    private static final int LIST_LENGTH = ScsiLayout.CDB + 7;

    private static final int UNMAP_LIST_BYTES = 24;
    private static final int UNMAP_HEADER_BYTES = 8;

    private static final ValueLayout.OfShort BIG16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int sectorShift;

    /** Whether the CDB that stands in a slot reads. */
    private final boolean[] reads;

    /**
     * Requests of one queue.
     *
     * @param part number of the queue, so that no two requests in flight have the same id
     * @param lun address of the logical unit, as the header has it
     * @param blockSize logical block of the unit, in bytes
     */
    ScsiRequests(GuestRam ram, SlotRing ring, Workload workload, int part, long lun, int blockSize) {
        super(ram, ring, workload, STRIDE, RESPONSE, UNMAP_LIST_BYTES);
        this.sectorShift = Integer.numberOfTrailingZeros(blockSize / Workload.SECTOR);
        this.reads = new boolean[workload.depth()];
        int blocks = workload.blockSize() / blockSize;
        for (int slot = 0; slot < workload.depth(); slot++) {
            long at = (long) slot * STRIDE;
            control.asSlice(at, STRIDE).fill((byte) 0);
            control.set(BIG64, at, lun);
            control.set(U64, at + ScsiLayout.ID, (long) part << 32 | slot);
            if (trim) {
                operation(at, Operation.UNMAP);
                control.set(BIG16, at + LIST_LENGTH, (short) UNMAP_LIST_BYTES);
                unmapList((long) slot * LINE, blocks);
            } else {
                operation(at, Operation.WRITE_16);
                control.set(BIG32, at + BLOCKS, blocks);
            }
        }
    }

    private void operation(long at, Operation operation) {
        control.set(ValueLayout.JAVA_BYTE, at + ScsiLayout.CDB, (byte) operation.code());
    }

    private void unmapList(long at, int blocks) {
        MemorySegment list = data().asSlice(at, UNMAP_LIST_BYTES).fill((byte) 0);
        list.set(BIG16, 0, (short) (UNMAP_LIST_BYTES - Short.BYTES));
        list.set(BIG16, Short.BYTES, (short) (UNMAP_LIST_BYTES - UNMAP_HEADER_BYTES));
        list.set(BIG32, UNMAP_HEADER_BYTES + Long.BYTES, blocks);
    }

    @Override
    void prepare(int slot, boolean read, long sector) {
        long at = (long) slot * STRIDE;
        long lba = sector >>> sectorShift;
        if (trim) {
            data().set(BIG64, (long) slot * LINE + UNMAP_HEADER_BYTES, lba);
        } else {
            if (reads[slot] != read) {
                reads[slot] = read;
                operation(at, read ? Operation.READ_16 : Operation.WRITE_16);
            }
            control.set(BIG64, at + LBA, lba);
        }
        control.set(U16, at + OUTCOME, NO_OUTCOME);
    }

    private short outcome(int slot) {
        return control.get(U16, (long) slot * STRIDE + OUTCOME);
    }

    @Override
    boolean succeeded(int slot) {
        return outcome(slot) == GOOD;
    }

    @Override
    String failure(int slot) {
        short outcome = outcome(slot);
        int status = outcome & 0xff;
        int response = outcome >>> 8 & 0xff;
        if (outcome == NO_OUTCOME) {
            return "no response written";
        }
        return switch (response) {
            case ScsiLayout.S_OK -> String.format("status %02xh", status) + sense(slot);
            case ScsiLayout.S_BAD_TARGET -> "VIRTIO_SCSI_S_BAD_TARGET";
            case ScsiLayout.S_RESET -> "VIRTIO_SCSI_S_RESET";
            case ScsiLayout.S_FAILURE -> "VIRTIO_SCSI_S_FAILURE";
            default -> "response " + response;
        };
    }

    private String sense(int slot) {
        long at = (long) slot * STRIDE + RESPONSE;
        int length = Math.clamp(control.get(U32, at), 0, ScsiLayout.SENSE_BYTES);
        byte[] bytes = control.asSlice(at + ScsiLayout.SENSE, length).toArray(ValueLayout.JAVA_BYTE);
        return Sense.parse(bytes, length)
                .map(sense -> String.format(", %s, %02x/%02x", sense.key(), sense.asc(), sense.ascq()))
                .orElse("");
    }
}
