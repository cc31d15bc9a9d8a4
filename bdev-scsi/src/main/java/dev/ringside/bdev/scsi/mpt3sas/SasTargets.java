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
    /** Devices and expanders that the IOC has begun to wait for meanwhile, by their new handles. Guarded by itself. */
    private final Set<Integer> lost = new HashSet<>();
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
     * @param absent the handles of disks that the IOC knows and that do not respond, by SAS addresses
     * @param parents what devices and expanders are attached to, by handles
     * @param missingDelayS how long the IOC waits for a device that does not respond
     */
    record Scan(List<Found> found, Map<Long, Integer> absent, Map<Integer, Integer> parents, int missingDelayS) {}

    /** The IOC waits for a device or an expander that does not respond: what it is, and what is behind it, is missing. */
    void missing(int handle) {
        synchronized (lost) {
            if (stale) {
                lost.add(handle);
                return;
            }
        }
        long until = System.nanoTime() + missingDelayNs;
        for (ScsiTarget target : byAddress.values()) {
            if (target.handle() == handle || isBehind(parents, target.handle(), handle)) {
                target.missing(until);
            }
        }
    }

    /** The IOC does not wait for a device or an expander any more: it responds, or has gone. */
    void waitNoMore(int handle) {
        synchronized (lost) {
            lost.remove(handle);
        }
    }

    /** The targets behind an expander, at any distance; none while its handle may be another's. */
    List<ScsiTarget> behind(int expander) {
        if (stale) {
            return List.of();
        }
        return byAddress.values().stream()
                .filter(target -> isBehind(parents, target.handle(), expander))
                .toList();
    }

    private static boolean isBehind(Map<Integer, Integer> up, int handle, int expander) {
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
     * next scan has told what is there. On the control thread.
     */
    void reset() {
        synchronized (lost) {
            stale = true;
            lost.clear();
        }
        hold();
    }

    /** Scans can begin after a reset: the time begins for which targets wait to be found. On the control thread. */
    void hold() {
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
     * stays, too, until its end is told; after a reset there is nothing to wait for but what the IOC has told of since. On the
     * control thread.
     *
     * @return those that are there now, by number
     */
    List<ScsiTarget> update(Scan scan) {
        List<Found> found = scan.found;
        missingDelayNs = TimeUnit.SECONDS.toNanos(scan.missingDelayS) + MARGIN_NS;
        Set<Long> there = found.stream().map(Found::sasAddress).collect(Collectors.toSet());
        List<ScsiTarget> present = new ArrayList<>();
        for (ScsiTarget target : byAddress.values()) {
            if (!there.contains(target.sasAddress()) && staysAway(target, scan)) {
                present.add(target);
            }
        }
        // The way to what is missing is known from before.
        Map<Integer, Integer> up = stale || present.isEmpty() ? new HashMap<>() : new HashMap<>(parents);
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
            if (device.queueDepth > 0) {
                target.holds(device.queueDepth);
            }
            present.add(target);
        }
        held.clear();
        synchronized (lost) {
            stale = false;
            lost.forEach(this::missing);
            lost.clear();
        }
        present.sort(Comparator.comparingInt(ScsiTarget::id));
        return present;
    }

    /** Whether a target that does not respond is waited for; after a reset, if the IOC waits for it, under its new handle. */
    private boolean staysAway(ScsiTarget target, Scan scan) {
        if (!stale) {
            return target.isMissing();
        }
        Integer handle = scan.absent.get(target.sasAddress());
        if (handle == null) {
            return false;
        }
        synchronized (lost) {
            if (lost.stream().noneMatch(each -> each.equals(handle) || isBehind(scan.parents, handle, each))) {
                return false;
            }
        }
        target.renamed(handle);
        return true;
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
