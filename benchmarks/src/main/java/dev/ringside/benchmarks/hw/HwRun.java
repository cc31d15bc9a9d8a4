package dev.ringside.benchmarks.hw;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Reads of one size, so many at a time, from a disk. What they ask is drawn beforehand. One thread. */
public final class HwRun implements ScsiCommand.Owner {
    private static final byte READ_16 = (byte) 0x88;
    private static final int CDB_BYTES = 16;
    private static final int ADDRESSES = 1 << 16;
    private static final int BUDGET = 64;
    private static final long STUCK_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long SLOWEST_NS = TimeUnit.MINUTES.toNanos(1);

    private final ScsiHostQueue queue;
    private final HwDisk disk;
    private final ScsiCommand[] commands;
    private final ScatterList[] data;
    private final long[] startNs;
    private final long[] addresses = new long[ADDRESSES];
    private final Histogram latency = new Histogram(SLOWEST_NS, 3);
    private final int blocks;
    private int next;
    private long nowNs;
    private boolean measuring;
    private boolean stopping;
    private int inFlight;
    private long failed;

    /**
     * What came of it.
     *
     * @param latency of each command, in ns
     * @param failed commands that did not read what they should
     */
    public record Result(Histogram latency, double seconds, long failed) {
        /** Commands a second. */
        public double iops() {
            return latency.getTotalCount() / seconds;
        }
    }

    /**
     * Builds the commands.
     *
     * @param depth commands at a time, at most what the adapter takes
     * @param bytes of each: a multiple of the disk's blocks
     * @param random whether blocks are chosen by chance, or one after the other
     */
    public HwRun(HwAdapter adapter, HwDisk disk, int depth, int bytes, boolean random) {
        this.queue = adapter.queue();
        this.disk = disk;
        this.blocks = bytes / disk.blockSize();
        this.commands = new ScsiCommand[depth];
        this.data = new ScatterList[depth];
        this.startNs = new long[depth];
        for (int tag = 0; tag < depth; tag++) {
            commands[tag] = new ScsiCommand(tag, this);
            commands[tag].cdb()[0] = READ_16;
            BigEndian.put32(commands[tag].cdb(), 10, blocks);
            data[tag] = new ScatterList(1);
            data[tag].add(adapter.memory(), (long) tag * bytes, bytes);
        }
        long places = disk.blocks() / blocks;
        Random dice = new Random(1);
        for (int i = 0; i < ADDRESSES; i++) {
            addresses[i] = (random ? dice.nextLong(places) : i % places) * blocks;
        }
    }

    /**
     * Reads for some time.
     *
     * @param warmUpNs not measured, at first
     * @param measureNs measured, after that
     * @throws LoadException if the adapter takes no command, or one does not end
     */
    public Result run(long warmUpNs, long measureNs) throws LoadException {
        nowNs = System.nanoTime();
        long begin = nowNs + warmUpNs;
        long end = begin + measureNs;
        for (ScsiCommand command : commands) {
            submit(command);
        }
        queue.commit();
        long lastEnd = nowNs;
        while (inFlight > 0) {
            int done = queue.poll(BUDGET);
            nowNs = System.nanoTime();
            measuring = nowNs - begin >= 0;
            stopping = nowNs - end >= 0;
            if (done > 0) {
                queue.commit();
                lastEnd = nowNs;
            } else if (nowNs - lastEnd > STUCK_NS) {
                throw new LoadException(inFlight + " commands do not end");
            } else {
                Thread.onSpinWait();
            }
        }
        if (failed > 0 && latency.getTotalCount() == 0) {
            throw new LoadException("every command fails");
        }
        return new Result(latency, measureNs / 1e9, failed);
    }

    @Override
    public void commandDone(ScsiCommand command) {
        inFlight--;
        long now = System.nanoTime();
        if (command.hostStatus() != HostStatus.DELIVERED || command.scsiStatus() != ScsiStatus.GOOD) {
            failed++;
        } else if (measuring && !stopping) {
            latency.recordValue(Math.min(now - startNs[command.tag()], SLOWEST_NS));
        }
        if (!stopping) {
            submit(command);
        }
    }

    private void submit(ScsiCommand command) {
        int tag = command.tag();
        BigEndian.put64(command.cdb(), 2, addresses[next]);
        next = (next + 1) & (ADDRESSES - 1);
        command.prepare(disk.device(), CDB_BYTES, ScsiCommand.READ, data[tag], 0);
        startNs[tag] = System.nanoTime();
        if (queue.queueCommand(command) == ScsiHostQueue.QUEUED) {
            inFlight++;
        } else {
            failed++;
        }
    }
}
