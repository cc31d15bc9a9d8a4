package dev.ringside.bdev.scsi.queue;

/**
 * What queues have done.
 *
 * @param commands given to the adapter, retries included
 * @param copied requests whose data was copied, because the adapter does not reach it
 * @param retried commands that were tried again
 * @param failed commands that ended with an error that was passed on
 * @param timeouts commands that took too long
 * @param full answers of TASK SET FULL
 * @param attentions unit attentions
 */
public record QueueStats(
        long commands, long copied, long retried, long failed, long timeouts, long full, long attentions) {
    /** Nothing. */
    public static final QueueStats NONE = new QueueStats(0, 0, 0, 0, 0, 0, 0);

    /** The sum of two. */
    public QueueStats plus(QueueStats other) {
        return new QueueStats(
                commands + other.commands,
                copied + other.copied,
                retried + other.retried,
                failed + other.failed,
                timeouts + other.timeouts,
                full + other.full,
                attentions + other.attentions);
    }
}
