package dev.ringside.vhost;

import dev.ringside.env.linux.Fd;
import dev.ringside.vhost.scsi.InitiatorState;
import dev.ringside.vhost.session.SessionState;
import java.util.List;
import java.util.Optional;

/**
 * What another process has to know to go on with a controller, beside how it was made.
 *
 * @param writeback whether the guest has the disk's write cache on
 * @param nextId number of the next connection
 * @param sessions the front ends that are connected
 */
public record ControllerState(String name, boolean writeback, int nextId, List<Connected> sessions) {

    /**
     * A front end.
     *
     * @param id number of its connection
     * @param initiator what a SCSI device knows of it
     */
    public record Connected(int id, SessionState state, Optional<InitiatorState> initiator) {}

    /** A listening socket, which is given away before the guests are. */
    public record Listener(String name, Fd socket) {}
}
