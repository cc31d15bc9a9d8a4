package dev.ringside.daemon.rpc;

import dev.ringside.daemon.insight.Watch;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.takeover.Takeovers;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.FaultInjections;
import dev.ringside.daemon.target.NvmeControllers;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.daemon.target.Startup;
import dev.ringside.daemon.target.StopSignal;
import dev.ringside.rpc.method.MethodRegistry;

/** All families of RPC methods. */
public final class AllMethods {
    private AllMethods() {}

    /** What the methods work on. */
    public record Parts(
            ControlLock control,
            Reactors reactors,
            Disks disks,
            NvmeControllers nvme,
            ScsiHosts scsi,
            Controllers controllers,
            Startup startup,
            StopSignal stop,
            Takeovers takeovers,
            FaultInjections faults,
            Watch watch,
            Logging logging) {}

    /** Registers every method; touches nothing else. */
    public static void register(MethodRegistry registry, Parts parts) {
        new InstanceMethods(parts.startup(), parts.stop()).register(registry);
        NvmeMethods nvme = new NvmeMethods(parts.nvme(), parts.control());
        ScsiMethods scsi = new ScsiMethods(parts.reactors(), parts.disks(), parts.controllers(), parts.control());
        ScsiHostMethods scsiHosts = new ScsiHostMethods(parts.scsi(), parts.control());
        QosMethods qos = new QosMethods(parts.disks(), parts.control());
        LatencyMethods latency = new LatencyMethods(parts.disks(), parts.controllers(), parts.control(), parts.watch());
        new ConfigMethods(parts.disks(), nvme, scsiHosts, qos, parts.controllers(), scsi, latency).register(registry);
        latency.register(registry);
        new StatusMethods(parts.logging()).register(registry);
        new TakeoverMethods(parts.takeovers()).register(registry);
        new ReactorMethods(parts.reactors(), parts.disks()).register(registry);
        new NotifyMethods(parts.disks().notifications()).register(registry);
        new LogMethods(parts.logging()).register(registry);
        registerDisks(
                registry,
                parts.disks(),
                nvme,
                new NvmeUpkeepMethods(parts.nvme(), parts.disks(), parts.control()),
                qos,
                parts.control());
        registerScsiDisks(registry, parts.scsi(), scsiHosts, parts.control());
        new FaultMethods(parts.faults(), parts.control()).register(registry);
        new IostatMethods(parts.disks(), parts.reactors()).register(registry);
        new VhostMethods(parts.reactors(), parts.disks(), parts.controllers(), parts.control()).register(registry);
        scsi.register(registry);
    }

    /** Registers the methods that make disks and list them; touches nothing else. */
    public static void registerDisks(
            MethodRegistry registry, Disks disks, NvmeControllers nvme, ScsiHosts scsi, ControlLock control) {
        registerDisks(
                registry,
                disks,
                new NvmeMethods(nvme, control),
                new NvmeUpkeepMethods(nvme, disks, control),
                new QosMethods(disks, control),
                control);
        registerScsiDisks(registry, scsi, new ScsiHostMethods(scsi, control), control);
    }

    private static void registerScsiDisks(
            MethodRegistry registry, ScsiHosts scsi, ScsiHostMethods hosts, ControlLock control) {
        hosts.register(registry);
        new ScsiDiskMethods(scsi, control).register(registry);
    }

    private static void registerDisks(
            MethodRegistry registry,
            Disks disks,
            NvmeMethods nvme,
            NvmeUpkeepMethods upkeep,
            QosMethods qos,
            ControlLock control) {
        new MallocMethods(disks, control).register(registry);
        new NullMethods(disks, control).register(registry);
        new FileMethods(disks, control).register(registry);
        new StackedMethods(disks, control).register(registry);
        new DelayMethods(disks, control).register(registry);
        new ErrorMethods(disks, control).register(registry);
        nvme.register(registry);
        upkeep.register(registry);
        qos.register(registry);
        new BdevMethods(disks).register(registry);
    }
}
