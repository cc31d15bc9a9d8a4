package dev.ringside.vhost.scsi.unit;

import java.util.concurrent.CompletableFuture;

/** Who sends commands: an initiator port. Any thread. */
public interface Initiator {

    /** Eight bytes that name it, always the same for the same guest. */
    byte[] name();

    /**
     * Aborts the commands of a nexus.
     *
     * @param reset whether they end as by a reset, rather than as aborted
     * @return how many there were, when the last of them has ended and the initiator can see that
     */
    CompletableFuture<Integer> abort(Nexus nexus, boolean reset);
}
