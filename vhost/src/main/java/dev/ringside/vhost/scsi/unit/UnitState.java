package dev.ringside.vhost.scsi.unit;

import java.util.List;
import java.util.Optional;

/**
 * What all initiators share of a logical unit, so that another process can go on with it.
 *
 * @param bdev name of the disk
 * @param writeCache whether the write cache is on (WCE), where there is one
 * @param descriptorSense whether sense data is sent in the descriptor format (D_SENSE)
 * @param writeProtect whether software has protected the disk (SWP)
 * @param stopped whether a START STOP UNIT has stopped it
 * @param registrations in the order in which they were made
 * @param held the persistent reservation, if there is one
 * @param persists whether both outlive a loss of power (APTPL)
 * @param generation PRGENERATION, 32 bits
 */
public record UnitState(
        String bdev,
        boolean writeCache,
        boolean descriptorSense,
        boolean writeProtect,
        boolean stopped,
        List<Registration> registrations,
        Optional<Held> held,
        boolean persists,
        long generation) {

    /**
     * A registered I_T nexus.
     *
     * @param initiator name of the initiator port, in hexadecimal
     * @param port name of the target port
     */
    public record Registration(long key, String initiator, String port) {}

    /**
     * A persistent reservation, with the I_T nexus that has made it.
     *
     * @param type its code (SPC-5, 6.16.3.4)
     */
    public record Held(int type, String initiator, String port) {}
}
