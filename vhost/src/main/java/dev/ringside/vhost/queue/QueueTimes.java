package dev.ringside.vhost.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.ChannelTimes;
import dev.ringside.bdev.IoTimes;
import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of a queue's requests goes, while the disk behind it is timed. Stands between the queue and its device when
 * requests are taken, and is told when they are given back and published. What it measures goes into histograms of the queue's
 * and of the disk's. Requests that reach no disk are not counted. Owned by the queue's reactor; allocates nothing for a request.
 */
public final class QueueTimes implements ChainHandler {
    /** Most requests that wait to be published; those before them count as published when there are more. */
    private static final int ROOM = 256;

    private final Virtqueue queue;
    private final ChainHandler device;
    private final Spans spans = new Spans();
    private final @Nullable ChannelTimes[] disks = new @Nullable ChannelTimes[ROOM];
    /** When the requests that wait to be published ended, and how long they had taken until then. */
    private final long[] endedNs = new long[ROOM];

    private final long[] tookNs = new long[ROOM];
    private int waiting;
    private long lookedNs = System.nanoTime();
    /** Whether the last look left requests in the ring. */
    private boolean left;
    /** What the requests found by the present look have waited since the last. */
    private long pollDelayNs;

    private long ringNs;

    QueueTimes(Virtqueue queue, ChainHandler device) {
        this.queue = queue;
        this.device = device;
    }

    /** What was measured. */
    public Spans spans() {
        return spans;
    }

    /** The ring is looked at now; returns this. */
    public QueueTimes look() {
        long now = System.nanoTime();
        pollDelayNs = left ? 0 : now - lookedNs;
        ringNs = left ? now - lookedNs : 0;
        lookedNs = now;
        return this;
    }

    /** Requests have been taken, as many as the turn allows. */
    public void looked() {
        left = queue.hasMore();
    }

    /** The reactor has slept: the ring was empty, and there is no telling when the request came that woke it. */
    public void woken() {
        lookedNs = System.nanoTime();
        left = false;
    }

    @Override
    public int handle(Chain chain) {
        chain.timedBy = this;
        chain.lookedNs = lookedNs;
        chain.pollDelayNs = pollDelayNs;
        chain.ringNs = ringNs;
        BdevIo io = chain.io();
        if (io != null) {
            io.times().begin();
        }
        return device.handle(chain);
    }

    /** A request is given back. */
    void ended(Chain chain) {
        BdevIo io = chain.io();
        if (chain.timedBy != this || io == null) {
            return;
        }
        IoTimes times = io.times();
        ChannelTimes disk = times.channel();
        if (disk == null) {
            return;
        }
        if (waiting == ROOM) {
            published();
        }
        long inRing = chain.ringNs + times.firstNs() - chain.lookedNs;
        record(disk, Span.POLL_DELAY, chain.pollDelayNs);
        record(disk, Span.RING, inRing);
        spans.record(Span.QOS, times.qosNs());
        spans.record(Span.BLOCK_LAYER, times.waitedNs());
        spans.record(Span.DEVICE, times.inDeviceNs());
        spans.record(Span.BDEV, times.qosNs() + times.waitedNs() + times.inDeviceNs());
        disk.slow().look(io, chain.pollDelayNs, inRing);
        disks[waiting] = disk;
        endedNs[waiting] = times.endedNs();
        tookNs[waiting] = times.endedNs() - chain.lookedNs + chain.pollDelayNs + chain.ringNs;
        waiting++;
    }

    /** The driver sees what was given back, and has been signalled. */
    public void published() {
        if (waiting == 0) {
            return;
        }
        long now = System.nanoTime();
        for (int i = 0; i < waiting; i++) {
            ChannelTimes disk = Objects.requireNonNull(disks[i]);
            record(disk, Span.COMPLETION, now - endedNs[i]);
            record(disk, Span.REQUEST, now - endedNs[i] + tookNs[i]);
            disks[i] = null;
        }
        waiting = 0;
    }

    private void record(ChannelTimes disk, Span span, long ns) {
        spans.record(span, ns);
        disk.spans().record(span, ns);
    }
}
