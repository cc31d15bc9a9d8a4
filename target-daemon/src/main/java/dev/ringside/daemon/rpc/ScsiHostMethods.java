package dev.ringside.daemon.rpc;

import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.PartParams;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.daemon.target.ScsiParts;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** SAS host bus adapters that are driven from here. */
final class ScsiHostMethods {
    private static final String ATTACH = "scsi_host_attach";
    private static final String SET_OPTIONS = "bdev_scsi_set_options";
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
                                "Resets an adapter, or one disk behind it; the answer comes when that is done. What is in"
                                        + " flight is carried out afterwards. An adapter whose state is failed is tried again.")
                        .required("traddr", PciParams.address(), ADDRESS)
                        .optional(
                                "device",
                                DiskParams.name(),
                                "The disk, such as sda, or its stable name: its logical unit is reset, and its target and then"
                                        + " the adapter only if that does not help. The adapter if absent.")
                        .concurrent()
                        .build(),
                Failures.mapped(params -> {
                    hosts.reset(PciParams.address(params), params.optionalString("device"));
                    return Json.done();
                }));
        registerLooks(registry);
        registerOptions(registry);
    }

    private void registerLooks(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("scsi_get_hosts", "Describes all SCSI hosts.")
                        .returns(
                                "[{name, traddr, driver, model, firmware, sas_address, state, resets, capabilities{},"
                                        + " statistics{}, disks[], ports[], expanders[], refused[]}]",
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

    private void registerOptions(MethodRegistry registry) {
        ScsiOptions defaults = ScsiOptions.DEFAULT;
        registry.register(
                MethodSpec.method(SET_OPTIONS, "Says how SCSI hosts are driven that are attached from now on.")
                        .param(
                                DriverTimes.timeout(
                                        "timeout_us",
                                        defaults.ioTimeoutMs(),
                                        "A command is aborted after this time; after twice the time if it works on many blocks."))
                        .param(
                                DriverTimes.timeout(
                                        "timeout_task_us",
                                        defaults.taskTimeoutMs(),
                                        "An adapter is reset that has not answered a task management function after this time."))
                        .param(DriverTimes.patience(
                                "timeout_busy_us",
                                defaults.patienceMs(),
                                "A command is tried again for this time that finds its disk busy or not ready."))
                        .param(ParamSpec.optional(
                                "bdev_retry_count",
                                ParamType.integer(0, 1000),
                                defaults.retries(),
                                "How often a command is tried again that failed for a passing reason."))
                        .anyState()
                        .build(),
                params -> control.change(() -> setOptions(params)));
    }

    private JsonNode setOptions(Params params) {
        hosts.setOptions(new ScsiOptions(
                DriverTimes.ms(params, "timeout_us"),
                DriverTimes.ms(params, "timeout_task_us"),
                params.int32("bdev_retry_count"),
                DriverTimes.ms(params, "timeout_busy_us"),
                hosts.options().interrupts()));
        return Json.done();
    }

    /** The calls that attach the same adapters, driven in the same way, and wait for the disks that are missed. */
    void config(ArrayNode calls) {
        ScsiOptions options = hosts.options();
        if (!options.equals(ScsiOptions.DEFAULT.withInterrupts(options.interrupts()))) {
            ObjectNode params = ConfigCalls.add(calls, SET_OPTIONS);
            DriverTimes.put(params, "timeout_us", options.ioTimeoutMs());
            DriverTimes.put(params, "timeout_task_us", options.taskTimeoutMs());
            DriverTimes.put(params, "timeout_busy_us", options.patienceMs());
            params.put("bdev_retry_count", options.retries());
        }
        for (PciAddress address : hosts.list().keySet()) {
            ConfigCalls.add(calls, ATTACH).put("traddr", address.toString());
        }
        for (ScsiParts.Part part : hosts.parts().missed()) {
            ObjectNode call = calls.addObject();
            call.put("method", DiskKind.SCSI.createMethod());
            call.set("params", PartParams.of(part).put("wait", true));
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
