package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.NvmeException;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.NvmeControllers;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** NVMe controllers that are driven from user space. */
final class NvmeMethods {
    /** The method that attaches a controller. */
    static final String ATTACH = "bdev_nvme_attach_controller";
    /** The method that says how controllers are driven. */
    static final String SET_OPTIONS = "bdev_nvme_set_options";
    /** The method that switches the search for new controllers on and off. */
    static final String SET_HOTPLUG = "bdev_nvme_set_hotplug";

    private static final int LONGEST_NAME = 255;
    private static final int MOST_ENTRIES = 65_536;
    private static final long LONGEST_PERIOD_US = 10_000_000;

    private final NvmeControllers controllers;
    private final ControlLock control;

    NvmeMethods(NvmeControllers controllers, ControlLock control) {
        this.controllers = controllers;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        registry.register(attachment(), Failures.mapped(this::attach));
        registry.register(
                MethodSpec.method("bdev_nvme_get_controllers", "Describes all NVMe controllers, or one.")
                        .optional("name", name(), "The controller; all if absent.")
                        .returns(
                                "[{name, ctrlrs: [{state, trid{}, cntlid, model_number, serial_number, firmware_revision,"
                                        + " version, unsafe_noiommu, namespaces[], refused_namespaces[], queues{}, memory[], statistics{}}]}]",
                                "The controllers, in the order in which they were attached.")
                        .build(),
                Failures.mapped(this::list));
        registry.register(
                MethodSpec.method(
                                "bdev_nvme_detach_controller",
                                "Gives a controller back. Guests that have one of its disks see errors from then on; the"
                                        + " answer comes when the last user has let go.")
                        .required("name", name(), "The controller.")
                        .concurrent()
                        .build(),
                Failures.mapped(params -> {
                    control.change(() -> controllers.detach(params.string("name")))
                            .join();
                    return Json.done();
                }));
        registry.register(
                MethodSpec.method(
                                "bdev_nvme_reset_controller",
                                "Resets a controller. Requests that are in flight are carried out afterwards.")
                        .required("name", name(), "The controller.")
                        .concurrent()
                        .build(),
                Failures.mapped(params -> {
                    done(controllers.find(params.string("name")).reset());
                    return Json.done();
                }));
        registry.register(
                MethodSpec.method("bdev_nvme_get_controller_health_info", "Asks a controller for its health.")
                        .required("name", name(), "The controller.")
                        .returns("{model_number, serial_number, temperature_celsius, ...}", "What its log page says.")
                        .concurrent()
                        .build(),
                Failures.mapped(this::health));
        registerOptions(registry);
    }

    private void registerOptions(MethodRegistry registry) {
        NvmeOptions defaults = NvmeOptions.DEFAULT;
        registry.register(
                NvmeForeignParams.options(MethodSpec.method(
                                        SET_OPTIONS,
                                        "Says how NVMe controllers are driven that are attached from now on.")
                                .param(
                                        DriverTimes.timeoutOrDefault(
                                                "timeout_us",
                                                defaults.ioTimeoutMs(),
                                                "A command is aborted after this time, and its controller reset after twice the time."))
                                .param(
                                        DriverTimes.timeoutOrDefault(
                                                "timeout_admin_us",
                                                defaults.adminTimeoutMs(),
                                                "A controller is reset that has not answered an admin command after this time."))
                                .param(ParamSpec.optional(
                                        "bdev_retry_count",
                                        ParamType.integer(0, 1000),
                                        defaults.retries(),
                                        "How often a command is tried again that failed for a passing reason."))
                                .param(ParamSpec.optional(
                                        "io_queue_requests",
                                        ParamType.integer(0, MOST_ENTRIES),
                                        defaults.queueEntries(),
                                        "Entries of an I/O queue, 2 or more, of which one is never used; 0: as if it were not"
                                                + " given.")))
                        .anyState()
                        .build(),
                params -> control.change(() -> setOptions(params)));
        registry.register(
                MethodSpec.method(
                                SET_HOTPLUG,
                                "Attaches NVMe controllers of themselves that vfio-pci has, when they come.")
                        .required("enable", ParamType.bool(), "Whether to.")
                        .param(ParamSpec.optional(
                                "period_us",
                                ParamType.integer(1000, LONGEST_PERIOD_US),
                                NvmeControllers.Hotplug.DEFAULT_PERIOD_US,
                                "How often to look for them."))
                        .build(),
                params -> control.change(() -> {
                    controllers.setHotplug(
                            new NvmeControllers.Hotplug(params.bool("enable"), params.integer("period_us")));
                    return Json.done();
                }));
    }

