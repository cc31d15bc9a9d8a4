package dev.ringside.testkit.mpt3sas;

import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.List;

/**
 * What a model is.
 *
 * @param msgVersion of the message passing interface: 0x0205 or 0x0206
 * @param credit requests that it takes at once
 * @param vectors reply descriptor post queues that it has
 * @param atomic whether it takes atomic request descriptors
 * @param chainElements of a chain segment; 0: it does not say
 * @param maxChainDepth chain elements of a request
 * @param highAddresses whether it finds memory beyond 4 GiB only
 * @param shelves what disks are in; the first is the adapter itself, each other one an expander
 * @param faults that are to come
 */
public record Mpt3Settings(
        int msgVersion,
        int credit,
        int vectors,
        boolean atomic,
        int chainElements,
        int maxChainDepth,
        boolean highAddresses,
        List<Shelf> shelves,
        List<MptFault> faults) {

    /**
     * What disks are in.
     *
     * @param parent index of the shelf that it is attached to; of the first without meaning
     * @param disks whose numbers are unique among all shelves
     * @param width phys by which it is attached
     */
    public record Shelf(int parent, List<Disk> disks, int width) {
        /** One that is attached by one phy. */
        public Shelf(int parent, List<Disk> disks) {
            this(parent, disks, 1);
        }
    }

    /** A SAS3008, which takes one queue, with disks with blocks of 512 and 4096 bytes. */
    public static Mpt3Settings plain() {
        return new Mpt3Settings(
                0x0205,
                128,
                96,
                false,
                8,
                128,
                false,
                List.of(new Shelf(0, List.of(new Disk(1, 512, 16_384, false), new Disk(4, 4096, 2_048, true)))),
                List.of());
    }

    /** A SAS3416: atomic descriptors and several queues. */
    public Mpt3Settings atomicQueues(int queues) {
        return new Mpt3Settings(
                0x0206, credit, queues, true, chainElements, maxChainDepth, highAddresses, shelves, faults);
    }

    /** With faults. */
    public Mpt3Settings with(MptFault... planned) {
        return new Mpt3Settings(
                msgVersion,
                credit,
                vectors,
                atomic,
                chainElements,
                maxChainDepth,
                highAddresses,
                shelves,
                List.of(planned));
    }

    /** With room for so many requests. */
    public Mpt3Settings withCredit(int requests) {
        return new Mpt3Settings(
                msgVersion, requests, vectors, atomic, chainElements, maxChainDepth, highAddresses, shelves, faults);
    }

    /** With chain segments of another size. */
    public Mpt3Settings withChains(int elements, int depth) {
        return new Mpt3Settings(msgVersion, credit, vectors, atomic, elements, depth, highAddresses, shelves, faults);
    }

    /** With memory beyond 4 GiB only. */
    public Mpt3Settings withHighAddresses() {
        return new Mpt3Settings(
                msgVersion, credit, vectors, atomic, chainElements, maxChainDepth, true, shelves, faults);
    }

    /** With other shelves. */
    public Mpt3Settings withShelves(List<Shelf> others) {
        return new Mpt3Settings(
                msgVersion, credit, vectors, atomic, chainElements, maxChainDepth, highAddresses, others, faults);
    }
}
