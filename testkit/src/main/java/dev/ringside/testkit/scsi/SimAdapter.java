package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.scsi.SimFault.Cure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the simulated adapter does with the commands that it has. Guarded by its monitor. */
final class SimAdapter {
    /** A logical unit number of one level, in the form of peripheral devices (SAM-6, 4.7.7.2). */
    private static final int LUN_SHIFT = 48;

    private final SimHost host;
    private final List<SimFault> faults;
    private final int[] seen;
    /** The logical units of targets, from 0. */
    private final Map<ScsiTarget, List<SimDisk>> present = new LinkedHashMap<>();

    private final ArrayDeque<SimCommand> backlog = new ArrayDeque<>();
    private final List<SimCommand> lost = new ArrayList<>();
    /** Targets that do not respond. */
    private final Set<ScsiTarget> missing = new HashSet<>();

    private boolean failed;
    private int tasks;
    /** What befalls when a disk is asked next whether it is ready. */
    private Runnable atNextLook = () -> {};

    SimAdapter(SimHost host, List<SimFault> faults) {
        this.host = host;
        this.faults = faults;
        this.seen = new int[faults.size()];
    }

    synchronized void plug(ScsiTarget target, List<SimDisk> units) {
        present.put(target, units);
    }

    synchronized List<ScsiTarget> targets() {
        return List.copyOf(present.keySet());
    }

    synchronized boolean hasFailed() {
        return failed;
    }

    synchronized void fail() {
        failed = true;
    }

    synchronized int tasks() {
        return tasks;
    }

    /** A target is pulled out. */
    synchronized void unplug(ScsiTarget target) {
        present.remove(target);
        missing.remove(target);
        end(target, HostStatus.NO_DEVICE);
    }

