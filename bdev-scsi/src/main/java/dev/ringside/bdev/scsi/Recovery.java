package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.RecoveryLadder.Result;
import dev.ringside.bdev.scsi.RecoveryLadder.Step;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.queue.ControlCommand;
import dev.ringside.bdev.scsi.queue.HostQueue;
import dev.ringside.bdev.scsi.queue.QueueShare;
import dev.ringside.bdev.scsi.queue.Unit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the steps of the {@link RecoveryLadder}. Owned by the control thread. */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);
    private static final int RESET_ATTEMPTS = 3;
    private static final long SETTLE_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    /** How often it is looked whether the adapter still works that a function is with. */
    private static final long CHECK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ScsiHost host;
    private final HostPort port;
    private final HostQueues queues;
    private final long taskTimeoutNs;

    Recovery(ScsiHost host, HostPort port, HostQueues queues, ScsiOptions options) {
        this.host = host;
        this.port = port;
        this.queues = queues;
        this.taskTimeoutNs = TimeUnit.MILLISECONDS.toNanos(options.taskTimeoutMs());
    }

    /** What is stuck: a command if one alone is meant, and else all of a device that are to end. */
    private record Victim(
            ScsiDevice device, QueueShare share, @Nullable ScsiCommand command, BooleanSupplier cleared) {
        /** Whether it is no reason for a reset of the adapter that no function helps: the adapter ends what the target has. */
        boolean isMissing() {
            return device.target().isMissing();
        }
    }

    /** A task management function that somebody waits for. */
    private static final class Asked implements ScsiTask.Owner {
        final ScsiTask task = new ScsiTask(this);
        boolean ended;
        boolean performed;

        @Override
        public void taskDone(ScsiTask done, boolean well) {
            ended = true;
            performed = well;
        }
    }

    /** A request's command takes too long: puts its disk right. */
    void overdue(HostQueue queue, int index) {
        Unit unit = stuckUnit(queue, index);
        if (unit != null) {
            LOG.warn(
                    "{}: a command of {} takes too long",
                    host.name(),
                    unit.device().address());
            climb(Step.ABORT_TASK, victim(unit, queue, index), false);
        }
    }

    /** A request's command shall end early, if its device lets it. */
    void abort(HostQueue queue, int index) {
        Unit unit = stuckUnit(queue, index);
        if (unit != null && perform(Step.ABORT_TASK, victim(unit, queue, index)) == Result.NO_ANSWER) {
            controller("an abort was not answered");
        }
    }

    /**
     * Resets a disk, one way or another: its adapter has nothing of it afterwards, whoever's it was. What is in flight and shall not
     * end is carried out again. Returns whether any way has helped.
     */
    boolean reset(Unit unit) {
        ScsiDevice device = unit.device();
        LOG.info("{}: {} is reset", host.name(), device.address());
        return climb(Step.LUN_RESET, new Victim(device, port.first(), null, () -> !port.has(device)), false);
    }

    /** A command of the control thread was not answered: it has ended afterwards, or the adapter has forgotten it. */
    void controlCommand(ControlCommand command) {
        ScsiCommand scsi = command.scsi();
        QueueShare share = port.first();
        LOG.warn("{}: {} does not answer", host.name(), scsi.device().address());
        climb(
                Step.ABORT_TASK,
                new Victim(scsi.device(), share, scsi, () -> {
                    command.poll();
                    return command.ended() || !share.hub().has(scsi);
                }),
                true);
    }

    /** Resets the adapter; commands are carried out afterwards. Returns whether it works again. */
    boolean controller(String why) {
        LOG.warn("{} is reset: {}", host.name(), why);
        RecoveryLadder ladder = new RecoveryLadder(Step.CONTROLLER_RESET, RESET_ATTEMPTS);
        while (ladder.step() == Step.CONTROLLER_RESET) {
            ladder.took(resetController(ladder.attempt()));
        }
        if (ladder.step() == Step.OFFLINE) {
            host.offline();
        }
        return host.state() == HostState.ENABLED;
    }

    /**
     * Takes steps until one helps; returns whether one did.
     *
     * @param whole up to the last step also if the target is missing; it is taken in any case if the adapter does not answer
     */
    private boolean climb(Step first, Victim victim, boolean whole) {
        Predicate<Unit> sameTarget = unit -> unit.device().target() == victim.device.target();
        RecoveryLadder ladder = new RecoveryLadder(first, RESET_ATTEMPTS);
        Result last = Result.NOT_CLEARED;
        queues.onEach(queue -> queue.hold(sameTarget, true));
        try {
            while (ladder.step() != Step.DONE) {
                if (ladder.step() == Step.CONTROLLER_RESET) {
                    if (last == Result.NOT_CLEARED && victim.isMissing() && !whole) {
                        // By the time that it is back they may take too long again.
                        queues.onEach(queue -> queue.forgetOverdue(sameTarget));
                        return false;
                    }
                    return controller("a device cannot be put right otherwise");
                }
                last = perform(ladder.step(), victim);
                ladder.took(last);
            }
            return true;
        } finally {
            queues.onEach(queue -> queue.hold(sameTarget, false));
        }
    }

    private Result perform(Step step, Victim victim) {
        Asked asked = new Asked();
        if (step == Step.ABORT_TASK && victim.command != null) {
            asked.task.prepareAbort(victim.command);
        } else {
            asked.task.prepareReset(
                    step == Step.TARGET_RESET ? ScsiTask.Function.TARGET_RESET : ScsiTask.Function.LUN_RESET,
                    victim.device);
        }
        int[] taken = {ScsiHostQueue.QUEUED};
        HostPort.inside(victim.share, () -> taken[0] = give(asked, victim));
        if (taken[0] != ScsiHostQueue.QUEUED) {
            return Result.NOT_CLEARED;
        }
        if (!answered(asked, step, victim)) {
            return Result.NO_ANSWER;
        }
        boolean cleared = asked.performed && settled(step, victim);
        LOG.info("{}: {} of {}: {}", host.name(), step, victim.device.address(), cleared ? "done" : "did not help");
        return cleared ? Result.CLEARED : Result.NOT_CLEARED;
    }

    /** Waits for the answer to a function, but not for an adapter that has failed. */
    private boolean answered(Asked asked, Step step, Victim victim) {
        long deadline = System.nanoTime() + taskTimeoutNs;
        try {
            for (long now = System.nanoTime(); now - deadline < 0; now = System.nanoTime()) {
                long until = now + Math.min(CHECK_NS, deadline - now);
                if (port.await(victim.share, () -> asked.ended, until)) {
                    return true;
                }
                if (until - deadline < 0) {
                    host.driver().check();
                }
            }
            LOG.warn("{}: {} of {} was not answered", host.name(), step, victim.device.address());
        } catch (ScsiHostException e) {
            LOG.warn("{}: {} of {} came to nothing: {}", host.name(), step, victim.device.address(), e.getMessage());
        }
        return false;
    }

    /** Within the queue of the victim. */
    private static int give(Asked asked, Victim victim) {
        ScsiCommand aborted = asked.task.command();
        if (aborted != null && !victim.share.hub().has(aborted)) {
            // It has come back in the meantime.
            asked.taskDone(asked.task, true);
            return ScsiHostQueue.QUEUED;
        }
        int taken = victim.share.hub().port().queueTask(asked.task);
        victim.share.hub().port().commit();
        return taken;
    }

    /** Waits a little for what the function was about to come back. */
    private boolean settled(Step step, Victim victim) {
        long deadline = System.nanoTime() + SETTLE_NS;
        while (!cleared(step, victim)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            port.look();
            LockSupport.parkNanos(PAUSE_NS);
        }
        return true;
    }

    private boolean cleared(Step step, Victim victim) {
        if (step == Step.ABORT_TASK) {
            return victim.cleared.getAsBoolean();
        }
        Predicate<Unit> concerned = step == Step.TARGET_RESET
                ? unit -> unit.device().target() == victim.device.target()
                : unit -> unit.device().equals(victim.device);
        return victim.cleared.getAsBoolean() && queues.sum(queue -> queue.stuck(concerned)) == 0;
    }

    private Result resetController(int attempt) {
        host.resetting();
        try {
            port.alone(() -> {
                host.driver().resetController(attempt);
                queues.onEach(HostQueue::takeBack);
                port.forget();
            });
            host.works();
            return Result.CLEARED;
        } catch (ScsiHostException e) {
            if (e.kind() == ScsiHostException.Kind.GONE) {
                host.removed(String.valueOf(e.getMessage()));
                return Result.CLEARED;
            }
            LOG.warn("{}: attempt {} to reset it: {}", host.name(), attempt + 1, e.getMessage());
            return Result.NOT_CLEARED;
        }
    }

    private Victim victim(Unit unit, HostQueue queue, int index) {
        return new Victim(unit.device(), port.of(queue.hub()), queue.command(index), () -> !stuck(queue, index));
    }

    /** The disk of a command that is stuck; null if it is not. Asked on the reactor, where the command may end at any time. */
    private static @Nullable Unit stuckUnit(HostQueue queue, int index) {
        AtomicReference<@Nullable Unit> found = new AtomicReference<>();
        HostQueues.ask(queue, q -> {
            found.set(q.isStuck(index) ? q.unit(index) : null);
            return 1;
        });
        return found.get();
    }

    private static boolean stuck(HostQueue queue, int index) {
        return HostQueues.ask(queue, q -> q.isStuck(index) ? 1 : 0) == 1;
    }
}
