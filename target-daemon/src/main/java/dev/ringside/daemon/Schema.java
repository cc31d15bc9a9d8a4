package dev.ringside.daemon;

import dev.ringside.daemon.log.Logging;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.rpc.schema.MethodSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The declarations of all RPC methods, for whoever documents or calls them. */
public final class Schema {
    private Schema() {}

    /** All methods, in alphabetical order. */
    public static List<MethodSpec> methods() {
        // A daemon that is never started: it declares the same methods as one that is.
        DaemonOptions options = new DaemonOptions(
                CpuSet.parse("0x1"), IdleMode.ADAPTIVE, Path.of("."), Path.of("unused"), Optional.empty(), true);
        return new Daemon(options, new Logging()).methods().specs();
    }

    /** The method of that name or alias. */
    public static Optional<MethodSpec> method(String name) {
        return methods().stream()
                .filter(spec -> spec.name().equals(name) || spec.aliases().contains(name))
                .findFirst();
    }
}
