package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.queue.DiskChannel;
import dev.ringside.bdev.scsi.queue.HostQueue;
import dev.ringside.bdev.scsi.queue.QueueEvents;
import dev.ringside.bdev.scsi.queue.Unit;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.ControlThread;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries what queues and the driver ask for to the control thread. Any thread. */
final class HostWork implements QueueEvents, ScsiTopology {
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);
    /** Buffers of a size that are made at once. */
    private static final int BUFFERS = 8;
    /** A queue may have so much memory for copies. */
    private static final long MOST_BYTES = 64 << 20;

    /** Longer than the control thread takes to come to it. */
    private static final long REMOVAL_NS = TimeUnit.MINUTES.toNanos(5);

    /** What a disk says when it is another than it was. */
    private static final Set<Integer> NEWS = Set.of(
            AdditionalSense.CAPACITY_DATA_HAS_CHANGED.code(),
            AdditionalSense.INQUIRY_DATA_HAS_CHANGED.code(),
            AdditionalSense.MODE_PARAMETERS_CHANGED.code(),
            AdditionalSense.LOGICAL_UNIT_NOT_READY_INITIALIZING_COMMAND_REQUIRED.code());

    private static final int LUNS = AdditionalSense.REPORTED_LUNS_DATA_HAS_CHANGED.code();

    private final ScsiHost host;
    private final ControlThread thread;

    HostWork(ScsiHost host, ControlThread thread) {
        this.host = host;
        this.thread = thread;
    }

    @Override
    public void overdue(HostQueue queue, int index) {
        thread.execute(() -> {
            if (host.state() == HostState.ENABLED) {
                host.recovery().overdue(queue, index);
            }
        });
    }

    @Override
    public void abort(HostQueue queue, int index) {
        thread.execute(() -> {
            if (host.state() == HostState.ENABLED) {
                host.recovery().abort(queue, index);
            }
        });
    }

    @Override
    public void reset(DiskChannel channel) {
        thread.execute(() -> {
            try {
                if (host.state() == HostState.ENABLED) {
                    host.recovery().reset(channel.disk());
                }
            } finally {
                channel.queue().reactor().execute(channel::resetDone);
            }
        });
    }

    @Override
    public void attention(Unit unit, int code) {
        if (code == LUNS) {
            changed();
        } else if (NEWS.contains(code)) {
            thread.execute(() -> host.refresh(unit));
        }
    }

    /** A command of the control thread was told what a disk, or what may be one, has to tell. */
    void attention(int code) {
        if (code == LUNS || NEWS.contains(code)) {
            // What it was about may have been read before. Not at once: others have their turn if this goes on.
            host.wantScan(ScsiHost.SCAN_AGAIN_NS);
        }
    }

    @Override
    public void deferred(Unit unit, SenseKey key, int code) {
        thread.execute(() -> LOG.warn(
                "{}: {} says that an earlier command failed, which had ended well: {}, {}",
                host.name(),
                unit.device().address(),
                key,
                String.format("%04xh", code)));
    }

    @Override
    public void starved(HostQueue queue, int bytes) {
        thread.execute(() -> {
            if (!queue.isClosed() && queue.pool().bytes() < MOST_BYTES) {
                try {
                    queue.pool().reserve(bytes, BUFFERS);
                } catch (LinuxException e) {
                    LOG.warn("{}: no more memory for copies: {}", host.name(), e.getMessage());
                }
            }
            queue.reactor().execute(queue::fed);
        });
    }

    @Override
    public void unused(HostQueue queue) {
        host.queues().closed(queue);
        thread.execute(() -> host.queues().free(queue));
    }

    @Override
    public void changed() {
        host.wantScan(0);
    }

    @Override
    public void removed(ScsiTarget target) {
        // It gets nothing from now on: its adapter may soon call another one as it has called this.
        target.missing(System.nanoTime() + REMOVAL_NS);
        thread.execute(() -> host.removeTarget(target));
    }

    @Override
    public void disturbed(ScsiTarget target) {
        thread.execute(() -> host.refreshTarget(target));
    }

    @Override
    public void failed(String why) {
        thread.execute(() -> {
            if (host.state() == HostState.ENABLED) {
                host.recovery().controller(why);
            }
        });
    }
}
