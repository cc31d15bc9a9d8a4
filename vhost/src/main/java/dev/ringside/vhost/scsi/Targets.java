package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevException;
import dev.ringside.env.linux.Errno;
import dev.ringside.scsi.LunAddress;
import dev.ringside.vhost.scsi.ScsiDevice.Lun;
import dev.ringside.vhost.scsi.unit.LogicalUnit;
import dev.ringside.vhost.scsi.unit.UnitEvent;
import dev.ringside.vhost.scsi.unit.UnitPort;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * The targets of a SCSI host device, each with its port and its logical units; a target is there as long as it has a unit.
 * Changed under the device's lock, read by any thread.
 */
final class Targets {
    private final String device;
    private final PortNumbers portNumbers;
    private final NavigableMap<Integer, Target> targets = new ConcurrentSkipListMap<>();

    /** A target: its port, and its units by number. */
    private record Target(UnitPort port, NavigableMap<Integer, Lun> luns) {}

    /**
     * Makes none.
     *
     * @param device its name, from which those of the ports are made
     */
    Targets(String device, PortNumbers portNumbers) {
        this.device = device;
        this.portNumbers = portNumbers;
    }

    boolean has(int target) {
        return targets.containsKey(target);
    }

    Optional<Lun> find(int target, int lun) {
        Target in = targets.get(target);
        return in == null ? Optional.empty() : Optional.ofNullable(in.luns.get(lun));
    }

    /** The units of a target in order; one that is not there has none. */
    List<Lun> luns(int target) {
        Target in = targets.get(target);
        return in == null ? List.of() : List.copyOf(in.luns.values());
    }

    /** The units of all targets in order. */
    List<Lun> luns() {
        return targets.values().stream()
                .flatMap(target -> target.luns.values().stream())
                .toList();
    }

    /** The targets in order, each with its units in order. */
    NavigableMap<Integer, List<Lun>> all() {
        NavigableMap<Integer, List<Lun>> all = new TreeMap<>();
        targets.forEach((number, target) -> all.put(number, List.copyOf(target.luns.values())));
        return all;
    }

    /** The addresses of a target's units, as REPORT LUNS tells them; one that is not there has none. */
    List<Long> addresses(int target) {
        return luns(target).stream()
                .map(lun -> (long) LunAddress.single(lun.number()) << 48)
                .toList();
    }

    /** The addresses of all units in the device. */
    List<Long> addresses() {
        return luns().stream()
                .map(lun -> VirtioLun.reported(lun.target(), lun.number()))
                .toList();
    }

    /**
     * The lowest number that no target has.
     *
     * @throws BdevException ENOSPC if there is none
     */
    int firstFree() throws BdevException {
        for (int target = 0; target < ScsiLayout.TARGETS; target++) {
            if (!has(target)) {
                return target;
            }
        }
        throw new BdevException(Errno.ENOSPC, "all " + ScsiLayout.TARGETS + " targets are taken");
    }

    /** Adds a unit that is not there, and its target if that is not there either. */
    Lun add(int target, int number, LogicalUnit unit, Consumer<UnitEvent> listener) {
        Target in = targets.computeIfAbsent(
                target, key -> new Target(portNumbers.take(device + "/" + key), new ConcurrentSkipListMap<>()));
        Lun added = new Lun(target, number, unit, in.port, listener);
        unit.addPort(in.port);
        in.luns.put(number, added);
        return added;
    }

    /** Removes a unit, and its target with the last of them. The unit still has the port. */
    void remove(Lun lun) {
        Target in = targets.get(lun.target());
        if (in != null) {
            in.luns.remove(lun.number());
            if (in.luns.isEmpty()) {
                targets.remove(lun.target());
                portNumbers.giveBack(in.port);
            }
        }
    }
}
