package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.Sense;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A place for a command in a simulated host. The caller's thread has it, then the adapter's, then the caller's again. */
final class SimCommand {
    final SimQueue queue;

    @Nullable
    ScsiCommand command;

    SimFault.@Nullable Cure cure;
    private int hostStatus;
    private int scsiStatus;
    private long transferred;
    private int senseLength;

    SimCommand(SimQueue queue) {
        this.queue = queue;
    }

    ScsiCommand command() {
        return Objects.requireNonNull(command);
    }

    void begin(ScsiCommand asked) {
        command = asked;
        cure = null;
    }

    void good(long bytes) {
        end(HostStatus.DELIVERED, ScsiStatus.GOOD, bytes, 0);
    }

    void sense(Sense sense) {
        sense(sense.bytes(false), 0);
    }

    /** Ends it for the sake of an earlier command's error. */
    void deferred(Sense sense) {
        byte[] bytes = sense.bytes(false);
        // Response code 71h for 70h.
        bytes[0] |= 1;
        sense(bytes, command().data().bytes());
    }

    private void sense(byte[] bytes, long moved) {
        System.arraycopy(bytes, 0, command().sense(), 0, bytes.length);
        end(HostStatus.DELIVERED, ScsiStatus.CHECK_CONDITION, moved, bytes.length);
    }

    void end(int host, int scsi, long bytes, int senseBytes) {
        hostStatus = host;
        scsiStatus = scsi;
        transferred = bytes;
        senseLength = senseBytes;
        queue.ended.put(this);
    }

    /** Tells the owner of the end. */
    void tell() {
        ScsiCommand mine = command();
        command = null;
        mine.end(hostStatus, scsiStatus, transferred, senseLength);
    }

    void forget() {
        command = null;
    }
}
