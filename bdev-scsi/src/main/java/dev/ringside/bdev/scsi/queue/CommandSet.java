package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.scsi.queue.IoCommand.State;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The commands of a queue: which are free, which the adapter has, and which wait. Owned by the queue. */
final class CommandSet {
    private final IoCommand[] commands;
    private final int[] free;
    private final DataCopy copies;
    private final QueueCounters counters;
    private int freeCount;
    private int waiting;

    CommandSet(IoCommand[] commands, DataCopy copies, QueueCounters counters) {
        this.commands = commands;
        this.copies = copies;
        this.counters = counters;
        this.freeCount = commands.length;
        this.free = new int[freeCount];
        for (int i = 0; i < freeCount; i++) {
            free[i] = freeCount - 1 - i;
        }
    }

    int size() {
        return commands.length;
    }

    IoCommand get(int index) {
        return commands[index];
    }

    boolean allFree() {
        return freeCount == commands.length;
    }

    boolean anyWaiting() {
        return waiting > 0;
    }

    /** Whether the adapter has any. */
    boolean anyPosted() {
        return commands.length - freeCount > waiting;
    }

    /** Whether half of all are taken. */
    boolean halfTaken() {
        return freeCount <= commands.length >> 1;
    }

    /** A free one, which stays free until {@link #take}; null if there is none. */
    @Nullable
    IoCommand firstFree() {
        return freeCount == 0 ? null : commands[free[freeCount - 1]];
    }

    /** Takes the first free one for good. */
    void take(IoCommand command) {
        freeCount--;
        command.unit().taken++;
        command.io().moduleInt = command.index;
        counters.set(QueueCounters.IN_FLIGHT, commands.length - freeCount);
    }

    /** Does not take the first free one after all. */
    void leave(IoCommand command) {
        giveCopyBack(command);
        command.end();
    }

    /** Has one wait until it may be posted. */
    void await(IoCommand command, long notBeforeNs) {
        command.state = State.WAITING;
        command.notBeforeNs = notBeforeNs;
        command.unit().waiting++;
        waiting++;
    }

    /** One that has waited was posted, or is about to end. */
    void waitsNoMore(IoCommand command) {
        command.unit().waiting--;
        waiting--;
    }

    /** Ends a request, and frees its command. */
    void end(IoCommand command, int status) {
        BdevIo io = command.io();
        DiskChannel channel = command.channel();
        int result = copies.finish(command, status);
        command.unit().taken--;
        command.end();
        free[freeCount++] = command.index;
        counters.set(QueueCounters.IN_FLIGHT, commands.length - freeCount);
        channel.done(io, result);
    }

    /** Ends a request with an error that somebody should know of. */
    void fail(IoCommand command, int status) {
        counters.increment(QueueCounters.FAILED);
        end(command, status);
    }

    /** A command goes on, or is not taken, without the copy of its data. */
    void giveCopyBack(IoCommand command) {
        copies.drop(command);
    }

    /** Ends everything. */
    void endAll(int status) {
        for (IoCommand command : commands) {
            if (command.state == State.POSTED) {
                command.unit().posted--;
                end(command, status);
            } else {
                endWaiting(command, status);
            }
        }
    }

    /** Ends what waits for a disk. */
    void endWaiting(UnitQueue unit, int status) {
        for (IoCommand command : commands) {
            if (command.state == State.WAITING && command.unit() == unit) {
                endWaiting(command, status);
            }
        }
    }

    /** What takes too long for some disks is found anew: it may have been left alone because its disk was waited for. */
    void forgetOverdue(Predicate<Unit> which) {
        for (IoCommand command : commands) {
            if (command.state == State.POSTED && which.test(command.unit().unit)) {
                command.overdue = false;
            }
        }
    }

    /** Ends a command if it waits. */
    boolean endWaiting(IoCommand command, int status) {
        if (command.state != State.WAITING) {
            return false;
        }
        waitsNoMore(command);
        end(command, status);
        return true;
    }

    /** The adapter has forgotten everything: what it had waits to be posted again. */
    void takeBack(int maxRetries, long nowNs) {
        for (IoCommand command : commands) {
            if (command.state == State.POSTED) {
                command.unit().posted--;
                if (command.unit().gone) {
                    end(command, IoStatus.NO_DEVICE);
                } else if (command.abandoned) {
                    end(command, IoStatus.ABORTED);
                } else if (command.overdue && ++command.retries > maxRetries) {
                    // One of those that made the reset necessary; they are not tried for ever.
                    fail(command, IoStatus.IO_ERROR);
                } else {
                    await(command, nowNs);
                }
            }
        }
    }

    /** Has everything of a channel end early: at once what waits, and the rest as it comes back. */
    void abandon(DiskChannel channel) {
        for (IoCommand command : commands) {
            if (command.serves(channel) && !endWaiting(command, IoStatus.ABORTED)) {
                command.abandoned = true;
            }
        }
    }

    /** How many commands of some disks the adapter has that are to end, and have not. */
    int stuck(Predicate<Unit> which) {
        int count = 0;
        for (IoCommand command : commands) {
            if (command.stuck() && which.test(command.unit().unit)) {
                count++;
            }
        }
        return count;
    }
}
