package dev.ringside.daemon.config;

import dev.ringside.env.pci.PciAddress;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.schema.MethodSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a configuration has that another has not: {@code +} is a call of the second only, {@code -} one of the first only,
 * {@code !} one of both with other parameters, which follow. A parameter that a call leaves out has its default; if it has
 * none, 0 says the same as nothing, and anything else is shown for the one side alone.
 */
final class ConfigDifference {
    /** The parameters that say which object a call is about. */
    private static final List<String> IDENTITY =
            List.of("name", "ctrlr", "scsi_target_num", "lun", "base_bdev", "base_name");
    /** Those of calls that are about something else: an adapter without a name, and one member of a group. */
    private static final Map<String, List<String>> IDENTITY_OF =
            Map.of("scsi_host_attach", List.of("traddr"), "bdev_qos_group_add_bdev", List.of("name", "bdev_name"));

    /** Where the daemon chooses for a call that says nothing, or 0, whatever the other says is right. */
    private static final Set<String> CHOSEN = Set.of("uuid", "cpumask", "physical_block_size", "split_num_blocks");
    /** What SPDK's configurations say, and the daemon's do not, since only one thing, or anything, is right. */
    private static final Set<String> SAID_IN_VAIN = Set.of(
            "action_on_timeout",
            "dhchap_dhgroups",
            "dhchap_digests",
            "enable_flush",
            "fabrics_connect_timeout_us",
            "generate_uuids",
            "hostnqn",
            "multipath",
            "multipath_opts",
            "num_io_queues");
    /** Those of which 0 is the default. */
    private static final Set<String> DEFAULT_BY_ZERO = Set.of("timeout_us", "timeout_admin_us", "io_queue_requests");

    private final Map<String, MethodSpec> schema;

    ConfigDifference(Map<String, MethodSpec> schema) {
        this.schema = schema;
    }

    /** The lines; none if both are the same. */
    List<String> lines(List<ConfigEntry> from, List<ConfigEntry> to) {
        Map<String, ConfigEntry> left = new LinkedHashMap<>();
        from.forEach(entry -> left.put(identity(entry), entry));
        List<String> lines = new ArrayList<>();
        for (ConfigEntry entry : to) {
            ConfigEntry there = left.remove(identity(entry));
            if (there == null) {
                lines.add("+ " + text(entry));
            } else {
                changed(lines, there, entry);
            }
        }
        left.values().forEach(entry -> lines.add("- " + text(entry)));
        return lines;
    }

    private void changed(List<String> lines, ConfigEntry from, ConfigEntry to) {
        Set<String> names = new TreeSet<>(params(from).propertyNames());
        names.addAll(params(to).propertyNames());
        int first = lines.size();
        for (String name : names) {
            JsonNode before = value(from, name);
            JsonNode after = value(to, name);
            if (!same(name, before, after)) {
                shown(lines, "-     ", name, before);
                shown(lines, "+     ", name, after);
            }
        }
        if (lines.size() > first) {
            lines.add(first, "! " + identity(to));
        }
    }

    private static void shown(List<String> lines, String sign, String name, @Nullable JsonNode value) {
        if (value != null) {
            lines.add(sign + name + ": " + Json.text(value));
        }
    }

    private static boolean same(String name, @Nullable JsonNode before, @Nullable JsonNode after) {
        if (CHOSEN.contains(name) && (nothing(before) || nothing(after))) {
            return true;
        }
        if (before == null || after == null) {
            return SAID_IN_VAIN.contains(name) || (nothing(before) && nothing(after));
        }
        return (before.isString() && after.isString())
                ? spelled(name, before.asString()).equals(spelled(name, after.asString()))
                : Json.text(before).equals(Json.text(after));
    }

    private static boolean nothing(@Nullable JsonNode value) {
        return value == null || value.asString("").equals("0");
    }

    private @Nullable JsonNode value(ConfigEntry entry, String name) {
        JsonNode given = params(entry).get(name);
        MethodSpec spec = schema.get(entry.method());
        if ((given != null && !(DEFAULT_BY_ZERO.contains(name) && nothing(given))) || spec == null) {
            return given;
        }
        return spec.param(name).map(param -> param.defaultValue()).orElse(null);
    }

    /** The object that an entry is about: entries of two configurations with the same one make or set the same. */
    String identity(ConfigEntry entry) {
        StringBuilder text = new StringBuilder(entry.method());
        for (String name : IDENTITY_OF.getOrDefault(entry.method(), IDENTITY)) {
            JsonNode value = value(entry, name);
            if (value != null) {
                text.append(' ').append(name).append('=').append(spelled(name, value.asString()));
            }
        }
        return text.toString();
    }

    /** As the daemon spells it, where there are several ways. */
    private static String spelled(String name, String value) {
        return switch (name) {
            case "traddr" -> PciAddress.parse(value).map(PciAddress::toString).orElse(value);
            case "trtype" -> value.toLowerCase(Locale.ROOT);
            default -> value;
        };
    }

    private static String text(ConfigEntry entry) {
        return entry.method() + " " + Json.text(params(entry));
    }

    /** The parameters of an entry; none if it has none. */
    static ObjectNode params(ConfigEntry entry) {
        return entry.params() instanceof ObjectNode object ? object : Json.object();
    }
}
