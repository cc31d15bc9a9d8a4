package dev.ringside.daemon.config;

import dev.ringside.rpc.codec.Json;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The call that takes another one back. */
record InverseCall(String method, ObjectNode params) {
    private static final String CREATE = "_create";

    /**
     * The parameter of a method that is a disk, of which whoever takes a call back must know the name, though a call may have
     * its UUID; empty if there is none. Where the inverse only hands on what it was given, the daemon finds the disk itself.
     */
    static Optional<String> disk(String method) {
        return switch (method) {
            case "bdev_set_qos_limit", "bdev_enable_histogram" -> Optional.of("name");
            case "bdev_error_create" -> Optional.of("base_name");
            default -> Optional.empty();
        };
    }

    /**
     * The inverse of a call that was made.
     *
     * @param entry what was called; with the name of the {@link #disk}, not its UUID
     * @param result what the daemon answered
     * @return empty for settings, which another call changes but none takes back: see {@link SavedSettings}
     */
    static Optional<InverseCall> of(ConfigEntry entry, JsonNode result) {
        ObjectNode given = ConfigDifference.params(entry);
        ObjectNode params = Json.object();
        switch (entry.method()) {
            case "vhost_create_blk_controller", "vhost_create_scsi_controller" -> {
                params.set("ctrlr", given.path("ctrlr"));
                return Optional.of(new InverseCall("vhost_delete_controller", params));
            }
            case "vhost_scsi_controller_add_target" -> {
                params.set("ctrlr", given.path("ctrlr"));
                params.set("scsi_target_num", result);
                params.set(
                        "lun",
                        given.has("lun") ? given.path("lun") : Json.object().numberNode(0));
                return Optional.of(new InverseCall("vhost_scsi_controller_remove_target", params));
            }
            case "bdev_split_create" -> {
                params.set("base_bdev", given.path("base_bdev"));
                return Optional.of(new InverseCall("bdev_split_delete", params));
            }
            case "bdev_error_create" -> {
                params.put("name", "EE_" + given.path("base_name").asString());
                return Optional.of(new InverseCall("bdev_error_delete", params));
            }
            case "bdev_qos_group_create" -> {
                params.set("name", given.path("name"));
                return Optional.of(new InverseCall("bdev_qos_group_delete", params));
            }
            case "bdev_qos_group_add_bdev" -> {
                params.set("name", given.path("name"));
                params.set("bdev_name", given.path("bdev_name"));
                return Optional.of(new InverseCall("bdev_qos_group_remove_bdev", params));
            }
            case "bdev_nvme_attach_controller" -> {
                params.set("name", given.path("name"));
                return Optional.of(new InverseCall("bdev_nvme_detach_controller", params));
            }
            case "scsi_host_attach" -> {
                params.set("traddr", given.path("traddr"));
                return Optional.of(new InverseCall("scsi_host_detach", params));
            }
            default -> {
                if (!entry.method().endsWith(CREATE) || !result.isString()) {
                    return Optional.empty();
                }
                params.set("name", result);
                return Optional.of(new InverseCall(entry.method().replace(CREATE, "_delete"), params));
            }
        }
    }
}
