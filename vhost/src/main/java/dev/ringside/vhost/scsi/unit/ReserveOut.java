package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.FieldPointer;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.vhost.scsi.unit.Reservations.Owner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One PERSISTENT RESERVE OUT (SPC-5, 6.17 and 5.14). Under the unit's lock. What it changes is written to the unit's file by the
 * caller, before the others are told.
 */
final class ReserveOut {
    private static final int ACTION_KEY_AT = 8;
    private static final int FLAGS_AT = 20;
    /** Most registrations with a unit: an initiator can register any number of others, which nobody takes away. */
    private static final int MOST_REGISTRATIONS = 1024;

    private final LogicalUnit unit;
    private final Reservations state;
    private final Nexus nexus;
    private final Owner self;
    private final byte[] cdb;
    private final byte[] list;
    /** Whose commands are to be aborted. */
    private final Set<Owner> preempted = new LinkedHashSet<>();
    /** What is to be told. */
    private final List<News> news = new ArrayList<>();

    /** A unit attention for some. */
    private record News(AdditionalSense what, Set<Owner> whom) {}

    /** What a service action that is well formed has come to. */
    enum Outcome {
        /** Done. */
        DONE,
        /** Not for this initiator. */
        CONFLICT
    }

    ReserveOut(Nexus nexus, byte[] cdb, byte[] list) {
        this.unit = nexus.unit;
        this.state = unit.reservations();
        this.nexus = nexus;
        this.self = Owner.of(nexus);
        this.cdb = cdb;
        this.list = list;
    }

    /** Whose registrations were taken away. */
    Set<Owner> preempted() {
        return preempted;
    }

    /** Tells the other initiators what has become of their registrations and of the reservation. */
    void tell() {
        news.forEach(
                each -> unit.attention(each.what, other -> !other.is(nexus) && each.whom.contains(Owner.of(other))));
    }

