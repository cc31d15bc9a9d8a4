package dev.ringside.bdev.scsi.host;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A task management function (SAM-6, 7) for an adapter to perform.
 */
public final class ScsiTask {
    /** What can be asked. */
    public enum Function {
        /** ABORT TASK: one command. */
        ABORT_TASK,
        /** LOGICAL UNIT RESET: all commands of a device, of all queues. */
        LUN_RESET,
        /** A reset of the target: of all its logical units. */
        TARGET_RESET
    }

    private final Owner owner;
    private Function function = Function.ABORT_TASK;
    private @Nullable ScsiDevice device;
    private @Nullable ScsiCommand command;

    /** Who is told of the end. */
    public interface Owner {

        /**
         * A task has ended; called from {@link ScsiHostQueue#poll}, on its thread.
         *
         * @param performed whether the function is complete, as the target says
         */
        void taskDone(ScsiTask task, boolean performed);
    }

    /** Makes one. */
    public ScsiTask(Owner owner) {
        this.owner = owner;
    }

    /** Asks for the end of one command of the same queue; not while the task is queued. */
    public void prepareAbort(ScsiCommand victim) {
        this.function = Function.ABORT_TASK;
        this.device = victim.device();
        this.command = victim;
    }

    /**
     * Asks for a reset; not while the task is queued.
     *
     * @param what {@link Function#LUN_RESET}, or {@link Function#TARGET_RESET} of the device's target
     */
    public void prepareReset(Function what, ScsiDevice which) {
        this.function = what;
        this.device = which;
        this.command = null;
    }

    /** What is asked. */
    public Function function() {
        return function;
    }

    /** Whose commands it is about. */
    public ScsiDevice device() {
        return Objects.requireNonNull(device);
    }

    /** The command to abort, which was queued to the same queue; null for other functions. */
    public @Nullable ScsiCommand command() {
        return command;
    }

    /**
     * The driver's word that the task has ended; what it was about has ended before, as far as it will. Exactly once for each
     * time that it was queued.
     *
     * @param performed whether the target says that the function is complete, or succeeded. An ABORT TASK of what has ended
     *     already is performed
     */
    public void end(boolean performed) {
        owner.taskDone(this, performed);
    }
}
