package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.ffi.CExpression;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;

/** Whether the systemd unit and the udev rule let the daemon do what it does, as the user that they name. */
class ServiceUnitTest {
    private static final Path PACKAGING = Path.of("..", "packaging");
    private static final Pattern WORDS = Pattern.compile("\\s+");
    private static final Pattern OPTION = Pattern.compile("(?<= )--[a-z-]+");
    /** KEY, operator and value: udev(7). */
    private static final Pattern RULE = Pattern.compile("([A-Z]+)(==|=)\"([^\"]*)\"(?:, |$)");

    @Test
    void everySystemCallThatWeMakeIsAllowed() throws Exception {
        Set<String> made = new TreeSet<>();
        for (Field field : Class.forName("dev.ringside.env.linux.Sys").getDeclaredFields()) {
            CExpression expression = field.getAnnotation(CExpression.class);
            if (expression != null && expression.value().startsWith("SYS_")) {
                made.add(expression.value().substring("SYS_".length()));
            }
        }
        assertThat(made).contains("read", "epoll_pwait2", "flock");
        made.addAll(List.of("io_uring_setup", "io_uring_enter", "io_uring_register", "execve", "clone3", "futex"));
        assertThat(allowed()).containsAll(made).doesNotContain("reboot", "init_module", "mount", "ptrace");
    }

    /** What is left after the unit's filters, one after the other: the first says what is allowed, systemd.exec(5). */
    private static Set<String> allowed() throws IOException {
        Map<String, Set<String>> groups = groups();
        Set<String> allowed = new TreeSet<>(members("@default", groups));
        for (String filter : unit().getOrDefault("SystemCallFilter", List.of())) {
            boolean denied = filter.startsWith("~");
            for (String name :
                    WORDS.splitAsStream(denied ? filter.substring(1) : filter).toList()) {
                if (denied) {
                    allowed.removeAll(members(name, groups));
                } else {
                    allowed.addAll(members(name, groups));
                }
            }
        }
        return allowed;
    }

    private static Set<String> members(String name, Map<String, Set<String>> groups) {
        if (!name.startsWith("@")) {
            return Set.of(name);
        }
        Set<String> all = new TreeSet<>();
        Set<String> group = groups.get(name);
        assertThat(group).as(name).isNotNull();
        group.forEach(member -> all.addAll(members(member, groups)));
        return all;
    }

    /** systemd's groups of system calls. */
    private static Map<String, Set<String>> groups() throws IOException {
        Map<String, Set<String>> groups = new HashMap<>();
        Set<String> group = new TreeSet<>();
        Process tool = new ProcessBuilder("systemd-analyze", "syscall-filter", "--no-pager")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var lines = tool.inputReader()) {
            for (String line : lines.lines().toList()) {
                if (line.startsWith("@")) {
                    group = new TreeSet<>();
                    groups.put(line.strip(), group);
                } else if (!line.startsWith(" ")) {
                    // What is in no group.
                    group = new TreeSet<>();
                } else if (!line.strip().startsWith("#")) {
                    group.add(line.strip());
                }
            }
        }
        return groups;
    }

    @Test
    void everyOptionOfTheUnitIsOneOfServe() throws Exception {
        CommandSpec serve = new ServeCommand().spec();
        Matcher options = OPTION.matcher(only(unit(), "ExecStart"));
        List<String> given = new ArrayList<>();
        while (options.find()) {
            given.add(options.group());
            assertThat(serve.findOption(options.group())).as(options.group()).isNotNull();
        }
        assertThat(given).contains("--cpumask", "--state", "--rpc-socket", "--vhost-dir");
        assertThat(only(unit(), "ExecStart")).contains(" --state /var/lib/" + only(unit(), "StateDirectory") + " ");
        assertThat(only(unit(), "ExecStart")).contains(" --vhost-dir /run/" + only(unit(), "RuntimeDirectory") + " ");
        assertThat(only(unit(), "Type")).as("it says READY=1").isEqualTo("notify");
    }

    @Test
    void itsUserReachesDevicesThatWereGivenToVfio() throws Exception {
        Map<String, List<String>> unit = unit();
        assertThat(unit.get("DeviceAllow"))
                .contains("/dev/vfio/vfio rw", "char-vfio rw", "/dev/iommu rw", "char-vfio-dev rw");
        // Systemd looks for their drivers' names, and for the nodes, when the service starts.
        String drivers = "modprobe@vfio_pci.service modprobe@iommufd.service";
        assertThat(only(unit, "Wants")).isEqualTo(drivers);
        assertThat(unit.get("After")).contains(drivers);
        assertThat(only(unit, "LimitMEMLOCK")).isEqualTo("infinity");
        List<Map<String, String>> rules = Files.readAllLines(PACKAGING.resolve("70-ringside-vfio.rules")).stream()
                .filter(line -> !line.startsWith("#"))
                .map(ServiceUnitTest::rule)
                .toList();
        String group = only(unit, "Group");
        // /dev/vfio/N is of the class vfio; /dev/vfio/vfio, which is everybody's, is not.
        assertThat(rules)
                .containsExactly(
                        Map.of("SUBSYSTEM==", "vfio", "GROUP=", group, "MODE=", "0660"),
                        Map.of("SUBSYSTEM==", "vfio-dev", "GROUP=", group, "MODE=", "0660"),
                        Map.of("SUBSYSTEM==", "misc", "KERNEL==", "iommu", "GROUP=", group, "MODE=", "0660"));
        assertThat(only(unit, "User")).isEqualTo(only(unit, "Group"));
        assertThat(PACKAGING.resolve("debian/postinst"))
                .content()
                .contains("adduser --system --group")
                .contains(" " + only(unit, "User") + "\n");
    }

    private static Map<String, String> rule(String line) {
        Map<String, String> rule = new LinkedHashMap<>();
        Matcher parts = RULE.matcher(line);
        int end = 0;
        while (parts.find() && parts.start() == end) {
            rule.put(parts.group(1) + parts.group(2), parts.group(3));
            end = parts.end();
        }
        assertThat(end).as("all of it is read").isEqualTo(line.length());
        return rule;
    }

    private static String only(Map<String, List<String>> unit, String key) {
        List<String> values = unit.getOrDefault(key, List.of());
        assertThat(values).as(key).hasSize(1);
        return values.getFirst();
    }

    /** The settings of the unit, each with its values, in their order. */
    private static Map<String, List<String>> unit() throws IOException {
        Map<String, List<String>> settings = new LinkedHashMap<>();
        String text = Files.readString(PACKAGING.resolve("ringside.service")).replace("\\\n", " ");
        for (String line : text.lines().toList()) {
            int equals = line.indexOf('=');
            if (!line.startsWith("#") && equals > 0) {
                settings.computeIfAbsent(line.substring(0, equals), key -> new ArrayList<>())
                        .add(WORDS.matcher(line.substring(equals + 1)).replaceAll(" "));
            }
        }
        return settings;
    }
}
