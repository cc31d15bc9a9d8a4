package dev.ringside.daemon;

import dev.ringside.daemon.takeover.Surroundings;
import dev.ringside.daemon.takeover.Surroundings.Extras;
import dev.ringside.daemon.target.Access;
import dev.ringside.daemon.web.Listener;
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
 * @param allowFaults whether clients may give disks and virtqueues faults; in a hand-over, also if the old daemon allowed it
 * @param allowNoIommu whether drives may be behind no IOMMU; in a hand-over, also if the old daemon allowed it
 * @param extras what a daemon need not have
 */
public record DaemonOptions(
        CpuSet cpus,
        IdleMode idle,
        Path vhostDirectory,
        Path rpcSocket,
        Optional<Path> config,
        boolean waitForRpc,
        Optional<Takeover> takeover,
        boolean allowFaults,
        boolean allowNoIommu,
        Extras extras) {

    /** What is to differ from the daemon that is taken over. */
    public record Takeover(Optional<CpuSet> cpus, Optional<IdleMode> idle) {}

    /** A daemon that starts from nothing, without extras. */
    public DaemonOptions(
            CpuSet cpus,
            IdleMode idle,
            Path vhostDirectory,
            Path rpcSocket,
            Optional<Path> config,
            boolean waitForRpc) {
        this(cpus, idle, vhostDirectory, rpcSocket, config, waitForRpc, Optional.empty(), false, false, Extras.NONE);
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
                false,
                false,
                Extras.NONE);
    }

    /** The same, but with other rules of who may reach what. */
    public DaemonOptions guardedBy(Access rules) {
        return with(new Extras(extras.state(), rules, extras.metrics()));
    }

    /** The same, but with a directory in which the configuration is kept. */
    public DaemonOptions keeping(Path directory) {
        return with(new Extras(Optional.of(directory), extras.access(), extras.metrics()));
    }

    /** The same, but with metrics and a page. */
    public DaemonOptions serving(Listener listener) {
        return with(new Extras(extras.state(), extras.access(), Optional.of(listener)));
    }

    private DaemonOptions with(Extras others) {
        return new DaemonOptions(
                cpus, idle, vhostDirectory, rpcSocket, config, waitForRpc, takeover, allowFaults, allowNoIommu, others);
    }

    /** The same, but with faults allowed. */
    public DaemonOptions allowingFaults() {
        return new DaemonOptions(
                cpus, idle, vhostDirectory, rpcSocket, config, waitForRpc, takeover, true, allowNoIommu, extras);
    }

    /** The same, but with drives allowed that are behind no IOMMU. */
    public DaemonOptions allowingNoIommu() {
        return new DaemonOptions(
                cpus, idle, vhostDirectory, rpcSocket, config, waitForRpc, takeover, allowFaults, true, extras);
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
                allowFaults || old.allowFaults(),
                allowNoIommu || old.allowNoIommu(),
                old.extras());
    }

    /** What a daemon that takes this one over has to know. */
    Surroundings surroundings() {
        return new Surroundings(cpus, idle, vhostDirectory, rpcSocket, allowFaults, allowNoIommu, extras);
    }
}
