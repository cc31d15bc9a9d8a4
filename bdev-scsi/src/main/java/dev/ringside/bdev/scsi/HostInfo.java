package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostIdentity;
import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.queue.QueueStats;
import java.util.List;

/**
 * What is known of a host, at one time.
 *
 * @param resets how often the adapter was reset since it was attached
 * @param ports of the adapter that lead to something
 * @param expanders between the adapter and its targets
 * @param refused targets and logical units that are not used, with the reason
 */
public record HostInfo(
        String name,
        HostState state,
        HostIdentity identity,
        HostCapabilities capabilities,
        long resets,
        QueueStats stats,
        List<SasDomain.Port> ports,
        List<SasDomain.Expander> expanders,
        List<String> refused) {}
