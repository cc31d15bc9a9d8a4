package dev.ringside.testkit.nvme;

import java.util.List;

/**
 * What a model of a controller is.
 *
 * @param namespaces those that it has at first
 * @param maxEntries most entries of a queue, 2 to 65,536
 * @param maxQueues pairs of I/O queues that it grants, 1 to 63
 * @param strideShift doorbells are 4 bytes times two to the power of this apart, 0 to 4
 * @param mdts longest transfer, as a power of two of pages of 4 KiB; 0: no limit
 * @param sgls SGLS of Identify: 0 none, 1 any alignment, 2 in words of 32 bits
 * @param retryDelay CRDT1, in units of 100 ms
 * @param vectors MSI-X vectors
 * @param shadows whether it offers shadow doorbells
 * @param faults what goes wrong
 */
public record NvmeModelSettings(
        List<Namespace> namespaces,
        int maxEntries,
        int maxQueues,
        int strideShift,
        int mdts,
        int sgls,
        int retryDelay,
        int vectors,
        boolean shadows,
        List<Fault> faults) {

    /**
     * A namespace.
     *
     * @param blockShift binary logarithm of the bytes of a block
     * @param metadata bytes of it with each block
     * @param csi its command set: 0 NVM, 2 zoned
     * @param mssrl longest source range of a Copy in blocks, 1 to 65,535
     * @param mcl most blocks of a Copy, at least 1
     */
    public record Namespace(int nsid, int blockShift, long blocks, int metadata, int csi, int mssrl, int mcl) {
        /** One whose limits of a Copy are 96 blocks of a source range and 80 of all. */
        public Namespace(int nsid, int blockShift, long blocks, int metadata, int csi) {
            this(nsid, blockShift, blocks, metadata, csi, 96, 80);
        }
    }

    /** One namespace of so many bytes, with nothing special. */
    public static NvmeModelSettings plain(int blockShift, long bytes) {
        return new NvmeModelSettings(
                List.of(new Namespace(1, blockShift, bytes >>> blockShift, 0, 0)),
                1024,
                16,
                0,
                7,
                0,
                0,
                0,
                false,
                List.of());
    }

    /** The same with other queues. */
    public NvmeModelSettings withQueues(int entries, int queues, int stride) {
        return new NvmeModelSettings(
                namespaces, entries, queues, stride, mdts, sgls, retryDelay, vectors, shadows, faults);
    }

    /** The same with another way of naming memory. */
    public NvmeModelSettings withSgls(int kind) {
        return new NvmeModelSettings(
                namespaces, maxEntries, maxQueues, strideShift, mdts, kind, retryDelay, vectors, shadows, faults);
    }

    /** The same with a limit of transfers. */
    public NvmeModelSettings withMdts(int shift) {
        return new NvmeModelSettings(
                namespaces, maxEntries, maxQueues, strideShift, shift, sgls, retryDelay, vectors, shadows, faults);
    }

    /** The same with other namespaces. */
    public NvmeModelSettings withNamespaces(Namespace... others) {
        return new NvmeModelSettings(
                List.of(others), maxEntries, maxQueues, strideShift, mdts, sgls, retryDelay, vectors, shadows, faults);
    }

    /** The same with a time to wait before a retry, in units of 100 ms. */
    public NvmeModelSettings withRetryDelay(int units) {
        return new NvmeModelSettings(
                namespaces, maxEntries, maxQueues, strideShift, mdts, sgls, units, vectors, shadows, faults);
    }

    /** The same with interrupts. */
    public NvmeModelSettings withVectors(int count) {
        return new NvmeModelSettings(
                namespaces, maxEntries, maxQueues, strideShift, mdts, sgls, retryDelay, count, shadows, faults);
    }

    /** The same with shadow doorbells. */
    public NvmeModelSettings withShadows() {
        return new NvmeModelSettings(
                namespaces, maxEntries, maxQueues, strideShift, mdts, sgls, retryDelay, vectors, true, faults);
    }

    /** The same with other faults. */
    public NvmeModelSettings withFaults(List<Fault> others) {
        return new NvmeModelSettings(
                namespaces, maxEntries, maxQueues, strideShift, mdts, sgls, retryDelay, vectors, shadows, others);
    }
}
