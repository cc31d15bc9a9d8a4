package dev.ringside.daemon.config;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** What was set in a daemon before calls changed it. A call that makes an object is none that sets something. */
final class SavedSettings {
    private static final String GROUP_LIMIT = "bdev_qos_group_set_limit";

    private final Map<String, MethodSpec> schema;
    private final ConfigDifference difference;
    private final List<ConfigEntry> entries;
    private final Map<String, ConfigEntry> saved = new HashMap<>();

    /**
     * Settings.
     *
     * @param entries the configuration; none if nothing is set
     */
    SavedSettings(Map<String, MethodSpec> schema, List<ConfigEntry> entries) {
        this.schema = schema;
        this.difference = new ConfigDifference(schema);
        this.entries = entries;
        entries.forEach(entry -> saved.put(difference.identity(entry), entry));
    }

    /**
     * The call that sets again what another one has changed: the one that was saved, or if nothing was set, the one that
     * sets nothing.
     *
     * @param call what was called; a disk has its name in it
     * @return empty if the call does not set anything that is saved
     */
    Optional<InverseCall> restoring(ConfigEntry call) {
        if (call.method().equals(GROUP_LIMIT)) {
            // The limits of a group are saved with the group; one that is not saved goes when its creation is taken
            // back.
            return find("bdev_qos_group_create", call).map(group -> new InverseCall(GROUP_LIMIT, group));
        }
        return neutral(call)
                .map(neutral ->
                        new InverseCall(call.method(), find(call.method(), call).orElse(neutral)));
    }

    /** Names the objects and settings that another configuration has not, has more, or has otherwise. */
    List<String> changed(List<ConfigEntry> now) {
        return difference.lines(entries, now).stream()
                .filter(line -> line.charAt(2) != ' ')
                .toList();
    }

    private Optional<ObjectNode> find(String method, ConfigEntry call) {
        ConfigEntry alike = new ConfigEntry(call.subsystem(), call.number(), method, call.params(), call.place());
        return Optional.ofNullable(saved.get(difference.identity(alike))).map(ConfigDifference::params);
    }

    /** The parameters with which a call sets nothing: no limits, no histogram, no delay, the defaults. */
    private Optional<ObjectNode> neutral(ConfigEntry call) {
        ObjectNode given = ConfigDifference.params(call);
        ObjectNode params = Json.object();
        switch (call.method()) {
            case "bdev_set_qos_limit" -> {
                params.set("name", given.path("name"));
                limits().forEach(limit -> params.put(limit, 0));
            }
            case "bdev_enable_histogram" -> {
                params.set("name", given.path("name"));
                params.put("enable", false);
            }
            case "vhost_controller_set_coalescing" -> {
                params.set("ctrlr", given.path("ctrlr"));
                params.put("delay_base_us", 0);
                params.put("iops_threshold", 0);
            }
            case "bdev_nvme_set_hotplug" -> params.put("enable", false);
            case "bdev_nvme_set_options", "bdev_scsi_set_options" -> {
                // What is absent has its default.
            }
            default -> {
                return Optional.empty();
            }
        }
        return Optional.of(params);
    }

    private Stream<String> limits() {
        MethodSpec spec = schema.get("bdev_set_qos_limit");
        return spec == null
                ? Stream.empty()
                : spec.params().stream().map(ParamSpec::name).filter(name -> !name.equals("name"));
    }
}
