package dev.ringside.daemon.rpc;

import dev.ringside.bdev.scsi.DiskDescription;
import dev.ringside.bdev.scsi.HostInfo;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.SasLink;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.queue.QueueStats;
import dev.ringside.env.pci.PciAddress;
import tools.jackson.databind.node.ObjectNode;

/** SCSI hosts and disks as JSON. */
final class ScsiJson {
    private ScsiJson() {}

    static void host(ObjectNode node, PciAddress address, ScsiHost host) {
        HostInfo info = host.info();
        node.put("name", info.name());
        node.put("traddr", address.toString());
        node.put("driver", info.identity().driver());
        node.put("model", info.identity().model());
        node.put("firmware", info.identity().firmware());
        node.put("sas_address", sas(info.identity().sasAddress()));
        node.put("state", info.state().toString());
        node.put("resets", info.resets());
        capabilities(node.putObject("capabilities"), info.capabilities());
        statistics(node.putObject("statistics"), info.stats());
        var disks = node.putArray("disks");
        host.disks().forEach(disk -> disks.add(disk.name()));
        var ports = node.putArray("ports");
        info.ports().forEach(port -> port(ports.addObject(), port));
        var expanders = node.putArray("expanders");
        info.expanders().forEach(expander -> expander(expanders.addObject(), expander));
        var refused = node.putArray("refused");
        info.refused().forEach(refused::add);
    }

    static void disk(ObjectNode node, ScsiDisk disk) {
        DiskDescription description = disk.description();
        ScsiTarget target = disk.device().target();
        node.put("name", disk.name());
        node.put("stable_name", description.stableName());
        node.put("host", disk.host().name());
        node.put("address", disk.device().address().toString());
        node.put("sas_address", sas(target.sasAddress()));
        node.put("transport", EnumParam.spelled(target.transport()));
        node.put("location", target.location());
        ObjectNode link = node.putObject("link");
        target.link().ifPresent(how -> link(link, how));
        node.put("missing", target.isMissing());
        node.put("vendor", description.vendor());
        node.put("product", description.product());
        node.put("revision", description.revision());
        node.put("serial_number", description.serial());
        node.put("block_size", description.blockSize());
        node.put("num_blocks", description.numBlocks());
        node.put("rotation_rate", description.rotationRate());
        node.put("write_cache", description.traits().writeCache());
        node.put("fua", description.traits().fua());
        node.put("unmap", description.traits().unmap());
        node.put("read_only", description.readOnly());
        node.put("queue_depth", description.traits().queueDepth());
        var bdevs = node.putArray("bdevs");
        disk.owners().forEach(bdevs::add);
    }

    private static void link(ObjectNode node, SasLink link) {
        node.put("attached_to", sas(link.attachedTo()));
        node.put("phy", link.phy());
        node.put("rate_mbps", link.mbps());
        node.put("max_rate_mbps", link.maxMbps());
    }

    private static void port(ObjectNode node, SasDomain.Port port) {
        node.put("port", port.number());
        node.put("leads_to", sas(port.leadsTo()));
        node.put("width", port.width());
        node.put("linked", port.linked());
        node.put("rate_mbps", port.mbps());
    }

    private static void expander(ObjectNode node, SasDomain.Expander expander) {
        node.put("sas_address", sas(expander.sasAddress()));
        node.put("attached_to", sas(expander.attachedTo()));
        node.put("level", expander.level());
        node.put("phys", expander.phys());
        node.put("enclosure", expander.enclosure());
    }

    /** What stands below driver_specific of a bdev. */
    static void driverSpecific(ObjectNode node, ScsiBdev bdev) {
        node.put("device", bdev.disk().name());
        node.put("stable_name", bdev.disk().description().stableName());
        node.put("host", bdev.disk().host().name());
        node.put("offset", bdev.offset());
    }

    private static void capabilities(ObjectNode node, HostCapabilities capabilities) {
        node.put("queues", capabilities.queues());
        node.put("queue_depth", capabilities.queueDepth());
        node.put("max_transfer_bytes", capabilities.maxTransferBytes());
        node.put("max_segments", capabilities.maxSegments());
        node.put("segment_alignment", capabilities.segmentAlignment());
        node.put("segment_boundary", capabilities.segmentBoundary());
    }

    private static void statistics(ObjectNode node, QueueStats stats) {
        node.put("commands", stats.commands());
        node.put("copied_requests", stats.copied());
        node.put("retried", stats.retried());
        node.put("failed", stats.failed());
        node.put("timeouts", stats.timeouts());
        node.put("task_set_full", stats.full());
        node.put("unit_attentions", stats.attentions());
    }

    private static String sas(long address) {
        return address == 0 ? "" : String.format("%016x", address);
    }
}
