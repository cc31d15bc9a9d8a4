package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.StartException;
import dev.ringside.daemon.target.Startup;
import dev.ringside.daemon.target.StopSignal;
import dev.ringside.daemon.target.Version;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The process: its version, its start and its end. */
final class InstanceMethods {
    private final Startup startup;
    private final StopSignal stop;

    InstanceMethods(Startup startup, StopSignal stop) {
        this.startup = startup;
        this.stop = stop;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("spdk_get_version", "Tells the version of the daemon.")
                        .returns(
                                "{version, fields{major, minor, patch, suffix}}",
                                "The version as text and in parts; the suffix is empty for a release.")
                        .anyState()
                        .build(),
                params -> version());
        registry.register(
                MethodSpec.method(
                                "framework_start_init",
                                "Leaves the startup state: replays the configuration file, if there is one, and opens the runtime methods.")
                        .startupOnly()
                        .build(),
                params -> startInit());
        registry.register(
                MethodSpec.method("framework_wait_init", "Waits until the daemon has started completely.")
                        .anyState()
                        .concurrent()
                        .build(),
                params -> waitInit());
        registry.register(
                MethodSpec.method(
                                "spdk_kill_instance", "Stops the daemon cleanly: guests are drained, sockets removed.")
                        .required(
                                "sig_name",
                                ParamType.string(
                                        "SIGTERM|SIGINT|SIGQUIT|SIGHUP|15|2|3|1",
                                        "one of SIGTERM, SIGINT, SIGQUIT, SIGHUP or its number"),
                                "The signal; all of them mean the same clean stop.")
                        .anyState()
                        .build(),
                this::kill);
    }

    private static JsonNode version() {
        Version version = Version.current();
        ObjectNode result = Json.object();
        result.put("version", "Ringside v" + version.text());
        ObjectNode fields = result.putObject("fields");
        fields.put("major", version.major());
        fields.put("minor", version.minor());
        fields.put("patch", version.patch());
        fields.put("suffix", version.suffix());
        return result;
    }

    private JsonNode startInit() {
        try {
            startup.run();
        } catch (StartException e) {
            throw RpcException.wrongState(e.getMessage());
        }
        return Json.done();
    }

    private JsonNode waitInit() {
        try {
            startup.await();
        } catch (StartException e) {
            throw RpcException.wrongState(e.getMessage());
        }
        return Json.done();
    }

    private JsonNode kill(Params params) {
        params.string("sig_name");
        stop.request();
        return Json.done();
    }
}
