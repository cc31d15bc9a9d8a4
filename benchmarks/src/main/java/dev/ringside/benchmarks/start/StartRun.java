package dev.ringside.benchmarks.start;

import dev.ringside.benchmarks.load.DiskAddress;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadSetup;
import dev.ringside.benchmarks.load.VhostDisk;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.testkit.queue.GuestRam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Starts a server and loads it from its first moment on, with a client that is warm already. */
public final class StartRun {
    private static final long A_MOMENT_NS = 200_000;

    private final Workload workload;
    private final VhostDisk.Wishes wishes;
    private final int core;
    private final long intervalNs;

    /**
     * A run that has not begun.
     *
     * @param workload one queue; its warm-up is the client's, against an echo
     * @param core where the client runs
     * @param intervalNs length of the intervals, in ns
     */
    public StartRun(Workload workload, VhostDisk.Wishes wishes, int core, long intervalNs) {
        this.workload = workload;
        this.wishes = wishes;
        this.core = core;
        this.intervalNs = intervalNs;
    }

    /** What came of it. */
    public record Result(StartTimes times, Ramp ramp) {}

    /**
     * Runs to the end; the server has ended then.
     *
     * @param vhost the socket on which the server serves a disk as soon as it has started
     * @param rpc its control socket
     */
    public Result run(List<String> command, Path vhost, Path rpc) throws IOException, LoadException {
        practise();
        // From this thread, which may run anywhere: a process inherits that.
        try (GuestRam ram = LoadSetup.memory(workload);
                FreshServer server = FreshServer.start(command)) {
            server.await(vhost, FirstQuestion.VHOST);
            long vhostNs = server.ageNs();
            server.await(rpc, FirstQuestion.RPC);
            long rpcNs = server.ageNs();
            try (VhostDisk disk = connect(server, vhost, ram);
                    LoadSetup setup = LoadSetup.disk(workload.withRange(disk.bytes()), ram, disk, false, false)) {
                long requestNs = onCore(() -> {
                    while (setup.run(A_MOMENT_NS) == 0) {
                        Thread.onSpinWait();
                    }
                    return server.ageNs();
                });
                Ramp ramp = onCore(() -> ramp(setup));
                disk.stop();
                return new Result(new StartTimes(vhostNs, rpcNs, requestNs), ramp);
            }
        }
    }

    /** The disk may still be in use by the connection that asked first. */
    private VhostDisk connect(FreshServer server, Path vhost, GuestRam ram) throws LoadException {
        return server.await(
                vhost, () -> VhostDisk.connect(vhost, new DiskAddress.Blk(), ram, workload.queues(), wishes));
    }

    /**
     * Lets the JVM load and compile the client, down to starting a process: what is measured afterwards is the server's time,
     * and what rises its speed.
     */
    private void practise() throws IOException, LoadException {
        FirstQuestion.practise();
        FreshServer.start(List.of("true")).close();
        try (GuestRam ram = LoadSetup.memory(workload);
                LoadSetup setup = LoadSetup.practice(workload, ram, wishes.format(), wishes.indirect())) {
            onCore(() -> {
                for (long left = workload.warmUpNs(); left > 0; left -= intervalNs) {
                    setup.run(Math.min(left, intervalNs));
                }
                setup.drain();
                return true;
            });
        }
    }

    private Ramp ramp(LoadSetup setup) {
        List<Double> iops = new ArrayList<>();
        for (long left = workload.timeNs(); left > 0; left -= intervalNs) {
            iops.add(setup.run(intervalNs));
        }
        setup.drain();
        return new Ramp(intervalNs / 1e9, iops);
    }

    private <T> T onCore(Callable<T> work) throws LoadException {
        FutureTask<T> task = new FutureTask<>(() -> {
            CpuSet.pinCurrentThread(core);
            return work.call();
        });
        Thread thread = new Thread(task, "load-" + core);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new LoadException(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadException("interrupted", e);
        }
    }
}
