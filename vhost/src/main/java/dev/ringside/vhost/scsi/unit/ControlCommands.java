package dev.ringside.vhost.scsi.unit;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevStats;
import dev.ringside.bdev.IoType;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.LunAddress;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.cdb.SupportedOperations;
import dev.ringside.scsi.log.LogPages;
import dev.ringside.scsi.mode.ModeData;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.reservation.PortGroups;
import dev.ringside.scsi.reservation.ReserveInData;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.vhost.scsi.unit.Reservations.Owner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** The commands that move no blocks. On the control plane, where they may wait. */
public final class ControlCommands {
    private static final int TASK_MANAGEMENT = 0xdc | 0x03 << 8;
    private static final int MAX_SELECT_REPORT = 2;

    private ControlCommands() {}

    /**
     * Does a command, whose reserved bits have been looked at. The reply comes at once, but for one that has to wait until
     * commands of others have ended.
     *
     * @param list the whole parameter list, for those that have one
     */
    public static CompletableFuture<Reply> run(
            Nexus nexus, Target target, Operation operation, byte[] cdb, byte[] list) {
        try {
            if (operation.code() == 0x5f) {
                return reserveOut(nexus, operation, cdb, list);
            }
            return CompletableFuture.completedFuture(reply(nexus, target, operation, cdb, list));
        } catch (CheckCondition e) {
            return CompletableFuture.completedFuture(Reply.check(e.sense()));
        }
    }

    private static Reply reply(Nexus nexus, Target target, Operation operation, byte[] cdb, byte[] list)
            throws CheckCondition {
        LogicalUnit unit = nexus.unit;
        return switch (operation) {
            case INQUIRY -> inquiry(nexus, cdb);
            case REQUEST_SENSE -> requestSense(nexus, cdb);
            case REPORT_LUNS -> reportLuns(target, cdb);
            case READ_CAPACITY_10 -> Reply.of(UnitPages.capacity(unit.info()).shortBytes());
            case READ_CAPACITY_16 -> Reply.of(UnitPages.capacity(unit.info()).longBytes());
            case MODE_SENSE_6, MODE_SENSE_10 -> modeSense(unit, operation, cdb);
            case MODE_SELECT_6, MODE_SELECT_10 -> modeSelect(nexus, operation, cdb, list);
            case LOG_SENSE -> logSense(unit, cdb);
            case START_STOP_UNIT -> startStop(nexus, cdb);
            case SEND_DIAGNOSTIC -> Reply.GOOD;
            case RESERVE_6, RESERVE_10 -> legacyReserve(nexus);
            case RELEASE_6, RELEASE_10 -> legacyRelease(nexus);
            case PERSISTENT_RESERVE_IN_READ_KEYS,
                    PERSISTENT_RESERVE_IN_READ_RESERVATION,
                    PERSISTENT_RESERVE_IN_REPORT_CAPABILITIES,
                    PERSISTENT_RESERVE_IN_READ_FULL_STATUS -> reserveIn(nexus, operation);
            case REPORT_TARGET_PORT_GROUPS -> portGroups(unit, cdb);
            case REPORT_SUPPORTED_OPERATION_CODES -> supportedOperations(unit.info(), cdb);
            case REPORT_SUPPORTED_TASK_MANAGEMENT_FUNCTIONS ->
                Reply.of(SupportedOperations.taskManagement(TASK_MANAGEMENT, (cdb[2] & 0x80) != 0));
            default -> throw new IllegalStateException(operation + " moves blocks");
        };
    }

