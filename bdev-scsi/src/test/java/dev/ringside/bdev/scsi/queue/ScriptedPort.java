package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** An adapter's queue whose commands a test ends by hand. */
final class ScriptedPort implements ScsiHostQueue {
    /** What it has, in the order in which it came. */
    final List<ScsiCommand> posted = new ArrayList<>();

    private final ArrayDeque<Runnable> replies = new ArrayDeque<>();

    @Override
    public int queueCommand(ScsiCommand command) {
        posted.add(command);
        return QUEUED;
    }

    @Override
    public int queueTask(ScsiTask task) {
        return BUSY;
    }

    @Override
    public void commit() {}

    @Override
    public int poll(int budget) {
        int done = 0;
        for (Runnable reply = replies.poll(); reply != null; reply = replies.poll()) {
            reply.run();
            done++;
        }
        return done;
    }

    /** The oldest one ends with the next poll. */
    void good() {
        ScsiCommand command = posted.removeFirst();
        long bytes = command.data().bytes();
        replies.add(() -> command.end(HostStatus.DELIVERED, ScsiStatus.GOOD, bytes, 0));
    }

    void status(int scsiStatus) {
        ScsiCommand command = posted.removeFirst();
        replies.add(() -> command.end(HostStatus.DELIVERED, scsiStatus, 0, 0));
    }

    void way(int hostStatus) {
        ScsiCommand command = posted.removeFirst();
        replies.add(() -> command.end(hostStatus, 0, 0, 0));
    }

    void sense(SenseKey key, AdditionalSense additional) {
        end(Sense.of(key, additional).bytes(true), 0);
    }

    /** The oldest one was not carried out, so that an earlier one can be told of; it looks as though all data was moved. */
    void deferred(SenseKey key, AdditionalSense additional) {
        byte[] sense = Sense.of(key, additional).bytes(false);
        sense[0]++;
        end(sense, posted.getFirst().data().bytes());
    }

    private void end(byte[] sense, long bytes) {
        ScsiCommand command = posted.removeFirst();
        System.arraycopy(sense, 0, command.sense(), 0, sense.length);
        replies.add(() -> command.end(HostStatus.DELIVERED, ScsiStatus.CHECK_CONDITION, bytes, sense.length));
    }
}
