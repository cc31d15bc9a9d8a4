package dev.ringside.vhost.scsi;

import java.util.List;

/**
 * What a SCSI device knows of a front end beside its rings, so that another process can go on with it.
 *
 * @param index by which its initiator port is named; -1 if no request queue runs
 * @param nexuses one for each logical unit of each target
 * @param events that wait for a buffer, oldest first
 * @param eventsMissed whether others were lost
 */
public record InitiatorState(int index, List<NexusState> nexuses, List<ScsiEvent> events, boolean eventsMissed) {

    /**
     * A nexus.
     *
     * @param attentions the unit attentions that wait, oldest first: additional sense code and qualifier in 16 bits
     * @param reserves whether it has reserved the unit by a RESERVE of SPC-2
     */
    public record NexusState(int target, int lun, List<Integer> attentions, boolean reserves) {}
}
