package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.scsi.sense.Sense;

/** What follows from the end of a command: the end of its request, or another try. Owned by its queue. */
final class Outcome {
    private static final int MAX_ATTENTIONS = 16;
    private static final long AGAIN_DELAY_NS = 20_000_000;
    private static final long LATER_DELAY_NS = 50_000_000;
    private static final long FULL_DELAY_NS = 2_000_000;

    private final CommandSet commands;
    private final BlockCommand maker;
    private final QueueSettings settings;
    private final QueueEvents events;
    private final QueueCounters counters;

    Outcome(
            CommandSet commands,
            BlockCommand maker,
            QueueSettings settings,
            QueueEvents events,
            QueueCounters counters) {
        this.commands = commands;
        this.maker = maker;
        this.settings = settings;
        this.events = events;
        this.counters = counters;
    }

    /** The adapter is done with a command. */
    void ended(IoCommand command, long nowNs) {
        UnitQueue unit = command.unit();
        unit.posted--;
        int verdict = Verdict.of(command.scsi, true);
        if (verdict != Verdict.DONE) {
            tellDeferred(unit, command.scsi);
            failed(command, verdict, nowNs);
            return;
        }
        unit.depth.good();
        if (!command.syncAfter) {
            commands.end(command, IoStatus.OK);
            return;
        }
        if (unit.gone || command.abandoned) {
            commands.end(command, unit.gone ? IoStatus.NO_DEVICE : IoStatus.ABORTED);
            return;
        }
        command.syncAfter = false;
        commands.giveCopyBack(command);
        maker.synchronizeCache(command, unit.unit);
        commands.await(command, nowNs);
    }

    /** Whose data was lost has been told that all is well, and cannot be told any more. */
    private void tellDeferred(UnitQueue unit, ScsiCommand scsi) {
        byte[] sense = scsi.sense();
        int length = scsi.senseLength();
        if (Sense.isDeferred(sense, length)) {
            events.deferred(unit.unit, Sense.keyIn(sense, length), Sense.codeIn(sense, length));
        }
    }

    private void failed(IoCommand command, int verdict, long nowNs) {
        if (command.unit().gone) {
            commands.end(command, IoStatus.NO_DEVICE);
        } else if (command.abandoned) {
            commands.end(command, IoStatus.ABORTED);
        } else if (command.unit().missing() && unanswered(command.scsi)) {
            // It may come back; what it is given then has all its time before it.
            command.sinceNs = nowNs;
            commands.await(command, nowNs + LATER_DELAY_NS);
        } else if (verdict == Verdict.FAILED || !again(command, verdict, nowNs)) {
            commands.fail(command, Verdict.status(command.scsi));
        }
    }

    /** Whether a command did not get as far as its device, which might be for lack of a way there. */
    private static boolean unanswered(ScsiCommand scsi) {
        return switch (scsi.hostStatus()) {
            case HostStatus.DELIVERED, HostStatus.OVERRUN, HostStatus.REJECTED -> false;
            default -> true;
        };
    }

    /** Has a command tried again, if that is due. */
    private boolean again(IoCommand command, int verdict, long nowNs) {
        UnitQueue unit = command.unit();
        ScsiCommand scsi = command.scsi;
        boolean patient = nowNs - command.sinceNs <= settings.patienceNs();
        if (verdict == Verdict.AGAIN && command.retries < settings.retries()) {
            commands.await(command, nowNs + command.retries++ * AGAIN_DELAY_NS);
            return true;
        }
        if (verdict == Verdict.ATTENTION && command.attentions++ < MAX_ATTENTIONS) {
            counters.increment(QueueCounters.ATTENTIONS);
            events.attention(unit.unit, Sense.codeIn(scsi.sense(), scsi.senseLength()));
            commands.await(command, nowNs);
            return true;
        }
        if (verdict == Verdict.LATER && patient) {
            if (scsi.hostStatus() == HostStatus.DELIVERED && scsi.senseLength() > 0) {
                events.attention(unit.unit, Sense.codeIn(scsi.sense(), scsi.senseLength()));
            }
            commands.await(command, nowNs + LATER_DELAY_NS);
            return true;
        }
        if (verdict == Verdict.FULL && patient) {
            counters.increment(QueueCounters.FULL);
            unit.depth.full(unit.posted);
            commands.await(command, nowNs + FULL_DELAY_NS);
            return true;
        }
        return false;
    }
}
