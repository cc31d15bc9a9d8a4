package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import dev.ringside.testkit.mpt3sas.Mpt3Topology.Node;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.stream.IntStream;

/** What the model tells of itself: an event waits for a reply frame if there is none. Guarded by the model. */
final class Mpt3EventQueue {
    /** Entries of a list of topology changes in a reply frame. */
    private static final int MOST_ENTRIES =
            (Mpt3Rings.REPLY_BYTES - EventMessage.DATA - Event.TOPO_ENTRIES) / Event.TOPO_ENTRY_BYTES;

    private final Mpt3Rings rings;
    private final Mpt3Topology topology;
    private final List<String> violations;
    private final Queue<byte[]> untold = new ArrayDeque<>();
    private int nextEvent;
    private int unacknowledged;

    Mpt3EventQueue(Mpt3Rings rings, Mpt3Topology topology, List<String> violations) {
        this.rings = rings;
        this.topology = topology;
        this.violations = violations;
    }

    /** Events that wait to be acknowledged. */
    int unacknowledged() {
        return unacknowledged;
    }

    void acknowledged() {
        unacknowledged--;
    }

    void forget() {
        untold.clear();
        unacknowledged = 0;
    }

    /** Something befell a device that is attached to another. */
    void topology(Node node, int reason) {
        Node shelf = topology.node(node.parent);
        int status = shelf.isExpander() ? Event.ES_RESPONDING : Event.ES_NO_EXPANDER;
        tell(Mpt3Replies.topology(shelf, status, topology.port(node), List.of(node), reason, ++nextEvent));
    }

    /**
     * Something befell an expander.
     *
     * @param reason what befell what is attached to it; 0: nothing is said of that
     */
    void expander(Node expander, int status, int reason) {
        List<Node> left = reason == 0 ? List.of() : attached(expander);
        do {
            int count = fitting(left);
            tell(Mpt3Replies.topology(
                    expander, status, topology.port(expander), left.subList(0, count), reason, ++nextEvent));
            left = left.subList(count, left.size());
        } while (!left.isEmpty());
    }

    /** How many of these go into a list, which has an entry for each phy from that of the first on. */
    private static int fitting(List<Node> nodes) {
        int count = 0;
        while (count < nodes.size()
                && nodes.get(count).phy + nodes.get(count).width - nodes.getFirst().phy <= MOST_ENTRIES) {
            count++;
        }
        return count;
    }

    /** Tells of everything that is there, as after each reset: an expander's list comes after that of what it is attached to. */
    void all() {
        for (Node shelf : topology.shelves()) {
            if (shelf.isExpander()) {
                expander(shelf, Event.ES_ADDED, Event.RC_TARG_ADDED);
            } else {
                // A list is about one port.
                attached(shelf).forEach(node -> topology(node, Event.RC_TARG_ADDED));
            }
        }
        discovered();
    }

    private List<Node> attached(Node shelf) {
        return IntStream.range(shelf.isExpander() ? shelf.width : 0, shelf.phys)
                .mapToObj(phy -> topology.attached(shelf, phy))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    /** Something befell a device that is there still; the codes are those of sense data. */
    void deviceStatus(int handle, int reason, int asc, int ascq) {
        byte[] event = Mpt3Replies.event(Event.SAS_DEVICE_STATUS_CHANGE, true, ++nextEvent);
        MemorySegment to = MemorySegment.ofArray(event);
        Fields.put8(to, EventMessage.DATA + Event.STATUS_REASON, reason);
        Fields.put8(to, EventMessage.DATA + Event.STATUS_ASC, asc);
        Fields.put8(to, EventMessage.DATA + Event.STATUS_ASCQ, ascq);
        Fields.put16(to, EventMessage.DATA + Event.STATUS_DEV_HANDLE, handle);
        tell(event);
    }

    void discovered() {
        byte[] event = Mpt3Replies.event(Event.SAS_DISCOVERY, true, ++nextEvent);
        Fields.put8(
                MemorySegment.ofArray(event), EventMessage.DATA + Event.DISCOVERY_REASON, Event.DISCOVERY_COMPLETED);
        tell(event);
    }

    void broadcast(int primitive) {
        byte[] event = Mpt3Replies.event(Event.SAS_BROADCAST_PRIMITIVE, true, ++nextEvent);
        Fields.put8(MemorySegment.ofArray(event), EventMessage.DATA + Event.BROADCAST_PRIMITIVE, primitive);
        tell(event);
    }

    private void tell(byte[] event) {
        unacknowledged++;
        untold.add(event);
        tellWaiting();
    }

    /** There may be reply frames again. */
    void tellWaiting() {
        try {
            while (!untold.isEmpty() && rings.hasFreeFrame()) {
                rings.postFrame(0, ReplyDescriptor.SMID_INVALID, untold.remove());
            }
        } catch (DmaFault e) {
            violations.add(String.valueOf(e.getMessage()));
        }
    }
}
