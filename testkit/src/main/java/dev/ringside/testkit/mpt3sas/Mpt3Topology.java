package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.LinkRate;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.testkit.mptsas.ModelTarget;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is behind the model, by handles. A handle of a disk that has gone stays taken until the host has removed the device.
 * Guarded by the model.
 */
final class Mpt3Topology {
    static final long ADAPTER_ADDRESS = 0x5006_05b0_0000_0000L;
    static final int ADAPTER_HANDLE = 1;

    private static final long EXPANDER_ADDRESS = 0x5005_0cc0_0000_0000L;
    private static final int ADAPTER_PHYS = 8;
    /** A device: a disk, the adapter, an expander, or the enclosure processor of one. */
    static final class Node {
        final int handle;
        /** The handle of what it is attached to; 0: the adapter, which is attached to nothing. */
        final int parent;
        /** The first phy of that which it is attached to. */
        final int phy;
        /** By how many phys it is attached; an expander by as many of its first. */
        final int width;
        /** Phys that it has itself. */
        final int phys;

        final int enclosure;
        final int info;
        final long address;
        final @Nullable ModelTarget target;
        boolean present = true;
        /** Whether it does not respond, and the device missing delay has not passed. */
        boolean missing;
        /** Why no commands can be sent to it, as SAS device page 0 says; 0: they can. */
        int accessStatus;

        private Node(
                int handle,
                int parent,
                int phy,
                int width,
                int phys,
                int enclosure,
                int info,
                long address,
                @Nullable ModelTarget target) {
            this.handle = handle;
            this.parent = parent;
            this.phy = phy;
            this.width = width;
            this.phys = phys;
            this.enclosure = enclosure;
            this.info = info;
            this.address = address;
            this.target = target;
        }

        /** Whether it responds. */
        boolean answers() {
            return present && !missing;
        }

        /** The rate of the link to it: SATA disks are slower than SAS. */
        int linkRate() {
            return (info & SasDevicePage0.DEVICE_INFO_SATA_DEVICE) != 0 ? LinkRate.RATE_6_0 : Event.LINK_RATE_12_0;
        }

        boolean isExpander() {
            return (info & SasDevicePage0.DEVICE_INFO_EDGE_EXPANDER) != 0;
        }
    }

    private final NavigableMap<Integer, Node> nodes = new TreeMap<>();
    /** Phys of the adapter whose links are lost. */
    private final Set<Integer> cut = new HashSet<>();

    private int nextHandle = ADAPTER_HANDLE;

    Mpt3Topology(List<Mpt3Settings.Shelf> shelves) {
        List<Node> made = new ArrayList<>();
        for (int i = 0; i < shelves.size(); i++) {
            List<Disk> disks = shelves.get(i).disks();
            // The uplink and the enclosure processor, and expanders that may be attached.
            int links = shelves.stream().mapToInt(Mpt3Settings.Shelf::width).sum();
            int phys = Math.max(ADAPTER_PHYS, 2 + disks.size() + links);
            Node shelf = i == 0
                    ? putAdapter(phys)
                    : putExpander(
                            made.get(shelves.get(i).parent()), i, shelves.get(i).width(), phys);
            made.add(shelf);
            for (Disk disk : disks) {
                putDisk(shelf, disk);
            }
        }
    }

    private Node putAdapter(int phys) {
        int info = SasDevicePage0.DEVICE_INFO_END_DEVICE | SasDevicePage0.DEVICE_INFO_SSP_INITIATOR;
        Node adapter = new Node(ADAPTER_HANDLE, 0, 0, 0, phys, 1, info, ADAPTER_ADDRESS, null);
        nodes.put(ADAPTER_HANDLE, adapter);
        // An IOC keeps as many handles for itself as it has phys: drivers rely on it.
        nextHandle = phys + 1;
        return adapter;
    }

    private Node putExpander(Node parent, int index, int width, int phys) {
        int enclosure = index + 1;
        int info = SasDevicePage0.DEVICE_INFO_EDGE_EXPANDER | SasDevicePage0.DEVICE_INFO_SMP_TARGET;
        Node expander =
                put(parent, freePhy(parent, width), width, phys, enclosure, info, EXPANDER_ADDRESS | index, null);
        int processor = SasDevicePage0.DEVICE_INFO_END_DEVICE
                | SasDevicePage0.DEVICE_INFO_SSP_TARGET
                | SasDevicePage0.DEVICE_INFO_SEP;
        put(expander, phys - 1, 1, 1, enclosure, processor, EXPANDER_ADDRESS | 0x1000 | index, null);
        return expander;
    }

    private Node putDisk(Node shelf, Disk disk) {
        ModelTarget target = new ModelTarget(disk);
        int kind = disk.sata() ? SasDevicePage0.DEVICE_INFO_SATA_DEVICE : SasDevicePage0.DEVICE_INFO_SSP_TARGET;
        int info = SasDevicePage0.DEVICE_INFO_END_DEVICE | kind;
        return put(shelf, freePhy(shelf, 1), 1, 1, shelf.enclosure, info, target.sasAddress(), target);
    }

    private Node put(
            Node parent,
            int phy,
            int width,
            int phys,
            int enclosure,
            int info,
            long address,
            @Nullable ModelTarget target) {
        while (nodes.containsKey(nextHandle)) {
            nextHandle++;
        }
        Node node = new Node(nextHandle++, parent.handle, phy, width, phys, enclosure, info, address, target);
        nodes.put(node.handle, node);
        return node;
    }

