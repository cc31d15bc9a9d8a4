package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.frontend.CallWaiter;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The queues of a load with their loops, in memory that the other side shares. Control plane, one thread. */
public final class LoadSetup implements AutoCloseable {
    private static final long MIB = 1 << 20;
    /** Rings and tables of the largest queue. */
    private static final long RING_BYTES = 256 << 10;
    /** The queues through which a SCSI unit is asked what it is like. */
    private static final long ASKING_BYTES = 1 << 20;
    /** The echo's disk, if none is asked: what it does is the same for each block. */
    private static final long ECHO_BYTES = 1L << 40;
    /** From this depth on the client pauses between looks, so that the cache lines of the ring are left to the device. */
    private static final int PAUSING_DEPTH = 8;

    /** Measured: RAM disk, depth 32: 1.5 million IOPS with none, 1.9 with 4 and with 16; a null disk did not mind. */
    private static final int PAUSES = 4;

    private final RingSetting setting;
    private final long diskBytes;
    private final List<SlotRing> rings = new ArrayList<>();
    private final List<LoadLoop> loops = new ArrayList<>();
    private final List<AutoCloseable> closing = new ArrayList<>();

    private LoadSetup(Workload workload, ChainShape shape, GuestRam ram, RingSetting setting, long diskBytes) {
        this.setting = setting;
        this.diskBytes = diskBytes;
        for (int i = 0; i < workload.queues(); i++) {
            rings.add(SlotRing.of(
                    setting.format(), shape, ram, workload.depth(), setting.eventIdx(), setting.indirect()));
        }
    }

    /**
     * Memory for a load.
     *
     * @throws LinuxException if there is not so much
     */
    public static GuestRam memory(Workload workload) throws LinuxException {
        long bytes = ASKING_BYTES + workload.queues() * (VirtioRequests.memoryBytes(workload) + RING_BYTES);
        return GuestRam.ofMiB(Math.toIntExact(bytes / MIB + 1));
    }

    /**
     * A load of echoes, which run on the threads of the load.
     *
     * @param kicks whether the client asks each time whether the echo wants a kick; it never does
     */
    public static LoadSetup echo(Workload workload, GuestRam ram, RingFormat format, boolean indirect, boolean kicks)
            throws LinuxException {
        LoadSetup setup = ofEchoes(workload, ram, format, indirect, kicks);
        for (SlotRing ring : setup.rings) {
            EventFd bell = EventFd.create();
            setup.closing.add(bell);
            IdleWait idle = new IdleWait.Echo(EchoDevice.of(ram, ring, indirect));
            setup.addLoop(workload, ram, kicks ? bell : null, idle);
        }
        return setup;
    }

    /** A load of echoes on threads of their own, polled as disks are: what is compiled for it is what a disk needs. */
    public static LoadSetup practice(Workload workload, GuestRam ram, RingFormat format, boolean indirect) {
        LoadSetup setup = ofEchoes(workload, ram, format, indirect, false);
        for (SlotRing ring : setup.rings) {
            setup.addLoop(workload, ram, null, spin(workload));
            setup.closing.add(EchoThread.start(EchoDevice.of(ram, ring, indirect)));
        }
        return setup;
    }

    private static LoadSetup ofEchoes(
            Workload workload, GuestRam ram, RingFormat format, boolean indirect, boolean kicks) {
        long bytes = workload.rangeBytes() > 0 ? workload.rangeBytes() : ECHO_BYTES;
        int entries = SlotRing.entriesFor(workload.depth(), indirect);
        RingSetting setting =
                new RingSetting(new DiskAddress.Blk(), format, entries, indirect, false, false, kicks, false);
        return new LoadSetup(workload, ChainShape.BLK, ram, setting, bytes);
    }

    private void addLoop(Workload workload, GuestRam ram, @Nullable EventFd bell, IdleWait idle) {
        SlotRing ring = rings.get(loops.size());
        ring.disableCalls();
        addLoop(workload, diskBytes, new VirtqueuePath(ring, new BlkRequests(ram, ring, workload), bell, idle));
    }

    private void addLoop(Workload workload, long rangeBytes, BlockPath path) {
        loops.add(new LoadLoop(new ChosenRequests(path, workload, loops.size(), rangeBytes), workload));
    }

    /**
     * The load of a disk, whose queues are started.
     *
     * @param workload with the range that is used
     * @param calls whether to sleep until the back end calls
     * @param kicks whether the back end is given something to be woken with
     * @throws IOException if the back end refuses
     */
    public static LoadSetup disk(Workload workload, GuestRam ram, VhostDisk disk, boolean calls, boolean kicks)
            throws IOException {
        RingSetting setting = new RingSetting(
                disk.address(),
                disk.format(),
                SlotRing.entriesFor(workload.depth(), disk.indirect()),
                disk.indirect(),
                disk.eventIdx(),
                calls,
                kicks,
                disk.tracked());
        LoadSetup setup = new LoadSetup(workload, disk.shape(), ram, setting, disk.bytes());
        List<VirtioRequests> requests = new ArrayList<>();
        for (SlotRing ring : setup.rings) {
            ring.disableCalls();
            requests.add(disk.requests(ring, workload, requests.size()));
        }
        disk.start(setup.rings, kicks);
        for (int i = 0; i < workload.queues(); i++) {
            EventFd bell = kicks ? disk.kick(i) : null;
            IdleWait idle = setup.idle(workload, disk.call(i));
            setup.addLoop(
                    workload,
                    workload.rangeBytes(),
                    new VirtqueuePath(setup.rings.get(i), requests.get(i), bell, idle));
        }
        return setup;
    }

    private IdleWait idle(Workload workload, EventFd call) throws LinuxException {
        if (!setting.calls()) {
            return spin(workload);
        }
        CallWaiter waiter = new CallWaiter(call);
        closing.add(waiter);
        return new IdleWait.Sleep(waiter);
    }

    private static IdleWait spin(Workload workload) {
        return new IdleWait.Spin(workload.depth() < PAUSING_DEPTH ? 0 : PAUSES);
    }

    /** Runs all loops on this thread for a time, and leaves their requests in flight; returns requests a second. */
    public double run(long durationNs) {
        LoadLoop[] all = loops.toArray(LoadLoop[]::new);
        LoadLoop.run(all, durationNs);
        double iops = 0;
        for (LoadLoop loop : all) {
            iops += loop.done() * 1e9 / loop.phaseNs();
        }
        return iops;
    }

    /** Takes back what is in flight. */
    public void drain() {
        loops.forEach(LoadLoop::drain);
    }

    /** The loops, one for each queue. */
    public List<LoadLoop> loops() {
        return List.copyOf(loops);
    }

    /** How the queues are driven. */
    public RingSetting setting() {
        return setting;
    }

    /** Capacity of what is loaded. */
    public long diskBytes() {
        return diskBytes;
    }

    @Override
    public void close() {
        for (AutoCloseable left : closing) {
            try {
                left.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot close " + left, e);
            }
        }
    }
}
