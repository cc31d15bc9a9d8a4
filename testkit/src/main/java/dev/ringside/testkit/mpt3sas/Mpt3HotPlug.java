package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.testkit.mpt3sas.Mpt3Topology.Node;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Pulls disks and expanders out of a model, and plugs them in. What does not respond is waited for first, if that is wanted: the
 * model ends its requests meanwhile, as an IOC does during its device missing delay. Any thread.
 */
public final class Mpt3HotPlug {
    private final Mpt3Ioc ioc;
    private final List<Absent> absent = new ArrayList<>();

    /** A disk that was lost for a while. */
    private record Absent(Node node, long untilNs) {}

    Mpt3HotPlug(Mpt3Ioc ioc) {
        this.ioc = ioc;
    }

    /**
     * A disk does not respond any more, and the device missing delay begins: {@link #comeBack} or {@link #remove} ends it.
     *
     * @return its handle
     */
    public int lose(int number) {
        synchronized (ioc) {
            Node node = ioc.topology.disk(number);
            ioc.events.topology(node, Event.RC_DELAY_NOT_RESPONDING);
            lose(node);
            return node.handle;
        }
    }

    /** The disk with a handle, if there is one that responds, is lost for a while. */
    void loseFor(int handle, int ms) {
        Node node = ioc.topology.device(handle, false);
        if (node != null && node.answers()) {
            ioc.events.topology(node, Event.RC_DELAY_NOT_RESPONDING);
            lose(node);
            absent.add(new Absent(node, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms)));
        }
    }

    /** Disks that were lost for a while respond again if the time has passed. */
    void comeBackInTime() {
        for (Absent each : List.copyOf(absent)) {
            if (System.nanoTime() - each.untilNs >= 0) {
                absent.remove(each);
                if (each.node.present && each.node.missing) {
                    comeBack(each.node);
                    ioc.events.topology(each.node, Event.RC_PHY_CHANGED);
                }
            }
        }
    }

    /** The adapter is reset: disks that were lost for a while respond again, and nobody is told. */
    void reset() {
        absent.forEach(each -> each.node.missing = false);
        absent.clear();
    }

    /** A disk that was lost responds again. */
    public void comeBack(int number) {
        synchronized (ioc) {
            Node node = ioc.topology.disk(number);
            comeBack(node);
            ioc.events.topology(node, Event.RC_PHY_CHANGED);
        }
    }

    /** The IOC finds out that no commands can be sent to a disk, for a reason that SAS device page 0 knows; 0: they can again. */
    public void block(int number, int accessStatus) {
        synchronized (ioc) {
            ioc.topology.disk(number).accessStatus = accessStatus;
            ioc.events.discovered();
        }
    }

    /** The link of a phy of the adapter is lost for good; the rest of its port works on. */
    public void cut(int phy) {
        synchronized (ioc) {
            ioc.topology.cut(phy);
            ioc.events.discovered();
        }
    }

    /** A disk has gone for good; its handle, which the driver has to give back. */
    public int remove(int number) {
        synchronized (ioc) {
            Node node = ioc.topology.disk(number);
            node.present = false;
            ioc.events.topology(node, Event.RC_TARG_NOT_RESPONDING);
            return node.handle;
        }
    }

    /** Tells again, as for another phy of a wide port, that a device has gone which the driver has not given back. */
    public void tellRemoved(int handle) {
        synchronized (ioc) {
            ioc.events.topology(ioc.topology.node(handle), Event.RC_TARG_NOT_RESPONDING);
        }
    }

    /** Adds a disk to the adapter itself, and tells of it; its handle. */
    public int add(Disk disk) {
        synchronized (ioc) {
            Node node = ioc.topology.add(disk);
            ioc.events.topology(node, Event.RC_TARG_ADDED);
            return node.handle;
        }
    }

    /** An expander does not respond any more, and with it all that is behind; the device missing delay begins. */
    public void loseExpander(int shelf) {
        synchronized (ioc) {
            Node expander = ioc.topology.shelf(shelf);
            ioc.events.expander(expander, Event.ES_DELAY_NOT_RESPONDING, 0);
            ioc.topology.behind(expander).forEach(this::lose);
        }
    }

    /** An expander that was lost responds again, and what is behind it. */
    public void expanderBack(int shelf) {
        synchronized (ioc) {
            Node expander = ioc.topology.shelf(shelf);
            List<Node> behind = ioc.topology.behind(expander);
            behind.forEach(this::comeBack);
            for (Node each : behind.reversed()) {
                if (each.isExpander()) {
                    ioc.events.expander(each, Event.ES_RESPONDING, Event.RC_PHY_CHANGED);
                }
            }
        }
    }

    /** An expander has gone for good, and all that is behind it. */
    public Gone removeExpander(int shelf) {
        synchronized (ioc) {
            Node expander = ioc.topology.shelf(shelf);
            List<Node> behind = ioc.topology.behind(expander);
            for (Node each : behind) {
                if (each.isExpander()) {
                    ioc.events.expander(each, Event.ES_NOT_RESPONDING, Event.RC_TARG_NOT_RESPONDING);
                }
            }
            ioc.events.topology(expander, Event.RC_TARG_NOT_RESPONDING);
            behind.forEach(each -> each.present = false);
            return new Gone(behind.reversed());
        }
    }

    /** Plugs in an expander again that has gone, with all that was behind it, under other handles. */
    public void plugIn(Gone gone) {
        synchronized (ioc) {
            List<Node> made = ioc.topology.addAgain(gone.nodes);
            ioc.events.topology(made.getFirst(), Event.RC_TARG_ADDED);
            for (Node each : made) {
                if (each.isExpander()) {
                    ioc.events.expander(each, Event.ES_ADDED, Event.RC_TARG_ADDED);
                }
            }
        }
    }

    /** What has gone with an expander. */
    public static final class Gone {
        private final List<Node> nodes;

        private Gone(List<Node> nodes) {
            this.nodes = new ArrayList<>(nodes);
        }

        /** The handles that the driver has to give back. */
        public List<Integer> handles() {
            return nodes.stream().map(node -> node.handle).toList();
        }
    }

    private void lose(Node node) {
        node.missing = true;
        ioc.initiator.terminate(node.handle);
    }

    private void comeBack(Node node) {
        node.missing = false;
        if (node.target != null) {
            node.target.reset();
        }
    }
}
