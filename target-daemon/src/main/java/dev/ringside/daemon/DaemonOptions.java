package dev.ringside.daemon;

import dev.ringside.daemon.takeover.Surroundings;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the daemon is started with.
 *
 * @param cpus one reactor is started on each of these cores
 * @param idle what a reactor does when it has no work
 * @param vhostDirectory where the controllers' sockets are made; it must exist
 * @param rpcSocket path of the control socket
 * @param config a file in SPDK's layout to be replayed at the start
 * @param waitForRpc whether to wait for framework_start_init before anything else
 * @param takeover what is to differ from the daemon that serves the control socket now, which is taken over; without it,
 *     a daemon starts from nothing. What else is said, but for the control socket, does not count then
 * @param state the directory in which the configuration is kept and from which it is restored at the start
 */
public record DaemonOptions(
        CpuSet cpus,
        IdleMode idle,
        Path vhostDirectory,
        Path rpcSocket,
        Optional<Path> config,
        boolean waitForRpc,
        Optional<Takeover> takeover,
        Optional<Path> state) {

    /** What is to differ from the daemon that is taken over. */
    public record Takeover(Optional<CpuSet> cpus, Optional<IdleMode> idle) {}

    /** A daemon that starts from nothing. */
    public DaemonOptions(
            CpuSet cpus,
            IdleMode idle,
            Path vhostDirectory,
            Path rpcSocket,
            Optional<Path> config,
            boolean waitForRpc) {
        this(cpus, idle, vhostDirectory, rpcSocket, config, waitForRpc, Optional.empty(), Optional.empty());
    }

    /** A daemon that takes over the one that serves a control socket. */
    public static DaemonOptions takingOver(Path rpcSocket, Takeover differences) {
        return new DaemonOptions(
                CpuSet.parse("0x1"),
                IdleMode.ADAPTIVE,
                Path.of("."),
                rpcSocket,
                Optional.empty(),
                false,
                Optional.of(differences),
                Optional.empty());
    }

    /** The same, but with a directory in which the configuration is kept. */
    public DaemonOptions keeping(Path directory) {
        return new DaemonOptions(
                cpus, idle, vhostDirectory, rpcSocket, config, waitForRpc, takeover, Optional.of(directory));
    }

    /** The same, as the daemon that is taken over has it. */
    DaemonOptions with(Surroundings old, Takeover differences) {
        return new DaemonOptions(
                differences.cpus().orElse(old.cpus()),
                differences.idle().orElse(old.idle()),
                old.vhostDirectory(),
                rpcSocket,
                config,
                waitForRpc,
                takeover,
                old.stateDirectory());
    }

    /** What a daemon that takes this one over has to know. */
    Surroundings surroundings() {
        return new Surroundings(cpus, idle, vhostDirectory, rpcSocket, state);
    }
}
