package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.queue.IoCommand.State;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue of a host, on one reactor, with the commands in it for all disks of the host. What is not said to be for any thread
 * belongs to the reactor.
 */
public final class HostQueue implements Poller {
    private static final int REPLIES_PER_TURN = 128;

    private enum Mode {
        LIVE,
        /** Everything fails with a status. */
        DEAD,
        CLOSED
    }

    private final Reactor reactor;
    private final QueueShare share;
    private final QueueSettings settings;
    private final QueueEvents events;
    private final DmaPool pool;
    private final BlockCommand maker;
    private final DataCopy copies;
    private final CommandSet commands;
    private final Outcome outcome;
    private final List<UnitQueue> units = new ArrayList<>();
    private final QueueCounters counters = new QueueCounters();
    private final @Nullable Registration watch;
    private final Registration poller;

    private Mode mode = Mode.LIVE;
    private int deadStatus = IoStatus.NO_DEVICE;
    private boolean polling;
    private boolean starving;
    private volatile boolean closed;

    /**
     * Takes memory for the commands and lets the reactor poll. On the reactor.
     *
     * @throws LinuxException ENOMEM, and what says that the hub's interrupt cannot be watched
     */
    public HostQueue(Reactor reactor, QueueHub hub, QueueSettings settings, DmaSpace dma, QueueEvents events)
            throws LinuxException {
        this.reactor = reactor;
        this.settings = settings;
        this.events = events;
        this.share = new QueueShare(hub, settings.depth(), 1);
        QueueMemory memory = new QueueMemory(this, share, settings.depth(), dma);
        this.pool = memory.pool;
        this.maker = new BlockCommand(memory.zeroes, settings.timeoutNs());
        this.copies = new DataCopy(pool, memory.owner, settings.boundary());
        this.commands = new CommandSet(memory.commands, copies, counters);
        this.outcome = new Outcome(commands, maker, settings, events, counters);
        EventFd interrupt = hub.interrupt();
        try {
            this.watch = interrupt == null ? null : reactor.watch(interrupt.number());
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
        this.poller = reactor.register("scsi queue", this);
    }

    /** Whose it is; any thread. */
    public Reactor reactor() {
        return reactor;
    }

    /** The adapter's queue that it shares; any thread. */
    public QueueHub hub() {
        return share.hub();
    }

    /** Commands that have not ended, at about this time; any thread. */
    public int inFlight() {
        return (int) counters.get(QueueCounters.IN_FLIGHT);
    }

    /** Whether the last user has left; any thread. */
    public boolean isClosed() {
        return closed;
    }

    /** What was done so far; any thread. */
    public QueueStats stats() {
        return counters.stats();
    }

    /** Its memory; any thread. It is closed when the adapter has none of its commands any more. */
    public DmaPool pool() {
        return pool;
    }

    /**
     * The adapter was reset and has forgotten everything: what it had waits to be posted again. The control thread has the
     * adapter's queue meanwhile.
     */
    public void takeBack() {
        if (mode == Mode.CLOSED) {
            return;
        }
        mode = Mode.LIVE;
        polling = true;
        share.deliver();
        commands.takeBack(settings.retries(), reactor.nowNs());
        leaveTurn();
    }

    /** The adapter does nothing any more: everything ends with a status, and so does what comes. */
    public void die(int status) {
        if (mode == Mode.CLOSED) {
            return;
        }
        mode = Mode.DEAD;
        deadStatus = status;
        polling = true;
        share.deliver();
        commands.endAll(status);
        leaveTurn();
    }

    /** Lets nothing be posted to some disks, or lets it be posted again. */
    public void hold(Predicate<Unit> which, boolean held) {
        for (UnitQueue each : units) {
            if (which.test(each.unit)) {
                each.held = held;
            }
        }
    }

    /** A disk has gone: what waits for it ends, and what the adapter has of it ends when it comes back. */
    public void removed(Unit unit) {
        polling = true;
        UnitQueue found = find(unit);
        if (found != null) {
            found.gone = true;
            commands.endWaiting(found, IoStatus.NO_DEVICE);
            commands.forgetOverdue(gone -> gone == unit);
        }
        leaveTurn();
    }

    /** A disk takes another number of commands from now on. */
    public void depthChanged(Unit unit) {
        UnitQueue found = find(unit);
        if (found != null) {
            found.depth.most(unit.traits().queueDepth());
        }
    }

    /** What takes too long of some disks is found anew. */
    public void forgetOverdue(Predicate<Unit> which) {
        commands.forgetOverdue(which);
    }

    /** How many commands of some disks the adapter has that are to end, and have not. */
    public int stuck(Predicate<Unit> which) {
        return commands.stuck(which);
    }

    /** Whether the adapter still has the command with an index, which was to end. */
    public boolean isStuck(int index) {
        return commands.get(index).stuck();
    }

    /** The command with an index, which is stuck. */
    public ScsiCommand command(int index) {
        return commands.get(index).scsi;
    }

    /** The disk of the command with an index, which is stuck. */
    public Unit unit(int index) {
        return commands.get(index).unit().unit;
    }

    /** Looks for commands that take too long. */
    public void checkTimeouts(long nowNs) {
        for (int index = 0; mode == Mode.LIVE && index < commands.size(); index++) {
            if (commands.get(index).becomesOverdue(nowNs)) {
                counters.increment(QueueCounters.TIMEOUTS);
                events.overdue(this, index);
            }
        }
    }

    /** There are more buffers for copies. */
    public void fed() {
        starving = false;
    }

    @Override
    public int poll(long nowNs) {
        if (mode != Mode.LIVE) {
            return 0;
        }
        polling = true;
        int done = share.poll(REPLIES_PER_TURN);
        if (anyToPost()) {
            done += postWaiting(nowNs);
        }
        leaveTurn();
        return done;
    }

    @Override
    public boolean arm() {
        // The control thread looks for events now and then, and wakes who waits for a disk that is missing. What else
        // waits becomes due without an interrupt.
        return mode != Mode.LIVE || (!anyToPost() && (!commands.anyPosted() || share.sleep()));
    }

    @Override
    public void disarm() {
        share.awake();
    }

    /** The adapter is done with a command. */
    void ended(IoCommand command) {
        outcome.ended(command, reactor.nowNs());
    }

    UnitQueue join(Unit unit) {
        UnitQueue found = find(unit);
        if (found == null) {
            found = new UnitQueue(unit);
            units.add(found);
        }
        found.users++;
        return found;
    }

    private @Nullable UnitQueue find(Unit unit) {
        for (UnitQueue each : units) {
            if (each.unit == unit) {
                return each;
            }
        }
        return null;
    }

    /** A disk has one user less; with the last one of all the queue goes, when it is not in use further up the stack. */
    void leave(UnitQueue unit) {
        if (--unit.users == 0) {
            units.remove(unit);
        }
        if (!polling) {
            closeIfUnused();
        }
    }

    QueueEvents events() {
        return events;
    }

    /**
     * Takes a request; false if there is no room for it now. Disks that are missing leave others half of the commands.
     */
    boolean submit(DiskChannel channel, BdevIo io) {
        UnitQueue unit = channel.unit();
        if (mode == Mode.DEAD || unit.gone) {
            channel.done(io, unit.gone ? IoStatus.NO_DEVICE : deadStatus);
            return true;
        }
        if (io.type() == IoType.FLUSH && !unit.unit.traits().writeCache()) {
            channel.done(io, IoStatus.OK);
            return true;
        }
        IoCommand command = commands.firstFree();
        if (command == null || !unit.hasRoom() || (commands.halfTaken() && unit.missing())) {
            return false;
        }
        long now = reactor.nowNs();
        command.begin(channel, io, now);
        maker.make(command, io, channel.firstBlock(), unit.unit);
        boolean open = unit.open();
        int taken = open ? post(command) : ScsiHostQueue.QUEUED;
        if (taken == ScsiHostQueue.BUSY) {
            commands.leave(command);
            return false;
        }
        commands.take(command);
        if (taken < 0) {
            commands.fail(command, taken);
        } else if (!open) {
            commands.await(command, now);
        }
        return true;
    }

    /** Ends a request early if that is possible. */
    void abort(BdevIo io) {
        IoCommand command = commands.get(io.moduleInt);
        if (command.state == State.FREE || command.io() != io || commands.endWaiting(command, IoStatus.ABORTED)) {
            return;
        }
        if (!command.abandoned) {
            command.abandoned = true;
            events.abort(this, command.index);
        }
    }

    /** Has everything of a channel end early: at once what waits, and the rest as it comes back. */
    void abandon(DiskChannel channel) {
        commands.abandon(channel);
    }

    /** Tells the adapter of what was submitted. */
    void flush() {
        if (mode == Mode.LIVE) {
            share.commit();
        }
    }

    /** Whether anything waits that may be posted, now or before long by itself. */
    private boolean anyToPost() {
        if (commands.anyWaiting()) {
            for (int i = 0; i < units.size(); i++) {
                UnitQueue each = units.get(i);
                if (each.waiting > 0 && !each.missing()) {
                    return true;
                }
            }
        }
        return false;
    }

    private int postWaiting(long nowNs) {
        int posted = 0;
        for (int index = 0; index < commands.size(); index++) {
            IoCommand command = commands.get(index);
            if (command.state == State.WAITING
                    && nowNs - command.notBeforeNs >= 0
                    && command.unit().open()) {
                int taken = post(command);
                if (taken == ScsiHostQueue.BUSY) {
                    break;
                }
                posted++;
                commands.waitsNoMore(command);
                if (taken < 0) {
                    commands.fail(command, taken);
                }
            }
        }
        return posted;
    }

    /** Gives a command to the adapter: {@link ScsiHostQueue#QUEUED}, {@link ScsiHostQueue#BUSY}, or a negative errno. */
    private int post(IoCommand command) {
        command.scsi.replaceDeadline(reactor.nowNs() + command.allowedNs);
        int taken = command.scsi.data().count() > settings.maxSegments()
                ? ScsiHostQueue.UNREACHABLE
                : share.queueCommand(command.scsi);
        if (taken == ScsiHostQueue.UNREACHABLE) {
            taken = command.copy == null ? postCopy(command) : IoStatus.INVALID;
        }
        if (taken == ScsiHostQueue.QUEUED) {
            counters.increment(QueueCounters.COMMANDS);
            if (command.postedBefore) {
                counters.increment(QueueCounters.RETRIED);
            }
            command.posted();
        }
        return taken;
    }

    private int postCopy(IoCommand command) {
        int copied = copies.make(command);
        if (copied == DataCopy.NO_BUFFER) {
            if (!starving) {
                starving = true;
                events.starved(this, (int) command.scsi.data().bytes());
            }
            return ScsiHostQueue.BUSY;
        }
        if (copied != IoStatus.OK) {
            return copied;
        }
        counters.increment(QueueCounters.COPIED);
        int taken = share.queueCommand(command.scsi);
        return taken == ScsiHostQueue.UNREACHABLE ? IoStatus.INVALID : taken;
    }

    private void leaveTurn() {
        polling = false;
        closeIfUnused();
        flush();
    }

    private void closeIfUnused() {
        if (units.isEmpty() && mode != Mode.CLOSED) {
            mode = Mode.CLOSED;
            poller.close();
            if (watch != null) {
                watch.close();
            }
            closed = true;
            events.unused(this);
        }
    }
}
