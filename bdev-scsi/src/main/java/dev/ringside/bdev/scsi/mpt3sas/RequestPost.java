package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.mpt3sas.mpi.RequestDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.env.pci.Registers;

/**
 * How requests are posted: by one write if the IOC takes atomic descriptors, which any threads may do at once; else by two,
 * of one thread at a time.
 */
final class RequestPost {
    private final Registers registers;
    private final boolean atomic;

    RequestPost(Registers registers, boolean atomic) {
        this.registers = registers;
        this.atomic = atomic;
    }

    /**
     * Posts a request.
     *
     * @param flags type of the descriptor
     * @param queue which reply descriptor post queue its reply is for
     * @param handle of the device, of SCSI I/O; else 0
     */
    void post(int flags, int queue, int smid, int handle) {
        int low = flags | queue << RequestDescriptor.MSIX_INDEX_SHIFT | smid << RequestDescriptor.SMID_SHIFT;
        if (atomic) {
            registers.write32(SystemRegisters.ATOMIC_REQUEST_DESCRIPTOR_POST, low);
        } else {
            registers.write32(SystemRegisters.REQUEST_DESCRIPTOR_POST_LOW, low);
            registers.write32(
                    SystemRegisters.REQUEST_DESCRIPTOR_POST_HIGH, handle << RequestDescriptor.DEV_HANDLE_SHIFT);
        }
    }
}
