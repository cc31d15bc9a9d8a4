package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.SasLink;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTarget.Transport;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The targets that are there, by their SAS addresses, numbered in the order in which they were found. Any thread. */
final class SasTargets {
    /** The host waits for a target for this much longer than its IOC, which is to tell that it is given up. */
    private static final long MARGIN_NS = TimeUnit.SECONDS.toNanos(10);

    private final Map<Long, ScsiTarget> byAddress = new ConcurrentHashMap<>();
    /** What devices and expanders are attached to, by handles. */
    private volatile Map<Integer, Integer> parents = Map.of();

    private volatile long missingDelayNs = MARGIN_NS;
    /** Whether handles mean nothing: an IOC gives new ones when it is reset, which the next scan tells. */
    private volatile boolean stale;
    /** Those that wait for nothing but their new handles. For the control thread. */
    private final Set<ScsiTarget> held = new HashSet<>();

    /**
     * A device that was found.
     *
     * @param queueDepth commands that it can hold; 0: not known
     */
    record Found(long sasAddress, int handle, boolean sata, int queueDepth, String location, SasLink link) {}

    /**
     * All that was found.
     *
     * @param parents what devices and expanders are attached to, by handles
     * @param missingDelayS how long the IOC waits for a device that does not respond
     */
    record Scan(List<Found> found, Map<Integer, Integer> parents, int missingDelayS) {}

    /** How long a target that is missing is waited for, in ns. */
    long missingDelayNs() {
        return missingDelayNs;
    }

    /** The targets behind an expander, at any distance; none while its handle may be another's. */
    List<ScsiTarget> behind(int expander) {
        if (stale) {
            return List.of();
        }
        return byAddress.values().stream()
                .filter(target -> isBehind(target.handle(), expander))
                .toList();
    }

    private boolean isBehind(int handle, int expander) {
        Map<Integer, Integer> up = parents;
        int at = handle;
        // What an IOC tells need not be a tree.
        for (int hops = 0; hops <= up.size(); hops++) {
            at = up.getOrDefault(at, 0);
            if (at == expander || at == 0) {
                break;
            }
        }
        return at == expander;
    }

    /**
     * The IOC was reset: it waits for nothing any more, and calls devices by other handles. Nothing is sent to any until the
     * next scan has told what is there. To be called again when that can begin. On the control thread.
     */
    void reset() {
        stale = true;
        long until = System.nanoTime() + missingDelayNs;
        for (ScsiTarget target : byAddress.values()) {
            if (!target.isMissing()) {
                held.add(target);
            }
            // Anew for those that are missing, so that a look which goes on meanwhile does not end that.
            target.missing(until);
        }
    }

    /** The target of a handle; null if there is none, or it may be another's. */
    @Nullable
    ScsiTarget find(int handle) {
        if (stale) {
            return null;
        }
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
     * Takes over what was found: devices that stayed are the same targets, whatever their handles are now. One that is missing
     * stays, too, until its end is told; after a reset there is nothing to wait for. On the control thread.
     *
     * @return those that are there now, by number
     */
    List<ScsiTarget> update(Scan scan) {
        List<Found> found = scan.found;
        missingDelayNs = TimeUnit.SECONDS.toNanos(scan.missingDelayS) + MARGIN_NS;
        Set<Long> there = found.stream().map(Found::sasAddress).collect(Collectors.toSet());
        List<ScsiTarget> present = byAddress.values().stream()
                .filter(target -> !stale && target.isMissing() && !there.contains(target.sasAddress()))
                .collect(Collectors.toCollection(ArrayList::new));
        // The way to what is missing is known from before.
        Map<Integer, Integer> up = present.isEmpty() ? new HashMap<>() : new HashMap<>(parents);
        up.putAll(scan.parents);
        parents = Map.copyOf(up);
        byAddress.values().removeIf(target -> !present.contains(target) && !there.contains(target.sasAddress()));
        BitSet used = new BitSet();
        byAddress.values().forEach(target -> used.set(target.id()));
        for (Found device : found) {
            ScsiTarget target = byAddress.get(device.sasAddress);
            if (target == null) {
                int id = used.nextClearBit(0);
                used.set(id);
                target = make(id, device);
                byAddress.put(device.sasAddress, target);
            } else if (stale || target.handle() != device.handle) {
                target.renamed(device.handle);
                // It was found anew.
                if (held.contains(target)) {
                    target.waitNoMore();
                } else {
                    target.back();
                }
            }
            target.linked(device.link);
            present.add(target);
        }
        held.clear();
        stale = false;
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
