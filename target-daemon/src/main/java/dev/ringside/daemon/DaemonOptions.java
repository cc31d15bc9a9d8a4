package dev.ringside.daemon;

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
 */
public record DaemonOptions(
        CpuSet cpus, IdleMode idle, Path vhostDirectory, Path rpcSocket, Optional<Path> config, boolean waitForRpc) {}
