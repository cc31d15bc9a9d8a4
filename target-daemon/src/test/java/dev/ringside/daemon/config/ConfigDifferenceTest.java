package dev.ringside.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.MethodSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which calls of two configurations are about the same object. */
class ConfigDifferenceTest {
    private static final Map<String, MethodSpec> SCHEMA =
            Schema.methods().stream().collect(Collectors.toMap(MethodSpec::name, Function.identity()));

    @Test
    void eachMemberOfAGroupIsOne() {
        String group = "bdev_qos_group_add_bdev {'name': 'vm', 'bdev_name': '%s'}";
        assertThat(lines(List.of(group.formatted("a"), group.formatted("b")), List.of(group.formatted("b"))))
                .containsExactly("- bdev_qos_group_add_bdev {\"name\":\"vm\",\"bdev_name\":\"a\"}");
    }

    @Test
    void eachAdapterIsOneHoweverItsAddressIsSpelled() {
        assertThat(lines(
                        List.of(
                                "scsi_host_attach {'traddr': '0000:05:00.0'}",
                                "scsi_host_attach {'traddr': '0000:0a:00.0'}"),
                        List.of(
                                "scsi_host_attach {'traddr': '0A:00.0'}",
                                "scsi_host_attach {'traddr': '0000:06:00.0'}")))
                .containsExactly(
                        "+ scsi_host_attach {\"traddr\":\"0000:06:00.0\"}",
                        "- scsi_host_attach {\"traddr\":\"0000:05:00.0\"}");
    }

    @Test
    void aControllerMayBeSomewhereElse() {
        String attach = "bdev_nvme_attach_controller {'name': 'N', 'trtype': '%s', 'traddr': '%s'}";
        assertThat(lines(
                        List.of(attach.formatted("PCIe", "0000:05:00.0")),
                        List.of(attach.formatted("pcie", "05:00.0"))))
                .isEmpty();
        assertThat(lines(
                        List.of(attach.formatted("PCIe", "0000:05:00.0")),
                        List.of(attach.formatted("PCIe", "06:00.0"))))
                .containsExactly(
                        "! bdev_nvme_attach_controller name=N",
                        "-     traddr: \"0000:05:00.0\"",
                        "+     traddr: \"06:00.0\"");
    }

    private static List<String> lines(List<String> from, List<String> to) {
        return new ConfigDifference(SCHEMA).lines(entries(from), entries(to));
    }

    private static List<ConfigEntry> entries(List<String> calls) {
        return calls.stream()
                .map(call -> call.split(" ", 2))
                .map(call -> new ConfigEntry("bdev", 1, call[0], RunningDaemon.json(call[1]), "file:1:1"))
                .toList();
    }
}
