package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTarget.Transport;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The targets that are there, by their SAS addresses, numbered in the order in which they were found. Any thread. */
final class SasTargets {
    private final Map<Long, ScsiTarget> byAddress = new ConcurrentHashMap<>();

    /**
     * A device that was found.
     *
     * @param queueDepth commands that it can hold; 0: not known
     */
    record Found(long sasAddress, int handle, boolean sata, int queueDepth, String location) {}

    /** The target of a handle; null if there is none. */
    @Nullable
    ScsiTarget find(int handle) {
        for (ScsiTarget target : byAddress.values()) {
            if (target.handle() == handle) {
                return target;
            }
        }
        return null;
    }

    /** Forgets the target of a handle; null if there is none. */
    @Nullable
    ScsiTarget remove(int handle) {
        ScsiTarget target = find(handle);
        return target == null ? null : byAddress.remove(target.sasAddress());
    }

    /**
     * Takes over what was found: devices that stayed are the same targets, whatever their handles are now.
     *
     * @return those that are there now, by number
     */
    List<ScsiTarget> update(List<Found> found) {
        byAddress.keySet().retainAll(found.stream().map(Found::sasAddress).collect(Collectors.toSet()));
        BitSet used = new BitSet();
        byAddress.values().forEach(target -> used.set(target.id()));
        List<ScsiTarget> present = new ArrayList<>();
        for (Found device : found) {
            ScsiTarget target = byAddress.get(device.sasAddress);
            if (target == null) {
                int id = used.nextClearBit(0);
                used.set(id);
                target = make(id, device);
                byAddress.put(device.sasAddress, target);
            } else {
                target.renamed(device.handle);
            }
            present.add(target);
        }
        present.sort(Comparator.comparingInt(ScsiTarget::id));
        return present;
    }

    private static ScsiTarget make(int id, Found device) {
        return new ScsiTarget(
                0,
                id,
                device.sasAddress,
                device.sata ? Transport.SATA : Transport.SAS,
                device.queueDepth,
                device.location,
                device.handle);
    }
}
