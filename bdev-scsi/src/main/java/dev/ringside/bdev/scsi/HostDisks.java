package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTarget.Absence;
import dev.ringside.bdev.scsi.queue.Unit;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The disks behind a host, as they were when it was last looked. Changed by the control thread. */
final class HostDisks {
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);

    private final ScsiHost host;
    private final DiskProbe probe;
    private final DiskNames names;
    private final ScsiListener listener;
    /** In the order in which they were found; guarded by this object's monitor, as is why others are not used. */
    private final Map<ScsiDevice, ScsiDisk> disks = new LinkedHashMap<>();

    private final Map<String, String> refused = new LinkedHashMap<>();
    private boolean someNotReady;
    /** Whether it could not be found out what has become of a disk. */
    private boolean someUnknown;

    HostDisks(ScsiHost host, DiskProbe probe, DiskNames names, ScsiListener listener) {
        this.host = host;
        this.probe = probe;
        this.names = names;
        this.listener = listener;
    }

    /** Those that there are; any thread. */
    synchronized List<ScsiDisk> list() {
        return List.copyOf(disks.values());
    }

    /** What is not used, with the reason; any thread. */
    synchronized List<String> refusals() {
        return refused.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .toList();
    }

    /**
     * Looks at everything that there is.
     *
     * @return whether something will be ready later, and has to be looked at again
     * @throws IOException if the adapter is in trouble
     */
    boolean scan(List<ScsiTarget> targets) throws IOException {
        synchronized (this) {
            refused.clear();
        }
        for (ScsiDisk disk : list()) {
            if (!targets.contains(disk.device().target())) {
                removeTarget(disk.device().target());
            }
        }
        boolean again = false;
        for (ScsiTarget target : targets) {
            if (host.state() == HostState.ENABLED) {
                again |= scan(target);
            }
        }
        return again;
    }

    /**
     * Looks at a target's logical units. One that was missing gets requests again if all of its disks are as they were, or have
     * been removed.
     *
     * @return whether something will be ready later, and has to be looked at again
     */
    boolean scan(ScsiTarget target) throws IOException {
        Absence absence = target.absence();
        boolean overdue = absence != null && absence.isOverdue(System.nanoTime());
        boolean silent = absence != null && !absence.over();
        if (silent && !overdue) {
            // What it had stays until it is back, or is given up.
            return false;
        }
        someNotReady = false;
        // What does not respond is not asked: it may be called otherwise by now.
        someUnknown = silent;
        if (!silent) {
            lookAtAll(target, absence);
        }
        if (absence == null) {
            return someNotReady;
        }
        if (someNotReady || someUnknown) {
            if (overdue && target.absence() == absence) {
                LOG.warn("{}: {} does not come back", host.name(), target);
                removeTarget(target);
            }
            return true;
        }
        target.waitNoMore(absence);
        host.queues().wake();
        return false;
    }

    private void lookAtAll(ScsiTarget target, @Nullable Absence absence) throws IOException {
        List<Long> luns;
        try {
            luns = probe.luns(target);
        } catch (NotReadyException e) {
            later(target.toString(), e);
            return;
        } catch (ScsiHostException e) {
            refuse(target.toString(), e);
            someUnknown = true;
            return;
        }
        if (!isAsBefore(target, absence)) {
            someUnknown = true;
            return;
        }
        for (ScsiDisk disk : list()) {
            if (disk.device().target() == target && !luns.contains(disk.device().lun())) {
                remove(disk);
            }
        }
        for (long lun : luns) {
            look(new ScsiDevice(target, lun), absence);
        }
    }

    /** Whether what has been asked of a target since then was answered by it: after a reset it is called otherwise. */
    private boolean isAsBefore(ScsiTarget target, @Nullable Absence absence) {
        return host.state() == HostState.ENABLED && target.absence() == absence;
    }

    /** Looks at a disk again. */
    void refresh(Unit unit) throws IOException {
        if (known(unit.device()).isPresent() && !unit.device().target().isMissing()) {
            look(unit.device(), null);
        }
    }

    /**
     * Gives up the targets that should have come back by now; those that say that they have, only if a last look does not find
     * them.
     */
    void removeOverdue(long nowNs) throws IOException {
        for (ScsiDisk disk : list()) {
            ScsiTarget target = disk.device().target();
            Absence absence = target.absence();
            if (absence != null && absence.isOverdue(nowNs)) {
                host.refreshTarget(target);
            }
        }
    }

    /** A target has gone. */
    void removeTarget(ScsiTarget target) {
        for (ScsiDisk disk : list()) {
            if (disk.device().target() == target) {
                remove(disk);
            }
        }
        // Not before all of its disks have gone from the queues, which hold back what is for one that is missing.
        target.waitNoMore();
    }

    /** All have gone. */
    void removeAll() {
        list().forEach(this::remove);
    }

    private synchronized Optional<ScsiDisk> known(ScsiDevice device) {
        return Optional.ofNullable(disks.get(device));
    }

    private void look(ScsiDevice device, @Nullable Absence absence) throws IOException {
        if (!isAsBefore(device.target(), absence)) {
            someUnknown = true;
            return;
        }
        try {
            Optional<DiskDescription> found = probe.describe(device);
            if (!isAsBefore(device.target(), absence)) {
                someUnknown = true;
            } else if (found.isPresent()) {
                found(device, found.get());
            } else {
                known(device).ifPresent(this::remove);
            }
        } catch (NotReadyException e) {
            later(device.address().toString(), e);
        } catch (ScsiHostException e) {
            refuse(device.address().toString(), e);
            someUnknown |= known(device).isPresent();
        }
    }

    private void found(ScsiDevice device, DiskDescription description) {
        Optional<ScsiDisk> known = known(device);
        if (known.isPresent()) {
            ScsiDisk disk = known.get();
            DiskDescription before = disk.description();
            if (same(before, description)) {
                disk.changed(description);
                if (before.traits().queueDepth() != description.traits().queueDepth()) {
                    host.queues().onEach(queue -> queue.depthChanged(disk.unit()));
                }
                if (before.numBlocks() != description.numBlocks()) {
                    listener.diskResized(disk);
                }
                return;
            }
            // Another disk in the same place, or the same in another format.
            remove(disk);
        }
        String name = names.take(description.stableName() + " of " + description.blockSize());
        ScsiDisk disk = new ScsiDisk(host, name, device, description, claims(description));
        synchronized (this) {
            disks.put(device, disk);
        }
        LOG.info(
                "{}: {} is {}: {} {}, {} blocks of {} bytes, {}",
                host.name(),
                device.address(),
                name,
                description.vendor(),
                description.product(),
                description.numBlocks(),
                description.blockSize(),
                description.stableName());
        listener.diskAdded(disk);
    }

    private RangeClaims claims(DiskDescription description) {
        return description.isUnique() ? names.claims(description.stableName()) : new RangeClaims();
    }

    private static boolean same(DiskDescription a, DiskDescription b) {
        return a.stableName().equals(b.stableName()) && a.blockSize() == b.blockSize();
    }

    private void remove(ScsiDisk disk) {
        LOG.info("{}: {} has gone", host.name(), disk.name());
        synchronized (this) {
            disks.remove(disk.device());
        }
        disk.markGone();
        names.give(disk.name());
        host.queues().onEach(queue -> queue.removed(disk.unit()));
        listener.diskRemoved(disk);
    }

    private void later(String what, NotReadyException e) {
        someNotReady = true;
        refuse(what, e);
    }

    private void refuse(String what, IOException e) {
        String reason = String.valueOf(e.getMessage());
        LOG.warn("{}: {} is not used: {}", host.name(), what, reason);
        synchronized (this) {
            refused.put(what, reason);
        }
    }
}