    /** The first of so many phys in a row to which nothing is attached. */
    private int freePhy(Node of, int width) {
        for (int first = of.isExpander() ? of.width : 0; first + width <= of.phys; first++) {
            if (IntStream.range(first, first + width).allMatch(phy -> attached(of, phy) == null)) {
                return first;
            }
        }
        throw new IllegalStateException("no phy is free");
    }

    /** Adds a disk to the adapter itself. */
    Node add(Disk disk) {
        return putDisk(adapter(), disk);
    }

    /** The disk with a number, which may be missing. */
    Node disk(int number) {
        for (Node node : nodes.values()) {
            if (node.present && node.target != null && node.target.number() == number) {
                return node;
            }
        }
        throw new IllegalArgumentException("there is no disk " + number);
    }

    /** The adapter, or an expander that there is, by the index of its shelf. */
    Node shelf(int index) {
        return shelves().stream()
                .filter(node -> node.enclosure == index + 1)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no shelf " + index));
    }

    /** Adds what has gone under other handles; what others are attached to comes first, among these as well. */
    List<Node> addAgain(List<Node> gone) {
        Map<Integer, Node> made = new LinkedHashMap<>();
        for (Node old : gone) {
            Node above = made.get(old.parent);
            Node parent = above == null ? node(old.parent) : above;
            if (old.target != null) {
                old.target.reset();
            }
            made.put(
                    old.handle,
                    put(parent, old.phy, old.width, old.phys, old.enclosure, old.info, old.address, old.target));
        }
        return List.copyOf(made.values());
    }

    /** What is behind an expander, at any distance, and the expander itself at the end. */
    List<Node> behind(Node expander) {
        List<Node> found = new ArrayList<>();
        for (Node node : List.copyOf(nodes.values())) {
            if (node.parent == expander.handle && node.present) {
                found.addAll(node.isExpander() ? behind(node) : List.of(node));
            }
        }
        found.add(expander);
        return found;
    }

    /** The host has done with a handle; whether the device had gone. */
    boolean release(int handle) {
        Node node = nodes.get(handle);
        if (node == null || node.present) {
            return false;
        }
        nodes.remove(handle);
        return true;
    }

    /** Whether a handle is taken. */
    boolean knows(int handle) {
        return nodes.containsKey(handle);
    }

    /** The IOCStatus of requests for a handle with nothing that answers. */
    int absence(int handle) {
        Node node = nodes.get(handle);
        if (node == null) {
            return IocStatus.SCSI_INVALID_TARGETID;
        }
        return node.present && node.missing ? IocStatus.SCSI_IOC_TERMINATED : IocStatus.SCSI_DEVICE_NOT_THERE;
    }

    /** The disk of a handle; null if there is none that answers. */
    @Nullable
    ModelTarget target(int handle) {
        Node node = nodes.get(handle);
        return node == null || !node.answers() ? null : node.target;
    }

    /** A reset of the adapter: handles that were kept are free, what was missing has gone, and disks tell of the reset. */
    void reset() {
        nodes.values().removeIf(node -> !node.answers());
        for (Node node : nodes.values()) {
            if (node.target != null) {
                node.target.reset();
            }
        }
    }

    /** The adapter itself. */
    Node adapter() {
        return node(ADAPTER_HANDLE);
    }

    /** The device with a handle that is known. */
    Node node(int handle) {
        Node node = nodes.get(handle);
        if (node == null) {
            throw new IllegalArgumentException("handle " + handle);
        }
        return node;
    }

    /** The device with a handle, or with the next higher one; null: there is none. */
    @Nullable
    Node device(int handle, boolean next) {
        if (!next) {
            return nodes.get(handle);
        }
        Map.Entry<Integer, Node> entry = nodes.higherEntry(handle == 0xffff ? 0 : handle);
        return entry == null ? null : entry.getValue();
    }

    /** What is attached to a phy of a device, which may be missing; null: nothing. */
    @Nullable
    Node attached(Node to, int phy) {
        if (to.isExpander() && phy < to.width) {
            return nodes.get(to.parent);
        }
        if (to.handle == ADAPTER_HANDLE && cut.contains(phy)) {
            return null;
        }
        for (Node node : nodes.values()) {
            if (node.present && node.parent == to.handle && node.phy <= phy && phy < node.phy + node.width) {
                return node;
            }
        }
        return null;
    }

    /** The link of a phy of the adapter is lost, which is one of several of a port. */
    void cut(int phy) {
        cut.add(phy);
    }

    /** The number of the adapter's port that leads to a device: its first phy. */
    int port(Node node) {
        Node at = node;
        Node up = nodes.get(at.parent);
        // What a device was attached to may have gone before it.
        while (up != null && up.handle != ADAPTER_HANDLE) {
            at = up;
            up = nodes.get(at.parent);
        }
        return at.phy;
    }

    /** The adapter, and then the expanders: each after what it is attached to. */
    List<Node> shelves() {
        return nodes.values().stream()
                .filter(node -> node.handle == ADAPTER_HANDLE || (node.isExpander() && node.present))
                .sorted(Comparator.comparingInt(node -> node.handle))
                .toList();
    }
}
