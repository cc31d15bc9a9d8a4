package dev.ringside.bdev.scsi;

/**
 * What is done about commands that do not end, one step after the other, until nothing is stuck: the abort of a command, the reset
 * of its logical unit, of its target, of the adapter. Decides only; whoever takes the steps says how they went.
 */
final class RecoveryLadder {
    private final int attempts;
    private Step step;
    private int attempt;

    /** What is to be done next. */
    enum Step {
        ABORT_TASK,
        LUN_RESET,
        TARGET_RESET,
        CONTROLLER_RESET,
        /** Nothing is stuck any more. */
        DONE,
        /** Nothing has helped. */
        OFFLINE
    }

    /** How a step went. */
    enum Result {
        /** It was taken, and nothing is stuck any more. */
        CLEARED,
        /** It was refused, or something is still stuck. */
        NOT_CLEARED,
        /** Nobody has answered, or the adapter has failed meanwhile: it is in doubt itself. */
        NO_ANSWER
    }

    /**
     * Begins.
     *
     * @param first {@link Step#ABORT_TASK} to {@link Step#CONTROLLER_RESET}
     * @param attempts how often a reset of the adapter is tried, at least 1
     */
    RecoveryLadder(Step first, int attempts) {
        this.step = first;
        this.attempts = attempts;
    }

    /** What is to be done now. */
    Step step() {
        return step;
    }

    /** How often the reset of the adapter has failed. */
    int attempt() {
        return attempt;
    }

    /** Says how the step went. */
    void took(Result result) {
        step = switch (result) {
            case CLEARED -> Step.DONE;
            case NOT_CLEARED -> above();
            case NO_ANSWER -> step == Step.CONTROLLER_RESET ? above() : Step.CONTROLLER_RESET;
        };
    }

    private Step above() {
        return switch (step) {
            case ABORT_TASK -> Step.LUN_RESET;
            case LUN_RESET -> Step.TARGET_RESET;
            case TARGET_RESET -> Step.CONTROLLER_RESET;
            case CONTROLLER_RESET -> ++attempt < attempts ? Step.CONTROLLER_RESET : Step.OFFLINE;
            case DONE, OFFLINE -> step;
        };
    }
}
