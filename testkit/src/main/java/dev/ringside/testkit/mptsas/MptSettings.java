package dev.ringside.testkit.mptsas;

import java.util.List;

/**
 * What a model is.
 *
 * @param credits requests that it takes at once
 * @param replyDepth entries of its reply FIFOs
 * @param maxChainDepth chain elements of a request
 * @param highPriority whether it has a FIFO for requests of high priority
 * @param highAddresses whether it finds memory beyond 4 GiB only
 * @param disks behind it, by target number
 * @param faults that are to come
 */
public record MptSettings(
        int credits,
        int replyDepth,
        int maxChainDepth,
        boolean highPriority,
        boolean highAddresses,
        List<Disk> disks,
        List<MptFault> faults) {

    /**
     * A disk.
     *
     * @param target number on bus 0
     * @param blockSize bytes of a block
     * @param blocks how many it has
     * @param sata whether it is a SATA disk behind the adapter's translation
     */
    public record Disk(int target, int blockSize, int blocks, boolean sata) {}

    /** Two disks with blocks of 512 and 4096 bytes, at targets 1 and 4. */
    public static MptSettings plain() {
        return new MptSettings(
                128,
                128,
                34,
                false,
                false,
                List.of(new Disk(1, 512, 16_384, false), new Disk(4, 4096, 2_048, true)),
                List.of());
    }

    /** With faults. */
    public MptSettings with(MptFault... planned) {
        return new MptSettings(
                credits, replyDepth, maxChainDepth, highPriority, highAddresses, disks, List.of(planned));
    }

    /** With queues of another size. */
    public MptSettings withDepths(int otherCredits, int otherReplyDepth) {
        return new MptSettings(
                otherCredits, otherReplyDepth, maxChainDepth, highPriority, highAddresses, disks, faults);
    }

    /** With a FIFO for requests of high priority. */
    public MptSettings withHighPriority() {
        return new MptSettings(credits, replyDepth, maxChainDepth, true, highAddresses, disks, faults);
    }

    /** With memory beyond 4 GiB only. */
    public MptSettings withHighAddresses() {
        return new MptSettings(credits, replyDepth, maxChainDepth, highPriority, true, disks, faults);
    }
}
