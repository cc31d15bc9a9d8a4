package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.queue.QueueStats;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import java.util.List;

/**
 * A controller, as it is now.
 *
 * @param noIommu whether no IOMMU keeps it from other memory than its own
 * @param version VS register: major in bits 31:16, minor in bits 15:8, tertiary in bits 7:0
 * @param maxQueues pairs of I/O queues that it granted
 * @param queues numbers of those in use
 * @param shadowDoorbells whether queues are shown in memory, and not by registers alone
 * @param resets how often it was reset since it was attached
 * @param events asynchronous events that it told of
 * @param refused namespaces that are not driven, with the reason
 */
public record ControllerInfo(
        String name,
        String address,
        boolean noIommu,
        ControllerState state,
        IdentifyController identity,
        int version,
        int maxQueues,
        List<Integer> queues,
        int queueEntries,
        boolean shadowDoorbells,
        int maxTransferBytes,
        long resets,
        long events,
        QueueStats stats,
        List<String> refused) {

    /** Version for people, such as 1.4.0. */
    public String versionText() {
        return (version >>> 16) + "." + (version >>> 8 & 0xff) + "." + (version & 0xff);
    }
}
