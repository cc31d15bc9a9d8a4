package dev.ringside.daemon.target;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.qos.QosBudget;
import dev.ringside.bdev.qos.QosLayering;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.env.linux.Errno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The limits of disks, and of groups of disks that share some. Disks are named by their names, not by aliases. Any thread;
 * whoever changes something holds the {@link ControlLock}.
 */
public final class QosSettings {
    private final BdevRegistry registry;
    /** Guarded by this object's monitor, as are the groups. */
    private final Map<String, Limited> disks = new HashMap<>();

    private final Map<String, LimitedGroup> groups = new LinkedHashMap<>();

    QosSettings(BdevRegistry registry) {
        this.registry = registry;
    }

    /** Limits, and what is left of them. */
    private record Limited(QosLimits limits, QosBudget budget) {
        Limited(QosLimits limits) {
            this(limits, new QosBudget(limits, System.nanoTime()));
        }
    }

    private record LimitedGroup(Limited limited, Set<String> members) {}

    /**
     * A group of disks.
     *
     * @param limits what its disks may do together
     * @param members names of its disks
     */
    public record Group(String name, QosLimits limits, List<String> members) {}

    /** The limits of a disk of its own. */
    public synchronized QosLimits limits(String disk) {
        Limited limited = disks.get(disk);
        return limited == null ? QosLimits.NONE : limited.limits();
    }

    /** All groups, in the order in which they were made. */
    public synchronized List<Group> groups() {
        List<Group> list = new ArrayList<>();
        groups.forEach(
                (name, group) -> list.add(new Group(name, group.limited().limits(), List.copyOf(group.members()))));
        return list;
    }

    /**
     * A group.
     *
     * @throws BdevException ENOENT if there is none of that name
     */
    public Group group(String name) throws BdevException {
        return groups().stream()
                .filter(group -> group.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BdevException(Errno.ENOENT, "there is no QoS group " + name));
    }

    /**
     * Gives a disk other limits, at once; {@link QosLimits#NONE} takes them away.
     *
     * @throws BdevException ENODEV if there is no such disk
     */
    public void limit(String disk, QosLimits limits) throws BdevException {
        synchronized (this) {
            if (limits.isNone()) {
                disks.remove(disk);
            } else {
                disks.put(disk, new Limited(limits));
            }
        }
        apply(disk);
    }

    /**
     * Makes a group without disks.
     *
     * @throws BdevException EEXIST if there is one of that name
     */
    public synchronized void addGroup(String name, QosLimits limits) throws BdevException {
        if (groups.containsKey(name)) {
            throw new BdevException(Errno.EEXIST, "QoS group " + name + " already exists");
        }
        groups.put(name, new LimitedGroup(new Limited(limits), new TreeSet<>()));
    }

    /**
     * Gives the disks of a group other limits together, at once.
     *
     * @throws BdevException ENOENT if there is no such group
     */
    public void limitGroup(String name, QosLimits limits) throws BdevException {
        Group group = group(name);
        synchronized (this) {
            groups.put(name, new LimitedGroup(new Limited(limits), new TreeSet<>(group.members())));
        }
        applyAll(group.members());
    }

    /**
     * Puts a disk in a group.
     *
     * @throws BdevException ENOENT if there is no such group, EBUSY if the disk is in one already, ENODEV if there is no
     *     such disk
     */
    public void join(String name, String disk) throws BdevException {
        for (Group group : groups()) {
            if (group.members().contains(disk)) {
                throw new BdevException(Errno.EBUSY, "bdev " + disk + " is in QoS group " + group.name());
            }
        }
        change(name, members -> members.add(disk));
        apply(disk);
    }

    /**
     * Takes a disk out of its group.
     *
     * @throws BdevException ENOENT if there is no such group, or the disk is not in it
     */
    public void leave(String name, String disk) throws BdevException {
        if (!change(name, members -> members.remove(disk))) {
            throw new BdevException(Errno.ENOENT, "bdev " + disk + " is not in QoS group " + name);
        }
        apply(disk);
    }

    /**
     * Takes the limits of a group from its disks, and forgets it.
     *
     * @throws BdevException ENOENT if there is no such group
     */
    public void removeGroup(String name) throws BdevException {
        Group group = group(name);
        synchronized (this) {
            groups.remove(name);
        }
        applyAll(group.members());
    }

    /** Forgets the disks that are not among these. */
    synchronized void retain(Set<String> there) {
        disks.keySet().retainAll(there);
        groups.values().forEach(group -> group.members().retainAll(there));
    }

    /** Forgets all limits, so that what waits goes on. */
    void release() throws BdevException {
        List<String> limited = new ArrayList<>();
        synchronized (this) {
            limited.addAll(disks.keySet());
            groups.values().forEach(group -> limited.addAll(group.members()));
            disks.clear();
            groups.clear();
        }
        applyAll(limited);
    }

    private interface MemberChange {
        boolean on(Set<String> members);
    }

    private synchronized boolean change(String name, MemberChange change) throws BdevException {
        LimitedGroup group = groups.get(name);
        if (group == null) {
            throw new BdevException(Errno.ENOENT, "there is no QoS group " + name);
        }
        return change.on(group.members());
    }

    private void applyAll(List<String> names) throws BdevException {
        for (String name : names) {
            apply(name);
        }
    }

    private void apply(String disk) throws BdevException {
        List<QosBudget> budgets = budgets(disk);
        registry.layer(disk, Layering.Place.QOS, budgets.isEmpty() ? null : new QosLayering(budgets))
                .join();
    }

    private synchronized List<QosBudget> budgets(String disk) {
        List<QosBudget> budgets = new ArrayList<>();
        Limited own = disks.get(disk);
        if (own != null) {
            budgets.add(own.budget());
        }
        for (LimitedGroup group : groups.values()) {
            if (group.members().contains(disk) && !group.limited().limits().isNone()) {
                budgets.add(group.limited().budget());
            }
        }
        return budgets;
    }
}
