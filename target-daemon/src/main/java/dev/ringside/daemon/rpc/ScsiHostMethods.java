package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** SAS host bus adapters that are driven from here. */
final class ScsiHostMethods {
    private static final String ATTACH = "scsi_host_attach";
    private static final String ADDRESS = "The PCI address, such as 0000:05:00.0.";

    private final ScsiHosts hosts;
    private final ControlLock control;

    ScsiHostMethods(ScsiHosts hosts, ControlLock control) {
        this.hosts = hosts;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                ATTACH,
                                "Takes a SAS host bus adapter that vfio-pci has ('ringside bind'), and finds the disks behind"
                                        + " it. bdev_scsi_create makes bdevs of them.")
                        .required("traddr", PciParams.address(), ADDRESS)
                        .returns("[name]", "The names of the disks, such as sda.")
                        .build(),
                Failures.mapped(this::attach));
        registry.register(
                MethodSpec.method(
                                "scsi_host_detach",
                                "Gives an adapter back. Guests that have a bdev of one of its disks see errors from then on;"
                                        + " the answer comes when the last user has let go.")
                        .required("traddr", PciParams.address(), ADDRESS)
                        .concurrent()
                        .build(),
                Failures.mapped(params -> {
                    PciAddress address = PciParams.address(params);
                    control.change(() -> hosts.detach(address)).join();
                    return Json.done();
                }));
        registry.register(
                MethodSpec.method(
                                "scsi_host_reset",
                                "Resets an adapter. What is in flight is carried out afterwards. An adapter whose state is"
                                        + " failed is tried again.")
                        .required("traddr", PciParams.address(), ADDRESS)
                        .concurrent()
                        .build(),
                Failures.mapped(params -> {
                    hosts.reset(PciParams.address(params));
                    return Json.done();
                }));
        registerLooks(registry);
    }

    private void registerLooks(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("scsi_get_hosts", "Describes all SCSI hosts.")
                        .returns(
                                "[{name, traddr, driver, model, firmware, sas_address, state, resets, capabilities{},"
                                        + " statistics{}, disks[], refused[]}]",
                                "The hosts, in the order in which they were attached.")
                        .build(),
                params -> {
                    ArrayNode result = Json.array();
                    hosts.list().forEach((address, host) -> ScsiJson.host(result.addObject(), address, host));
                    return result;
                });
        registry.register(
                MethodSpec.method(
                                "scsi_rescan",
                                "Looks for disks that came and went. What the adapter tells of itself needs no such call.")
                        .optional("traddr", PciParams.address(), "One adapter; all if absent.")
                        .concurrent()
                        .build(),
                Failures.mapped(this::rescan));
    }

    /** The calls that attach the same adapters. */
    void config(ArrayNode calls) {
        for (PciAddress address : hosts.list().keySet()) {
            ObjectNode call = calls.addObject();
            call.put("method", ATTACH);
            call.putObject("params").put("traddr", address.toString());
        }
    }

    private JsonNode attach(Params params) throws Exception {
        PciAddress address = PciParams.address(params);
        List<String> names = control.change(() -> hosts.attach(address));
        ArrayNode result = Json.array();
        names.forEach(result::add);
        return result;
    }

    private JsonNode rescan(Params params) throws Exception {
        hosts.rescan(params.optionalString("traddr").map(PciParams::parsed));
        return Json.done();
    }
}
