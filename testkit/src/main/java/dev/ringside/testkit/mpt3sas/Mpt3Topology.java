package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt3sas.mpi.EnclosurePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.testkit.mptsas.ModelTarget;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is behind the model, by handles. A handle of a disk that has gone stays taken until the host has removed the device.
 * Guarded by the model.
 */
final class Mpt3Topology {
    static final long ADAPTER_ADDRESS = 0x5006_05b0_0000_0000L;
    static final int ADAPTER_HANDLE = 1;

    private static final long EXPANDER_ADDRESS = 0x5005_0cc0_0000_0000L;
    private static final long ENCLOSURE_ID = 0x500a_0980_0000_0000L;

    /** A device; without a target an expander or the enclosure processor of one. */
    private static final class Node {
        final int parent;
        final int enclosure;
        final int info;
        final long address;
        final @Nullable ModelTarget target;
        boolean present = true;

        Node(int parent, int enclosure, int info, long address, @Nullable ModelTarget target) {
            this.parent = parent;
            this.enclosure = enclosure;
            this.info = info;
            this.address = address;
            this.target = target;
        }
    }

    private final NavigableMap<Integer, Node> nodes = new TreeMap<>();
    private int nextHandle = ADAPTER_HANDLE;

    Mpt3Topology(List<Mpt3Settings.Shelf> shelves) {
        List<Integer> handles = new ArrayList<>();
        for (int i = 0; i < shelves.size(); i++) {
            int parent = i == 0 ? 0 : handles.get(shelves.get(i).parent());
            int info = i == 0
                    ? SasDevicePage0.DEVICE_INFO_END_DEVICE | SasDevicePage0.DEVICE_INFO_SSP_INITIATOR
                    : SasDevicePage0.DEVICE_INFO_EDGE_EXPANDER | SasDevicePage0.DEVICE_INFO_SMP_TARGET;
            long address = i == 0 ? ADAPTER_ADDRESS : EXPANDER_ADDRESS | i;
            int shelf = put(new Node(parent, i + 1, info, address, null));
            handles.add(shelf);
            if (i > 0) {
                int processor = SasDevicePage0.DEVICE_INFO_END_DEVICE
                        | SasDevicePage0.DEVICE_INFO_SSP_TARGET
                        | SasDevicePage0.DEVICE_INFO_SEP;
                put(new Node(shelf, i + 1, processor, EXPANDER_ADDRESS | 0x1000 | i, null));
            }
            for (Disk disk : shelves.get(i).disks()) {
                put(disk(shelf, i + 1, disk));
            }
        }
    }

    /** Adds a disk to the adapter itself; its handle. */
    int add(Disk disk) {
        return put(disk(ADAPTER_HANDLE, 1, disk));
    }

    /** A disk goes: if its delay has passed, it does not answer any more; its handle. */
    int remove(int number, boolean passed) {
        for (Map.Entry<Integer, Node> entry : nodes.entrySet()) {
            Node node = entry.getValue();
            if (node.present && node.target != null && node.target.number() == number) {
                node.present = !passed;
                return entry.getKey();
            }
        }
        throw new IllegalArgumentException("there is no disk " + number);
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

    /** The disk of a handle; null if there is none that answers. */
    @Nullable
    ModelTarget target(int handle) {
        Node node = nodes.get(handle);
        return node == null || !node.present ? null : node.target;
    }

    /** A reset of the adapter: handles that were kept are free, and disks tell of the reset. */
    void reset() {
        nodes.values().removeIf(node -> !node.present);
        for (Node node : nodes.values()) {
            if (node.target != null) {
                node.target.reset();
            }
        }
    }

    /** The page of the device with a handle, or of the one that follows it; null: there is none. */
    byte @Nullable [] devicePage(int handle, boolean next) {
        Map.Entry<Integer, Node> entry =
                next ? nodes.higherEntry(handle == 0xffff ? 0 : handle) : nodes.floorEntry(handle);
        if (entry == null || (!next && entry.getKey() != handle)) {
            return null;
        }
        Node node = entry.getValue();
        byte[] page = new byte[SasDevicePage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put16(to, SasDevicePage0.SLOT, node.target == null ? 0 : node.target.number());
        Fields.put16(to, SasDevicePage0.ENCLOSURE_HANDLE, node.enclosure);
        Fields.put64(to, SasDevicePage0.SAS_ADDRESS, node.address);
        Fields.put16(to, SasDevicePage0.PARENT_DEV_HANDLE, node.parent);
        Fields.put16(to, SasDevicePage0.DEV_HANDLE, entry.getKey());
        Fields.put32(to, SasDevicePage0.DEVICE_INFO, node.info);
        Fields.put16(to, SasDevicePage0.FLAGS, node.present ? SasDevicePage0.FLAGS_DEVICE_PRESENT : 0);
        Fields.put8(to, SasDevicePage0.MAX_PORT_CONNECTIONS, 1);
        return page;
    }

    /** The page of an enclosure. */
    static byte[] enclosurePage(int handle) {
        byte[] page = new byte[EnclosurePage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put64(to, EnclosurePage0.ENCLOSURE_LOGICAL_ID, ENCLOSURE_ID | handle);
        Fields.put16(to, EnclosurePage0.ENCLOSURE_HANDLE, handle);
        return page;
    }

    private static Node disk(int parent, int enclosure, Disk disk) {
        ModelTarget target = new ModelTarget(disk);
        int kind = disk.sata() ? SasDevicePage0.DEVICE_INFO_SATA_DEVICE : SasDevicePage0.DEVICE_INFO_SSP_TARGET;
        return new Node(parent, enclosure, SasDevicePage0.DEVICE_INFO_END_DEVICE | kind, target.sasAddress(), target);
    }

    private int put(Node node) {
        while (nodes.containsKey(nextHandle)) {
            nextHandle++;
        }
        nodes.put(nextHandle, node);
        return nextHandle++;
    }
}
