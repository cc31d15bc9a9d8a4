package dev.ringside.bdev.nvme.queue;

/**
 * What pairs of queues have done.
 *
 * @param commands given to the controller, retries included
 * @param copied requests whose data was copied, because the controller does not reach it
 * @param retried commands that were tried again
 * @param failed commands that ended with an error that was passed on
 * @param strays completions that belonged to no command
 * @param timeouts commands that were to be aborted
 */
public record QueueStats(long commands, long copied, long retried, long failed, long strays, long timeouts) {
    /** Nothing. */
    public static final QueueStats NONE = new QueueStats(0, 0, 0, 0, 0, 0);

    /** The sum of two. */
    public QueueStats plus(QueueStats other) {
        return new QueueStats(
                commands + other.commands,
                copied + other.copied,
                retried + other.retried,
                failed + other.failed,
                strays + other.strays,
                timeouts + other.timeouts);
    }
}