    /** Changes the registrations and the reservation; nobody is told yet. */
    Outcome run(Operation operation) throws CheckCondition {
        if (operation == Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_MOVE) {
            return move(ReserveOutList.Move.parse(list));
        }
        boolean registers = operation == Operation.PERSISTENT_RESERVE_OUT_REGISTER
                || operation == Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE;
        ReserveOutList parameters = ReserveOutList.parse(list, operation == Operation.PERSISTENT_RESERVE_OUT_REGISTER);
        if (registers && parameters.persist() && !unit.file().usable()) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(FLAGS_AT, 0)));
        }
        Optional<Long> own = state.key(self);
        if (operation == Operation.PERSISTENT_RESERVE_OUT_REGISTER_AND_IGNORE) {
            return register(parameters);
        }
        if (operation == Operation.PERSISTENT_RESERVE_OUT_REGISTER) {
            if (own.orElse(0L) != parameters.key()) {
                return Outcome.CONFLICT;
            }
            return register(parameters);
        }
        if (own.isEmpty() || own.get() != parameters.key()) {
            return Outcome.CONFLICT;
        }
        return switch (operation) {
            case PERSISTENT_RESERVE_OUT_RESERVE -> reserve();
            case PERSISTENT_RESERVE_OUT_RELEASE -> release();
            case PERSISTENT_RESERVE_OUT_CLEAR -> clear();
            default -> preempt(parameters.actionKey());
        };
    }

    private Outcome register(ReserveOutList parameters) throws CheckCondition {
        boolean known = state.key(self).isPresent();
        if (!known && parameters.actionKey() == 0) {
            state.count();
            return Outcome.DONE;
        }
        if (known && !parameters.initiators().isEmpty()) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(FLAGS_AT, 3)));
        }
        if (parameters.actionKey() == 0) {
            unregister(parameters.allPorts());
        } else {
            Set<Owner> owners = new LinkedHashSet<>();
            for (UnitPort port : parameters.allPorts() ? unit.ports() : List.of(nexus.port)) {
                owners.add(Owner.of(nexus.initiator.name(), port));
                parameters.initiators().forEach(initiator -> owners.add(Owner.of(initiator, port)));
            }
            requireRoom(owners);
            owners.forEach(owner -> state.register(owner, parameters.actionKey()));
        }
        state.persist(parameters.persist());
        state.count();
        return Outcome.DONE;
    }

    private void unregister(boolean allPorts) {
        for (UnitPort port : allPorts ? unit.ports() : List.of(nexus.port)) {
            Optional<ReservationType> type = state.type();
            boolean ended = state.unregister(Owner.of(nexus.initiator.name(), port));
            if (ended && type.isPresent() && type.get().registrants()) {
                tellRegistered(AdditionalSense.RESERVATIONS_RELEASED);
            }
        }
    }

    private Outcome reserve() throws CheckCondition {
        ReservationType type = type();
        Optional<ReservationType> held = state.type();
        if (held.isEmpty()) {
            state.reserve(self, type);
            return Outcome.DONE;
        }
        return state.holds(self) && held.get() == type ? Outcome.DONE : Outcome.CONFLICT;
    }

    private Outcome release() throws CheckCondition {
        Optional<ReservationType> held = state.type();
        if (held.isEmpty() || !state.holds(self)) {
            return Outcome.DONE;
        }
        if ((cdb[2] & 0xff) != held.get().code()) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.INVALID_RELEASE_OF_PERSISTENT_RESERVATION));
        }
        state.release();
        if (held.get().registrants()) {
            tellRegistered(AdditionalSense.RESERVATIONS_RELEASED);
        }
        return Outcome.DONE;
    }

    private Outcome clear() {
        tellRegistered(AdditionalSense.RESERVATIONS_PREEMPTED);
        state.release();
        List.copyOf(state.keys().keySet()).forEach(state::unregister);
        state.count();
        return Outcome.DONE;
    }

    private Outcome preempt(long victim) throws CheckCondition {
        Optional<ReservationType> held = state.type();
        boolean everybody = held.isPresent() && held.get().allHold() && victim == 0;
        Owner holder = state.holder();
        boolean takes = everybody
                || (held.isPresent()
                        && !held.get().allHold()
                        && holder != null
                        && Objects.equals(state.key(holder).orElse(0L), victim));
        if (victim == 0 && !everybody) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(ACTION_KEY_AT)));
        }
        List<Owner> victims = new ArrayList<>(everybody ? state.keys().keySet() : state.with(victim));
        if (victims.isEmpty()) {
            return Outcome.CONFLICT;
        }
        ReservationType next = takes ? type() : null;
        if (takes) {
            state.release();
            victims.remove(self);
        }
        victims.forEach(state::unregister);
        preempted.addAll(victims);
        preempted.remove(self);
        news.add(new News(AdditionalSense.REGISTRATIONS_PREEMPTED, preempted));
        if (next != null) {
            state.reserve(self, next);
            if (held.isPresent() && held.get() != next) {
                tellRegistered(AdditionalSense.RESERVATIONS_RELEASED);
            }
        }
        state.count();
        return Outcome.DONE;
    }

    private Outcome move(ReserveOutList.Move parameters) throws CheckCondition {
        Optional<Long> own = state.key(self);
        Optional<ReservationType> held = state.type();
        if (own.isEmpty() || own.get() != parameters.key()) {
            return Outcome.CONFLICT;
        }
        if (held.isEmpty() || held.get().allHold() || !state.holds(self)) {
            return Outcome.CONFLICT;
        }
        if (parameters.actionKey() == 0) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(ACTION_KEY_AT)));
        }
        if (parameters.persist() && !unit.file().usable()) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(17, 0)));
        }
        UnitPort port = unit.ports().stream()
                .filter(each -> each.relative() == parameters.relativePort())
                .findFirst()
                .orElseThrow(() -> new CheckCondition(Sense.invalidParameter(FieldPointer.inData(18))));
        Owner next = Owner.of(parameters.initiator(), port);
        if (next.equals(self)
                || (port.equals(nexus.port) && Arrays.equals(parameters.initiator(), nexus.initiator.name()))) {
            throw new CheckCondition(Sense.invalidParameter(FieldPointer.inData(24)));
        }
        requireRoom(Set.of(next));
        state.register(next, parameters.actionKey());
        state.reserve(next, held.get());
        if (parameters.unregister()) {
            state.unregister(self);
        }
        state.persist(parameters.persist());
        state.count();
        return Outcome.DONE;
    }

    private void requireRoom(Set<Owner> owners) throws CheckCondition {
        long added = owners.stream().filter(owner -> state.key(owner).isEmpty()).count();
        if (state.keys().size() + added > MOST_REGISTRATIONS) {
            throw new CheckCondition(Sense.illegal(AdditionalSense.INSUFFICIENT_REGISTRATION_RESOURCES));
        }
    }

    /** The type that the CDB names; the scope can only be the logical unit. */
    private ReservationType type() throws CheckCondition {
        if ((cdb[2] & 0xf0) != 0) {
            throw new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 7)));
        }
        return ReservationType.of(cdb[2] & 0xf)
                .orElseThrow(() -> new CheckCondition(Sense.invalidCdb(FieldPointer.inCdb(2, 3))));
    }

    /** Tells all others who are registered. */
    private void tellRegistered(AdditionalSense what) {
        news.add(new News(what, Set.copyOf(state.keys().keySet())));
    }
}
