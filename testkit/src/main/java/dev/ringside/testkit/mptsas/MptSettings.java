package dev.ringside.testkit.mptsas;

import dev.ringside.testkit.scsi.SimDiskSettings;
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
     * A disk, or several of a kind as logical units of one target.
     *
     * @param target number on bus 0
     * @param blockSize bytes of a block
     * @param blocks how many it has
     * @param sata whether it is a SATA disk behind the adapter's translation
     * @param solid whether it is an SSD, which takes FUA, UNMAP and WRITE SAME; others turn, and take none of them
     * @param units logical units of the target, from 0; at least 1
     */
    public record Disk(int target, int blockSize, int blocks, boolean sata, boolean solid, int units) {
        /** A disk that turns, alone at its target. */
        public Disk(int target, int blockSize, int blocks, boolean sata) {
            this(target, blockSize, blocks, sata, false, 1);
        }

        /** An SSD instead. */
        public Disk asSsd() {
            return new Disk(target, blockSize, blocks, sata, true, units);
        }

        /** So many of them at the same target. */
        public Disk times(int count) {
            return new Disk(target, blockSize, blocks, sata, solid, count);
        }

        /** One of the logical units. */
        SimDiskSettings unit(int number) {
            String serial = String.format("MODEL%03d-%d", target, number);
            long bytes = (long) blocks * blockSize;
            return solid
                    ? SimDiskSettings.ssd(serial, blockSize, bytes)
                    : SimDiskSettings.hdd(serial, blockSize, bytes);
        }
    }

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

    /** With other disks. */
    public MptSettings withDisks(Disk... others) {
        return new MptSettings(
                credits, replyDepth, maxChainDepth, highPriority, highAddresses, List.of(others), faults);
    }
}
