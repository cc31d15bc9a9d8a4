package dev.ringside.daemon.rpc;

import dev.ringside.bdev.nvme.ControllerInfo;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.queue.QueueStats;
import dev.ringside.bdev.nvme.spec.HealthLog;
import dev.ringside.rpc.codec.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** NVMe controllers as JSON, in the keys that clients know. */
final class NvmeJson {
    private static final int KELVIN = 273;

    private NvmeJson() {}

    static void describe(ObjectNode node, NvmeController controller) {
        ControllerInfo info = controller.info();
        node.put("name", info.name());
        ObjectNode ctrlr = node.putArray("ctrlrs").addObject();
        ctrlr.put("state", info.state().toString());
        transport(ctrlr.putObject("trid"), info);
        ctrlr.put("cntlid", info.identity().cntlid());
        ctrlr.put("model_number", info.identity().mn());
        ctrlr.put("serial_number", info.identity().sn());
        ctrlr.put("firmware_revision", info.identity().fr());
        ctrlr.put("subnqn", info.identity().subnqn());
        ctrlr.put("version", info.versionText());
        ctrlr.put("unsafe_noiommu", info.noIommu());
        ctrlr.put("resets", info.resets());
        ctrlr.put("events", info.events());
        ArrayNode namespaces = ctrlr.putArray("namespaces");
        for (NvmeBdev bdev : controller.namespaces()) {
            ObjectNode namespace = namespaces.addObject();
            namespace.put("nsid", bdev.nsid());
            namespace.put("bdev", bdev.info().name());
            namespace.put("block_size", bdev.info().blockSize());
            namespace.put("num_blocks", bdev.info().numBlocks());
        }
        ArrayNode refused = ctrlr.putArray("refused_namespaces");
        info.refused().forEach(refused::add);
        ObjectNode queues = ctrlr.putObject("queues");
        queues.put("granted", info.maxQueues());
        queues.put("entries", info.queueEntries());
        queues.put("max_transfer_bytes", info.maxTransferBytes());
        queues.put("shadow_doorbells", info.shadowDoorbells());
        ArrayNode open = queues.putArray("open");
        info.queues().forEach(open::add);
        ArrayNode memory = ctrlr.putArray("memory");
        controller
                .memory()
                .forEach(
                        (owner, bytes) -> memory.addObject().put("owner", owner).put("bytes", bytes));
        statistics(ctrlr.putObject("statistics"), info.stats());
    }

    /** What stands below driver_specific of a disk. */
    static void driverSpecific(ObjectNode node, NvmeBdev bdev) {
        ControllerInfo info = bdev.controller().info();
        ObjectNode nvme = node.putArray("nvme").addObject();
        nvme.put("pci_address", info.address());
        transport(nvme.putObject("trid"), info);
        ObjectNode data = nvme.putObject("ctrlr_data");
        data.put("cntlid", info.identity().cntlid());
        data.put("vendor_id", String.format("0x%04x", info.identity().vid()));
        data.put("model_number", info.identity().mn());
        data.put("serial_number", info.identity().sn());
        data.put("firmware_revision", info.identity().fr());
        data.put("subnqn", info.identity().subnqn());
        nvme.putObject("vs").put("nvme_version", info.versionText());
        ObjectNode namespace = nvme.putObject("ns_data");
        namespace.put("id", bdev.nsid());
        namespace.put("can_share", false);
    }

    static ObjectNode health(ControllerInfo info, HealthLog log) {
        ObjectNode node = Json.object();
        node.put("model_number", info.identity().mn());
        node.put("serial_number", info.identity().sn());
        node.put("firmware_revision", info.identity().fr());
        node.put("traddr", info.address());
        node.put("critical_warning", log.criticalWarning());
        node.put("temperature_celsius", log.temperature() - KELVIN);
        node.put("available_spare_percentage", log.availableSpare());
        node.put("available_spare_threshold_percentage", log.availableSpareThreshold());
        node.put("percentage_used", log.percentageUsed());
        node.put("data_units_read", log.dataUnitsRead());
        node.put("data_units_written", log.dataUnitsWritten());
        node.put("host_read_commands", log.hostReadCommands());
        node.put("host_write_commands", log.hostWriteCommands());
        node.put("controller_busy_time", log.controllerBusyTime());
        node.put("power_cycles", log.powerCycles());
        node.put("power_on_hours", log.powerOnHours());
        node.put("unsafe_shutdowns", log.unsafeShutdowns());
        node.put("media_errors", log.mediaErrors());
        node.put("num_err_log_entries", log.errorLogEntries());
        node.put("warning_temperature_time_minutes", log.warningTemperatureTime());
        node.put("critical_composite_temperature_time_minutes", log.criticalTemperatureTime());
        List<Integer> sensors = log.temperatureSensors();
        for (int i = 0; i < sensors.size(); i++) {
            node.put("temperature_sensor_" + (i + 1) + "_celsius", sensors.get(i) - KELVIN);
        }
        return node;
    }

    private static void transport(ObjectNode node, ControllerInfo info) {
        node.put("trtype", "PCIe");
        node.put("traddr", info.address());
    }

    private static void statistics(ObjectNode node, QueueStats stats) {
        node.put("commands", stats.commands());
        node.put("copied_requests", stats.copied());
        node.put("retried", stats.retried());
        node.put("failed", stats.failed());
        node.put("timeouts", stats.timeouts());
        node.put("stray_completions", stats.strays());
    }
}
