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

    @Test
    void aParameterThatOnlyOneHasIsADifference() {
        String without = "vhost_create_blk_controller {'ctrlr': 'c', 'dev_name': 'd'}";
        String with = "vhost_create_blk_controller {'ctrlr': 'c', 'dev_name': 'd', 'serial': 'S1', 'seg_max': 8}";
        assertThat(lines(List.of(without), List.of(with)))
                .containsExactly("! vhost_create_blk_controller ctrlr=c", "+     seg_max: 8", "+     serial: \"S1\"");
        assertThat(lines(List.of(with), List.of(without)))
                .containsExactly("! vhost_create_blk_controller ctrlr=c", "-     seg_max: 8", "-     serial: \"S1\"");
        assertThat(lines(List.of(with), List.of(with))).isEmpty();
    }

    @Test
    void aLimitThatIsNotGivenIsNone() {
        String saved =
                "bdev_set_qos_limit {'name': 'd', 'rw_ios_per_sec': 0, 'rw_ios_burst': 0, 'r_mbytes_per_sec': %d}";
        String wanted = "bdev_set_qos_limit {'name': 'd', 'rw_ios_per_sec': %d}";
        assertThat(lines(List.of(saved.formatted(0)), List.of(wanted.formatted(0))))
                .isEmpty();
        assertThat(lines(List.of(saved.formatted(7)), List.of(wanted.formatted(9))))
                .containsExactly(
                        "! bdev_set_qos_limit name=d",
                        "-     r_mbytes_per_sec: 7",
                        "-     rw_ios_per_sec: 0",
                        "+     rw_ios_per_sec: 9");
    }

    @Test
    void aDefaultThatIsNotGivenIsTheSame() {
        String plain = "bdev_enable_histogram {'name': 'd'}";
        assertThat(lines(
                        List.of(plain),
                        List.of("bdev_enable_histogram {'name': 'd', 'enable': true, 'slow_io_us': 0}")))
                .isEmpty();
        assertThat(lines(List.of("bdev_enable_histogram {'name': 'd', 'slow_io_us': 250}"), List.of(plain)))
                .containsExactly("! bdev_enable_histogram name=d", "-     slow_io_us: 250", "+     slow_io_us: 0");
    }

    @Test
    void whatTheDaemonChoosesIsRightAsItIs() {
        assertThat(lines(
                        List.of("bdev_null_create {'name': 'n', 'num_blocks': 8, 'block_size': 512,"
                                + " 'uuid': '11111111-2222-3333-4444-555555555555'}"),
                        List.of("bdev_null_create {'name': 'n', 'num_blocks': 8, 'block_size': 512}")))
                .isEmpty();
        String malloc = "bdev_malloc_create {'name': 'm', 'num_blocks': 8, 'block_size': 512%s}";
        assertThat(lines(List.of(malloc.formatted(", 'physical_block_size': 512")), List.of(malloc.formatted(""))))
                .isEmpty();
        assertThat(lines(
                        List.of(malloc.formatted(", 'physical_block_size': 512")),
                        List.of(malloc.formatted(", 'physical_block_size': 4096"))))
                .containsExactly(
                        "! bdev_malloc_create name=m",
                        "-     physical_block_size: 512",
                        "+     physical_block_size: 4096");
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