    /** The name of a controller. */
    static ParamType name() {
        return ParamType.string(1, LONGEST_NAME - 16);
    }

    private static MethodSpec attachment() {
        return NvmeForeignParams.attachment(MethodSpec.method(
                                ATTACH,
                                "Takes an NVMe controller that vfio-pci has ('ringside bind'), and makes its namespaces known as"
                                        + " disks.")
                        .required(
                                "name",
                                name(),
                                "Name of the controller; its namespace 1 is the disk of that name and n1.")
                        .required("trtype", ParamType.string("(?i)pcie", "PCIe"), "The transport.")
                        .required("traddr", PciParams.address(), "The PCI address, such as 0000:3b:00.0."))
                .returns("[name]", "The names of the disks.")
                .build();
    }

    private JsonNode attach(Params params) throws Exception {
        NvmeForeignParams.checkAttachment(params, controllers.reactors());
        PciAddress address = PciParams.address(params);
        List<String> names = control.change(() -> controllers.attach(params.string("name"), address));
        ArrayNode result = Json.array();
        names.forEach(result::add);
        return result;
    }

    private JsonNode list(Params params) throws BdevException {
        Optional<String> name = params.optionalString("name");
        List<NvmeController> wanted = name.isPresent() ? List.of(controllers.find(name.get())) : controllers.list();
        ArrayNode result = Json.array();
        wanted.forEach(controller -> NvmeJson.describe(result.addObject(), controller));
        return result;
    }

    private JsonNode health(Params params) throws Exception {
        NvmeController controller = controllers.find(params.string("name"));
        return NvmeJson.health(controller.info(), done(controller.maintenance().health()));
    }

    private JsonNode setOptions(Params params) {
        NvmeForeignParams.checkOptions(params);
        int entries = params.int32("io_queue_requests");
        if (entries == 1) {
            throw RpcException.invalidParams(
                    "parameter 'io_queue_requests' must be 0, or from 2 to " + MOST_ENTRIES + ", not 1");
        }
        NvmeOptions defaults = NvmeOptions.DEFAULT;
        controllers.setOptions(new NvmeOptions(
                entries == 0 ? defaults.queueEntries() : entries,
                DriverTimes.msOrDefault(params, "timeout_us", defaults.ioTimeoutMs()),
                DriverTimes.msOrDefault(params, "timeout_admin_us", defaults.adminTimeoutMs()),
                params.int32("bdev_retry_count"),
                controllers.options().interrupts()));
        return Json.done();
    }

    /** The calls that attach the same controllers, driven in the same way. */
    void config(ArrayNode calls) {
        NvmeOptions options = controllers.options();
        if (!options.equals(NvmeOptions.DEFAULT.withInterrupts(options.interrupts()))) {
            ObjectNode params = ConfigCalls.add(calls, SET_OPTIONS);
            DriverTimes.put(params, "timeout_us", options.ioTimeoutMs());
            DriverTimes.put(params, "timeout_admin_us", options.adminTimeoutMs());
            params.put("bdev_retry_count", options.retries());
            params.put("io_queue_requests", options.queueEntries());
        }
        for (NvmeController controller : controllers.list()) {
            ObjectNode attach = ConfigCalls.add(calls, ATTACH);
            attach.put("name", controller.name());
            attach.put("trtype", "PCIe");
            attach.put("traddr", controller.info().address());
        }
        NvmeControllers.Hotplug hotplug = controllers.hotplug();
        if (hotplug.enabled()) {
            ObjectNode params = ConfigCalls.add(calls, SET_HOTPLUG);
            params.put("enable", true);
            params.put("period_us", hotplug.periodUs());
        }
    }

    /** The result of what a controller does; its failures as errors of JSON-RPC. */
    static <T> T done(CompletableFuture<T> result) throws Exception {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NvmeException nvme) {
                throw RpcException.errno(nvme.errno(), String.valueOf(nvme.getMessage()));
            }
            throw RpcException.errno(Errno.EIO, String.valueOf(e.getCause()));
        }
    }
}
