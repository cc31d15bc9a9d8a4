package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostIdentity;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.ThreadEnd;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.dma.ModelMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The driver of an adapter that there is not: its disks are in memory, its thread carries commands out, and what goes wrong is said
 * beforehand. It watches how the mid-layer keeps the contract.
 */
public final class SimHost implements ScsiHostDriver {
    private static final long SAS_ADDRESS = 0x5000_c500_0000_0000L;
    private static final long IDLE_NS = TimeUnit.MICROSECONDS.toNanos(50);

    private final SimHostSettings settings;
    private final DmaSpace dma;
    private final SimAdapter adapter;
    private final List<SimDisk> disks = new ArrayList<>();
    private final List<@Nullable ScsiTarget> targets = new ArrayList<>();
    private final List<SimQueue> queues = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "sim-host");
    private @Nullable HostControl control;
    private int failedResets;
    private volatile boolean ending;

    /**
     * Makes one; the memory that it reaches is what the address space has.
     *
     * @throws LinuxException ENOMEM
     */
    public SimHost(SimHostSettings settings, DmaSpace dma) throws LinuxException {
        this.settings = settings;
        this.dma = dma;
        this.failedResets = settings.failedResets();
        this.adapter = new SimAdapter(this, settings.faults());
        for (SimDiskSettings disk : settings.disks()) {
            disks.add(new SimDisk(disk));
        }
        for (int number = 0; number < disks.size(); number += settings.units()) {
            targets.add(null);
            plug(number);
        }
        thread.setDaemon(true);
    }

    /** What the mid-layer did that it must not. */
    public List<String> violations() {
        return List.copyOf(violations);
    }

    /** Pulls a disk out, by its number in the settings, with what else its target has. */
    public void pullOut(int number) {
        pullOut(target(number));
    }

    /** Plugs a disk in again that was pulled out. */
    public void plugIn(int number) {
        plug(number);
        topology().changed();
    }

    /**
     * A disk does not respond any more, and is waited for; {@link #comeBack} or {@link #pullOut} ends that. Its commands that were
     * lost end, but for those that only a reset of the adapter ends.
     */
    public void lose(int number, Duration limit) {
        ScsiTarget target = target(number);
        target.missing(System.nanoTime() + limit.toNanos());
        adapter.lose(target);
    }

    /** Commands that were lost and have not ended. */
    public int lostCommands() {
        return adapter.lostCommands();
    }

    /** The adapter fails, and says so only when it is asked. */
    public void fail() {
        adapter.fail();
    }

    /** Task management functions that were asked for, answered or not. */
    public int tasks() {
        return adapter.tasks();
    }

    /** Another disk responds in the place of one that was lost, which is alone there. */
    public void comeBackAs(int number, SimDiskSettings other) throws LinuxException {
        SimDisk disk = new SimDisk(other);
        disks.set(number, disk).close();
        adapter.plug(target(number), List.of(disk));
        comeBack(number);
    }

    /** A disk responds again that was lost, and nobody is told. */
    public void comeBackUntold(int number) {
        adapter.comeBack(target(number));
    }

    /** A disk responds again that was lost. */
    public void comeBack(int number) {
        ScsiTarget target = target(number);
        comeBackUntold(number);
        target.back();
        topology().disturbed(target);
    }

    /** Gives a disk another capacity, at most one and a half times of the first; it tells with its next command. */
    public void resize(int number, long numBlocks) {
        synchronized (adapter) {
            SimDisk disk = disks.get(number);
            disk.numBlocks = numBlocks;
            disk.attentions.add(Sense.of(SenseKey.UNIT_ATTENTION, AdditionalSense.CAPACITY_DATA_HAS_CHANGED));
        }
        topology().disturbed(target(number));
    }

    /** Takes a logical unit that is not the first of its target out of the list; the target's others tell with their next commands. */
    public void withdraw(int number) {
        adapter.list(target(number), disks.get(number), false);
    }

    /** Puts a logical unit back into the list that was withdrawn; the target's others tell with their next commands. */
    public void offer(int number) {
        adapter.list(target(number), disks.get(number), true);
    }

    /** As {@link #offer}, but when a disk is looked at next: the list has been read by then. */
    public void offerDuringLook(int number) {
        adapter.listDuringLook(target(number), disks.get(number));
    }

    /** Makes a block unreadable. */
    public void spoil(int number, long block) {
        synchronized (adapter) {
            disks.get(number).spoilt.add(block);
        }
    }

    @Override
    public void start(HostControl given) throws ScsiHostException {
        control = given;
        try {
            dma.activate(new ModelMemory());
        } catch (LinuxException e) {
            throw new ScsiHostException(Kind.FATAL, "no memory", e);
        }
        for (int i = 0; i < settings.capabilities().queues(); i++) {
            queues.add(new SimQueue(this, settings.capabilities(), dma));
        }
        thread.start();
    }

    @Override
    public HostCapabilities capabilities() {
        return settings.capabilities();
    }

    @Override
    public HostIdentity identity() {
        return new HostIdentity("sim", "sim", "Simulated host", "1", SAS_ADDRESS);
    }

    @Override
    public ScsiHostQueue queue(int index) {
        return queues.get(index);
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public List<ScsiTarget> scanBus() {
        return adapter.targets();
    }

    @Override
    public void check() throws ScsiHostException {
        if (adapter.hasFailed()) {
            throw new ScsiHostException(Kind.FATAL, "the adapter says that it has failed");
        }
    }

    @Override
    public void resetController(int attempt) throws ScsiHostException {
        adapter.reset(queues);
        if (failedResets > 0) {
            failedResets--;
            throw new ScsiHostException(Kind.TIMEOUT, "the adapter does not come back");
        }
    }

    @Override
    public void close() {
        if (!ending) {
            ending = true;
            ring();
            ThreadEnd.await(thread);
            dma.deactivate();
            disks.forEach(SimDisk::close);
        }
    }

    void violation(String what) {
        violations.add(what);
    }

    void ring() {
        LockSupport.unpark(thread);
    }

    void perform(SimQueue queue, ScsiTask task) {
        adapter.perform(queue, task);
    }

    void pullOut(ScsiTarget target) {
        adapter.unplug(target);
        topology().removed(target);
    }

    void failed() {
        topology().failed("the adapter says that it has failed");
    }

    /** Plugs in the target that a disk belongs to. */
    private void plug(int number) {
        int id = number / settings.units();
        int first = id * settings.units();
        List<SimDisk> units = disks.subList(first, Math.min(first + settings.units(), disks.size()));
        ScsiTarget target = new ScsiTarget(
                0, id, SAS_ADDRESS + id + 1, units.getFirst().settings.transport(), 0, "slot " + id, id);
        targets.set(id, target);
        adapter.plug(target, units);
    }

    private ScsiTarget target(int number) {
        return Objects.requireNonNull(targets.get(number / settings.units()));
    }

    private ScsiTopology topology() {
        return Objects.requireNonNull(control).topology();
    }

    private void run() {
        while (!ending) {
            if (!adapter.work(queues)) {
                LockSupport.parkNanos(IDLE_NS);
            }
        }
    }
}
