package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.testkit.mpt3sas.Mpt3Model;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What operators are told of a SAS adapter with an expander, which is a model. */
class SasDomainTest {
    private final Disks disks = new Disks();
    private final ControlLock control = new ControlLock();
    private final ScsiHosts hosts = new ScsiHosts(disks, control, new VfioHost(new DmaSpace()), List.of());
    private final MethodRegistry registry = new MethodRegistry(FrameworkState.RUNTIME);
    private final Mpt3Model model;

    SasDomainTest() throws Exception {
        model = new Mpt3Model(
                Mpt3Settings.plain()
                        .withShelves(List.of(
                                new Shelf(0, List.of(new Disk(1, 512, 1024, false))),
                                new Shelf(0, List.of(new Disk(2, 512, 1024, true))))),
                new DmaSpace());
    }

    @BeforeEach
    void attach() throws Exception {
        hosts.adopt(new PciAddress(0, 5, 0, 0), new Mpt3sasDriver(model, MptPatience.DEFAULT));
        new ScsiHostMethods(hosts, control).register(registry);
        new ScsiDiskMethods(hosts, control).register(registry);
    }

    @AfterEach
    void close() {
        disks.close();
        hosts.close();
        assertThat(model.violations()).isEmpty();
    }

    private JsonNode call(String method) {
        return registry.call(method, RunningDaemon.json("{}"));
    }

    @Test
    void tellsWhereDisksAreAndHowFast() {
        JsonNode told = call("scsi_get_disks");
        assertThat(told.get(0).get("location").asString()).isEqualTo("enclosure 500a098000000001, slot 1");
        assertThat(told.get(0).get("link")).isEqualTo(RunningDaemon.json("""
                {'attached_to': '500605b000000000', 'phy': 0, 'rate_mbps': 12000, 'max_rate_mbps': 12000}
                """));
        assertThat(told.get(1).get("link")).isEqualTo(RunningDaemon.json("""
                {'attached_to': '50050cc000000001', 'phy': 1, 'rate_mbps': 6000, 'max_rate_mbps': 12000}
                """));
        JsonNode host = call("scsi_get_hosts").get(0);
        assertThat(host.get("sas_address").asString()).isEqualTo("500605b000000000");
        assertThat(host.get("ports")).isEqualTo(RunningDaemon.json("""
                [{'port': 0, 'leads_to': '5000c50000000001', 'width': 1, 'linked': 1, 'rate_mbps': 12000},
                 {'port': 1, 'leads_to': '50050cc000000001', 'width': 1, 'linked': 1, 'rate_mbps': 12000}]
                """));
        assertThat(host.get("expanders")).isEqualTo(RunningDaemon.json("""
                [{'sas_address': '50050cc000000001', 'attached_to': '500605b000000000', 'level': 1, 'phys': 8,
                  'enclosure': '500a098000000002'}]
                """));
        assertThat(host.get("refused").isEmpty()).isTrue();
    }

    @Test
    void tellsWhatIsMissingAndWhatIsRefused() {
        assertThat(call("scsi_get_disks").findValuesAsString("missing")).containsExactly("false", "false");
        model.hotPlug().lose(1);
        model.hotPlug().block(2, SasDevicePage0.ACCESS_DEVICE_BLOCKED);
        call("scsi_rescan");
        JsonNode told = call("scsi_get_disks");
        assertThat(told.findValuesAsString("name")).containsExactly("sda");
        assertThat(told.get(0).get("missing").asBoolean()).isTrue();
        JsonNode refused = call("scsi_get_hosts").get(0).get("refused");
        assertThat(refused).isEqualTo(RunningDaemon.json("""
                ['disk 5000c50000000002 (enclosure 500a098000000002, slot 2): device blocked (access status 0x07)']
                """));

        model.hotPlug().comeBack(1);
        model.hotPlug().block(2, 0);
        call("scsi_rescan");
        assertThat(call("scsi_get_disks").findValuesAsString("name")).containsExactly("sda", "sdb");
        assertThat(call("scsi_get_hosts").get(0).get("refused").isEmpty()).isTrue();
    }
}
