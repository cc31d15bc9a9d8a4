package dev.ringside.bdev.nvme.queue;

import java.util.Arrays;
import java.util.List;

/** How the pairs of I/O queues of a controller are. */
public final class QueueSettings {
    private final int entries;
    private final Doorbells doorbells;
    private final int pageSize;
    private final int sglMask;
    private final int maxTransferBytes;
    private final int retries;
    private final long[] retryDelaysNs;
    private final long timeoutNs;

    /**
     * Puts them together.
     *
     * @param entries of each of the two queues, at least 2
     * @param doorbells of all queues
     * @param pageSize of the controller, in bytes
     * @param sglMask what has to be zero in addresses and lengths of an SGL; negative: the controller takes none
     * @param maxTransferBytes longest READ or WRITE
     * @param retries how often a command that failed for a passing reason is tried again
     * @param retryDelaysNs how long to wait before that, by CRD from 1
     * @param timeoutNs after this time a command is aborted
     */
    public QueueSettings(
            int entries,
            Doorbells doorbells,
            int pageSize,
            int sglMask,
            int maxTransferBytes,
            int retries,
            List<Long> retryDelaysNs,
            long timeoutNs) {
        this.entries = entries;
        this.doorbells = doorbells;
        this.pageSize = pageSize;
        this.sglMask = sglMask;
        this.maxTransferBytes = maxTransferBytes;
        this.retries = retries;
        this.retryDelaysNs = retryDelaysNs.stream().mapToLong(Long::longValue).toArray();
        this.timeoutNs = timeoutNs;
    }

    /** Entries of each of the two queues. */
    public int entries() {
        return entries;
    }

    Doorbells doorbells() {
        return doorbells;
    }

    int pageSize() {
        return pageSize;
    }

    int sglMask() {
        return sglMask;
    }

    int maxTransferBytes() {
        return maxTransferBytes;
    }

    int retries() {
        return retries;
    }

    long timeoutNs() {
        return timeoutNs;
    }

    /** By CRD, 1 to 3. */
    long retryDelayNs(int crd) {
        return retryDelaysNs[crd - 1];
    }

    @Override
    public String toString() {
        return entries + " entries, transfers of up to " + maxTransferBytes + " bytes, retry delays "
                + Arrays.toString(retryDelaysNs) + " ns";
    }
}
