package dev.ringside.bdev.nvme.spec;

/**
 * Registers of a controller behind BAR 0 (NVMe over PCIe transport 1.0, 3.1; base 2.0, 3.1.3).
 *
 * <pre>
 *   0x00 CAP   capabilities (64 bits)     0x08 VS    version
 *   0x14 CC    configuration              0x1c CSTS  status
 *   0x24 AQA   sizes of the admin queues  0x28 ASQ, 0x30 ACQ  their addresses (64 bits)
 *   0x1000     doorbells: of each pair of queues the submission tail, then the completion head
 * </pre>
 */
public final class ControllerRegisters {
    public static final int CAP = 0x00;
    public static final int VS = 0x08;
    public static final int CC = 0x14;
    public static final int CSTS = 0x1c;
    public static final int AQA = 0x24;
    public static final int ASQ = 0x28;
    public static final int ACQ = 0x30;
    public static final int DOORBELLS = 0x1000;

    public static final int CC_EN = 1;
    public static final int CC_MPS_SHIFT = 7;
    public static final int CC_SHN_MASK = 3 << 14;
    public static final int CC_SHN_NORMAL = 1 << 14;
    /** Submission entries of 64 bytes, completion entries of 16. */
    public static final int CC_ENTRY_SIZES = 6 << 16 | 4 << 20;

    public static final int CSTS_RDY = 1;
    public static final int CSTS_CFS = 1 << 1;
    public static final int CSTS_SHST_MASK = 3 << 2;
    public static final int CSTS_SHST_COMPLETE = 2 << 2;

    /** The unit of CAP.TO. */
    public static final long TIMEOUT_UNIT_MS = 500;

    /** The unit of CAP.MPSMIN and CAP.MPSMAX: 2 to the power of 12 and of the field. */
    public static final int PAGE_SHIFT_BASE = 12;

    private ControllerRegisters() {}

    /** CAP.MQES: the most entries of a queue, 0-based there. */
    public static int maxQueueEntries(long cap) {
        return (int) (cap & 0xffff) + 1;
    }

    /** CAP.TO: how long it may take until CSTS.RDY follows CC.EN, in ms. */
    public static long timeoutMs(long cap) {
        return Math.max(1, cap >>> 24 & 0xff) * TIMEOUT_UNIT_MS;
    }

    /** CAP.DSTRD: bytes from one doorbell to the next. */
    public static int doorbellStride(long cap) {
        return Integer.BYTES << (int) (cap >>> 32 & 0xf);
    }

    /** CAP.CSS: whether it has the NVM command set. */
    public static boolean hasNvmCommands(long cap) {
        return (cap >>> 37 & 1) != 0;
    }

    /** CAP.MPSMIN: binary logarithm of the smallest memory page. */
    public static int minPageShift(long cap) {
        return (int) (cap >>> 48 & 0xf) + PAGE_SHIFT_BASE;
    }

    /** Where the tail doorbell of a submission queue is. */
    public static long submissionDoorbell(int queue, int stride) {
        return DOORBELLS + 2L * queue * stride;
    }

    /** Where the head doorbell of a completion queue is. */
    public static long completionDoorbell(int queue, int stride) {
        return DOORBELLS + (2L * queue + 1) * stride;
    }
}
