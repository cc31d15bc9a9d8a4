package dev.ringside.bdev.scsi.host;

/**
 * A way for commands into an adapter and back. Data plane: one thread at a time; see the package.
 *
 * <p>Posting and telling the adapter are apart: {@link #queueCommand} prepares a command, {@link #commit} makes the adapter see
 * all that were prepared, with one doorbell for the batch where the hardware allows it. A driver whose hardware takes each
 * command by a register write of its own may give it away in {@link #queueCommand} and do nothing in {@link #commit}.
 */
public interface ScsiHostQueue {
    /** The command or task was taken: it will end, once, in a {@link #poll}. */
    int QUEUED = 0;
    /** There is no room now; the caller keeps it, and tries again after something has ended. */
    int BUSY = 1;
    /**
     * The adapter cannot reach the data as it is: memory that is not mapped for it, an extent of a wrong alignment or across a
     * boundary, too many elements. The caller keeps the command, and tries again with a copy.
     */
    int UNREACHABLE = 2;

    /**
     * Takes a command. Its CDB and its list of extents are read now; the data itself, and the command's fields, stay in use until
     * it has ended. Never calls {@link ScsiCommand#end}.
     *
     * @param command with a tag that no other command in this queue has
     * @return {@link #QUEUED}, {@link #BUSY} or {@link #UNREACHABLE}
     */
    int queueCommand(ScsiCommand command);

    /**
     * Takes a task management function. There is at most one at a time on a host, and room for it however many commands there
     * are. What it is about ends first: commands that it aborts end with {@link HostStatus#ABORTED} or as they would have
     * anyway, and then the task ends. Never calls {@link ScsiTask#end}.
     *
     * @return {@link #QUEUED}, or {@link #BUSY} if the adapter is not ready for it
     */
    int queueTask(ScsiTask task);

    /** Shows the adapter what was queued since the last call. Does nothing if that is nothing. */
    void commit();

    /**
     * Looks for what the adapter has to tell: ends commands and tasks, takes events. A number that comes from the adapter is
     * checked before it is used. What is queued from within {@link ScsiCommand#end} is committed by the caller afterwards.
     *
     * @param budget handle no more replies than this, at least 1
     * @return how many replies were handled
     */
    int poll(int budget);
}
