package dev.ringside.vhost.scsi;

import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.vhost.scsi.unit.Nexus;
import dev.ringside.vhost.scsi.unit.Target;
import java.util.List;
import java.util.function.Supplier;

/**
 * A target, or all of a device, as an initiator sees it. Any thread.
 *
 * @param units the addresses of the units as they are now
 * @param nexuses of the initiator, to all of these units
 */
record Inventory(Supplier<List<Long>> units, Supplier<List<Nexus>> nexuses) implements Target {
    @Override
    public List<Long> addresses() {
        return units.get();
    }

    @Override
    public void reported() {
        for (Nexus nexus : nexuses.get()) {
            nexus.unit().dropAttention(nexus, AdditionalSense.REPORTED_LUNS_DATA_HAS_CHANGED);
        }
    }
}