    /** A target has a logical unit less, or has it again: the others tell with their next commands. */
    synchronized void list(ScsiTarget target, SimDisk unit, boolean listed) {
        unit.listed = listed;
        for (SimDisk other : present.getOrDefault(target, List.of())) {
            if (other != unit) {
                other.attentions.add(Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.REPORTED_LUNS_DATA_HAS_CHANGED));
            }
        }
    }

    /** A target has a logical unit again as soon as a disk is looked at. */
    synchronized void listDuringLook(ScsiTarget target, SimDisk unit) {
        atNextLook = () -> list(target, unit, true);
    }

    synchronized int lostCommands() {
        return lost.size();
    }

    /** A target does not respond any more. */
    synchronized void lose(ScsiTarget target) {
        missing.add(target);
        end(target, HostStatus.ABORTED);
    }

    /** A target responds again. */
    synchronized void comeBack(ScsiTarget target) {
        missing.remove(target);
    }

    /** Ends what a target was given and never ended by itself, unless the adapter has forgotten it altogether. */
    private void end(ScsiTarget target, int hostStatus) {
        lost.removeIf(command -> {
            Cure cure = command.cure;
            boolean hit = command.command().device().target() == target
                    && cure != null
                    && cure.compareTo(Cure.CONTROLLER_RESET) < 0;
            if (hit) {
                command.end(hostStatus, 0, 0, 0);
            }
            return hit;
        });
    }

    /** Does what was submitted; whether there was anything. */
    synchronized boolean work(List<SimQueue> queues) {
        for (SimQueue queue : queues) {
            receiveAll(queue);
        }
        SimCommand next = failed ? null : backlog.poll();
        if (next == null) {
            return false;
        }
        execute(next);
        return true;
    }

    private void receiveAll(SimQueue queue) {
        for (SimCommand command = queue.submitted.take(); command != null; command = queue.submitted.take()) {
            receive(command);
        }
    }

    /** Performs a task management function. */
    synchronized void perform(SimQueue queue, ScsiTask task) {
        tasks++;
        if (failed || lost.stream().anyMatch(command -> command.cure == Cure.CONTROLLER_RESET_ONLY)) {
            return;
        }
        // What came before it is what it is about.
        receiveAll(queue);
        ScsiCommand aborted = task.command();
        if (aborted != null) {
            SimCommand victim = queue.of(aborted);
            boolean tough = lost.contains(victim) && victim.cure != Cure.ABORT;
            if (!tough) {
                end(victim);
            }
            queue.taskDone(!tough);
            return;
        }
        Cure done = task.function() == ScsiTask.Function.TARGET_RESET ? Cure.TARGET_RESET : Cure.LUN_RESET;
        ScsiDevice device = task.device();
        for (SimCommand victim : List.copyOf(lost)) {
            Cure cure = victim.cure;
            if (concerned(victim, device, done) && cure != null && cure.compareTo(done) <= 0) {
                end(victim);
            }
        }
        for (SimCommand victim : List.copyOf(backlog)) {
            if (concerned(victim, device, done)) {
                end(victim);
            }
        }
        List<SimDisk> units = present.get(device.target());
        if (units != null) {
            SimDisk one = unit(device);
            List<SimDisk> reset = done == Cure.LUN_RESET && one != null ? List.of(one) : units;
            reset.forEach(disk -> disk.attentions.add(
                    Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.BUS_DEVICE_RESET_FUNCTION_OCCURRED)));
        }
        queue.taskDone(units != null);
    }

    /** Forgets everything. */
    synchronized void reset(List<SimQueue> queues) {
        backlog.clear();
        lost.clear();
        queues.forEach(SimQueue::forget);
        failed = false;
        for (List<SimDisk> units : present.values()) {
            units.forEach(disk -> disk.attentions.add(
                    Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED)));
        }
    }

    /** Whether a reset is about a command. */
    private static boolean concerned(SimCommand victim, ScsiDevice device, Cure reset) {
        ScsiDevice of = victim.command().device();
        return reset == Cure.LUN_RESET ? of.equals(device) : of.target() == device.target();
    }

    /** A logical unit; null if its target does not have it. */
    private @Nullable SimDisk unit(ScsiDevice device) {
        List<SimDisk> units = present.getOrDefault(device.target(), List.of());
        long number = device.lun() >>> LUN_SHIFT;
        if (number << LUN_SHIFT != device.lun() || number >= units.size()) {
            return null;
        }
        SimDisk unit = units.get((int) number);
        return unit.listed ? unit : null;
    }

    private void end(SimCommand victim) {
        if (lost.remove(victim) || backlog.remove(victim)) {
            victim.end(HostStatus.ABORTED, 0, 0, 0);
        }
    }

    private void receive(SimCommand command) {
        SimDisk disk = unit(command.command().device());
        long others = 0;
        for (SimCommand other : backlog) {
            others += other.command().device().equals(command.command().device()) ? 1 : 0;
        }
        if (disk != null && others >= disk.settings.queueDepth()) {
            command.end(HostStatus.DELIVERED, ScsiStatus.TASK_SET_FULL, 0, 0);
        } else {
            backlog.add(command);
        }
    }

    private void execute(SimCommand command) {
        ScsiCommand scsi = command.command();
        List<SimDisk> units = present.get(scsi.device().target());
        if (units == null) {
            command.end(HostStatus.NO_DEVICE, 0, 0, 0);
            return;
        }
        if (missing.contains(scsi.device().target())) {
            command.end(HostStatus.ABORTED, 0, 0, 0);
            return;
        }
        if (Operation.of(scsi.cdb()) == Operation.TEST_UNIT_READY) {
            atNextLook.run();
            atNextLook = () -> {};
        }
        SimFault fault = due(scsi);
        if (fault != null && hit(command, fault)) {
            return;
        }
        SimDisk disk = unit(scsi.device());
        if (disk == null) {
            command.sense(Sense.illegal(AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED));
            return;
        }
        try {
            long bytes = disk.execute(scsi.cdb(), scsi.data(), units);
            int missing = fault != null && fault.effect() instanceof SimFault.CutShort(int few) ? few : 0;
            command.good(Math.max(0, bytes - missing));
        } catch (CheckCondition e) {
            command.sense(e.sense());
        }
    }

    /** Whether the command does not go on. */
    private boolean hit(SimCommand command, SimFault fault) {
        switch (fault.effect()) {
            case SimFault.SenseData sense ->
                command.sense(new Sense(
                        sense.key(), sense.code() >>> 8, sense.code() & 0xff, OptionalLong.empty(), 0, false));
            case SimFault.Deferred deferred -> command.deferred(Sense.of(deferred.key(), deferred.additional()));
            case SimFault.Status status -> command.end(HostStatus.DELIVERED, status.scsiStatus(), 0, 0);
            case SimFault.Way way -> command.end(way.hostStatus(), 0, 0, 0);
            case SimFault.CutShort ignored -> {
                return false;
            }
            case SimFault.Lost gone -> {
                command.cure = gone.cure();
                lost.add(command);
            }
            case SimFault.PulledOut ignored -> {
                ScsiTarget target = command.command().device().target();
                command.end(HostStatus.NO_DEVICE, 0, 0, 0);
                host.pullOut(target);
            }
            case SimFault.AdapterFails ignored -> {
                failed = true;
                backlog.addFirst(command);
                host.failed();
            }
        }
        return true;
    }

    private @Nullable SimFault due(ScsiCommand command) {
        Operation operation = Operation.of(command.cdb());
        SimFault due = null;
        for (int i = 0; i < seen.length; i++) {
            SimFault fault = faults.get(i);
            if (fault.operations().isEmpty()
                    || (operation != null && fault.operations().contains(operation))) {
                int n = seen[i]++;
                if (due == null && n >= fault.skip() && n < fault.skip() + fault.count()) {
                    due = fault;
                }
            }
        }
        return due;
    }
}