    private static Reply inquiry(Nexus nexus, byte[] cdb) throws CheckCondition {
        boolean vital = (cdb[1] & 1) != 0;
        if (!vital) {
            if (cdb[2] != 0) {
                throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2)));
            }
            return Reply.of(UnitPages.inquiry(nexus).bytes());
        }
        byte[] page = UnitPages.vpd(nexus, BigEndian.u8(cdb, 2));
        if (page.length == 0) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2)));
        }
        return Reply.of(page);
    }

    private static Reply requestSense(Nexus nexus, byte[] cdb) {
        Optional<AdditionalSense> attention = nexus.unit.takeAttention(nexus);
        Sense sense = attention
                .map(what -> Sense.of(SenseKey.UNIT_ATTENTION, what))
                .orElseGet(() -> nexus.unit.stopped()
                        ? Sense.of(
                                SenseKey.NOT_READY,
                                AdditionalSense.LOGICAL_UNIT_NOT_READY_INITIALIZING_COMMAND_REQUIRED)
                        : Sense.none());
        return Reply.of(sense.bytes((cdb[1] & 1) != 0));
    }

    /** REPORT LUNS, to whichever unit. */
    static Reply reportLuns(Target target, byte[] cdb) throws CheckCondition {
        int select = BigEndian.u8(cdb, 2);
        if (select > MAX_SELECT_REPORT) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2)));
        }
        List<Long> addresses = new ArrayList<>();
        // What is added from here on, the initiator is told of.
        target.reported();
        if (select != 1) {
            addresses.addAll(target.addresses());
        }
        if (select != 0) {
            addresses.add((long) LunAddress.REPORT_LUNS << 48);
        }
        return Reply.of(LunAddress.list(addresses));
    }

    private static Reply modeSense(LogicalUnit unit, Operation operation, byte[] cdb) throws CheckCondition {
        BdevInfo info = unit.info();
        ModeParameters mode = unit.mode();
        boolean longForm = operation == Operation.MODE_SENSE_10;
        return Reply.of(new ModeData(longForm, info.numBlocks(), info.blockSize())
                .sense(
                        mode,
                        info.readOnly() || mode.writeProtect(),
                        (cdb[1] & 0x08) == 0,
                        (cdb[1] & 0x10) != 0,
                        ModeParameters.Control.of(cdb[2] >> 6 & 3),
                        cdb[2] & 0x3f,
                        BigEndian.u8(cdb, 3)));
    }

    private static Reply modeSelect(Nexus nexus, Operation operation, byte[] cdb, byte[] list) throws CheckCondition {
        if ((cdb[1] & 0x01) != 0) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(1, 0)));
        }
        if ((cdb[1] & 0x10) == 0 && list.length > 0) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(1, 4)));
        }
        LogicalUnit unit = nexus.unit;
        BdevInfo info = unit.info();
        synchronized (unit) {
            unit.mode(
                    new ModeData(operation == Operation.MODE_SELECT_10, info.numBlocks(), info.blockSize())
                            .select(unit.mode(), list),
                    nexus);
            unit.update();
        }
        return Reply.GOOD;
    }

    private static Reply logSense(LogicalUnit unit, byte[] cdb) throws CheckCondition {
        try {
            BdevStats stats = unit.stats();
            LogPages pages = new LogPages(
                    counters(stats, IoType.WRITE),
                    counters(stats, IoType.READ),
                    new LogPages.Counters(unit.verifiedBytes(), unit.verifyErrors()));
            return Reply.of(pages.sense(cdb[2] >> 6 & 3, cdb[2] & 0x3f, BigEndian.u8(cdb, 3), BigEndian.u16(cdb, 5)));
        } catch (BdevException e) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.LOGICAL_UNIT_NOT_SUPPORTED));
        }
    }

    private static LogPages.Counters counters(BdevStats stats, IoType type) {
        return new LogPages.Counters(stats.of(type).bytes(), stats.of(type).errors());
    }

    private static Reply startStop(Nexus nexus, byte[] cdb) {
        boolean start = (cdb[4] & 1) != 0;
        if (!start && (nexus.state() & Nexus.NO_STOP) != 0) {
            return Reply.CONFLICT;
        }
        nexus.unit.stop(!start);
        return Reply.GOOD;
    }

    private static Reply legacyReserve(Nexus nexus) {
        LogicalUnit unit = nexus.unit;
        synchronized (unit) {
            Reservations state = unit.reservations();
            Nexus held = state.legacy();
            if (!state.isEmpty() || (held != null && !held.is(nexus))) {
                return Reply.CONFLICT;
            }
            state.legacy(nexus);
            unit.update();
        }
        return Reply.GOOD;
    }

    private static Reply legacyRelease(Nexus nexus) {
        LogicalUnit unit = nexus.unit;
        synchronized (unit) {
            Reservations state = unit.reservations();
            if (!state.isEmpty()) {
                return Reply.CONFLICT;
            }
            if (nexus.is(state.legacy())) {
                state.legacy(null);
                unit.update();
            }
        }
        return Reply.GOOD;
    }

    private static Reply reserveIn(Nexus nexus, Operation operation) {
        LogicalUnit unit = nexus.unit;
        synchronized (unit) {
            Reservations state = unit.reservations();
            if (heldByOther(state, nexus)) {
                return Reply.CONFLICT;
            }
            return Reply.of(
                    switch (operation) {
                        case PERSISTENT_RESERVE_IN_READ_KEYS -> state.readKeys();
                        case PERSISTENT_RESERVE_IN_READ_RESERVATION -> state.readReservation();
                        case PERSISTENT_RESERVE_IN_REPORT_CAPABILITIES ->
                            ReserveInData.capabilities(unit.file().usable(), state.persists());
                        default -> state.readFullStatus(unit.ports());
                    });
        }
    }

    private static CompletableFuture<Reply> reserveOut(Nexus nexus, Operation operation, byte[] cdb, byte[] list)
            throws CheckCondition {
        LogicalUnit unit = nexus.unit;
        ReserveOut out;
        synchronized (unit) {
            if (unit.reservations().legacy() != null) {
                return CompletableFuture.completedFuture(Reply.CONFLICT);
            }
            UnitState before = unit.state();
            out = new ReserveOut(nexus, cdb, list);
            if (out.run(operation) == ReserveOut.Outcome.CONFLICT) {
                return CompletableFuture.completedFuture(Reply.CONFLICT);
            }
            try {
                unit.file().save(unit.reservations());
            } catch (IOException e) {
                unit.reservations().adopt(before);
                throw new CheckCondition(Sense.of(SenseKey.HARDWARE_ERROR, AdditionalSense.INTERNAL_TARGET_FAILURE));
            }
            out.tell();
            unit.update();
        }
        if (operation != Operation.PERSISTENT_RESERVE_OUT_PREEMPT_AND_ABORT) {
            return CompletableFuture.completedFuture(Reply.GOOD);
        }
        Set<Owner> preempted = out.preempted();
        CompletableFuture<?>[] aborts = unit.nexuses().stream()
                .filter(other -> !other.is(nexus) && preempted.contains(Owner.of(other)))
                .map(other -> other.initiator.abort(other, false))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(aborts).thenApply(done -> Reply.GOOD);
    }

    private static boolean heldByOther(Reservations state, Nexus nexus) {
        Nexus held = state.legacy();
        return held != null && !held.is(nexus);
    }

    private static Reply portGroups(LogicalUnit unit, byte[] cdb) throws CheckCondition {
        int format = cdb[1] >> 5 & 7;
        if (format > 1) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(1, 7)));
        }
        return Reply.of(PortGroups.bytes(
                unit.ports().stream()
                        .collect(Collectors.groupingBy(
                                UnitPort::group,
                                TreeMap::new,
                                Collectors.mapping(UnitPort::relative, Collectors.toList()))),
                format == 1));
    }

    private static Reply supportedOperations(BdevInfo info, byte[] cdb) throws CheckCondition {
        Set<Operation> supported = UnitPages.operations(info);
        boolean timeouts = (cdb[2] & 0x80) != 0;
        int code = BigEndian.u8(cdb, 3);
        int action = BigEndian.u16(cdb, 4);
        return switch (cdb[2] & 7) {
            case 0 -> Reply.of(SupportedOperations.all(supported, timeouts));
            case 1 -> {
                if (Operation.takesActions(code)) {
                    throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 2)));
                }
                yield one(supported, code, Operation.NO_ACTION, timeouts);
            }
            case 2 -> {
                if (!Operation.takesActions(code)) {
                    throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 2)));
                }
                yield one(supported, code, action, timeouts);
            }
            // An operation without service actions is asked for with 0.
            case 3 ->
                one(
                        supported,
                        code,
                        Operation.takesActions(code) || action != 0 ? action : Operation.NO_ACTION,
                        timeouts);
            default -> throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 2)));
        };
    }

    private static Reply one(Set<Operation> supported, int code, int action, boolean timeouts) {
        return Reply.of(supported.stream()
                .filter(each -> each.code() == code && each.action() == action)
                .findFirst()
                .map(each -> SupportedOperations.one(each, supported, timeouts))
                .orElseGet(SupportedOperations::none));
    }
}
