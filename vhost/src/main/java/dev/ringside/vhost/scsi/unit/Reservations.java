package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.reservation.ReservationType;
import dev.ringside.scsi.reservation.ReserveInData;
import dev.ringside.scsi.reservation.TransportId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who has registered with a logical unit, and who holds a reservation (SPC-5, 5.14). Outlives sessions: a registration belongs
 * to an initiator's name and a port. Guarded by its unit.
 */
final class Reservations {
    private final Map<Owner, Long> keys = new LinkedHashMap<>();
    private @Nullable Owner holder;
    private @Nullable ReservationType type;
    private boolean persists;
    private long generation;
    /** Who has reserved the unit by a RESERVE of SPC-2. */
    private @Nullable Nexus legacy;

    /**
     * An initiator and a port.
     *
     * @param initiator its name, in hexadecimal
     */
    record Owner(String initiator, String port) {
        static Owner of(Nexus nexus) {
            return of(nexus.initiator.name(), nexus.port);
        }

        static Owner of(byte[] initiator, UnitPort port) {
            return new Owner(HexFormat.of().formatHex(initiator), port.name());
        }

        byte[] initiatorName() {
            return HexFormat.of().parseHex(initiator);
        }
    }

    Optional<Long> key(Owner owner) {
        return Optional.ofNullable(keys.get(owner));
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    Map<Owner, Long> keys() {
        return keys;
    }

    Optional<ReservationType> type() {
        return Optional.ofNullable(type);
    }

    @Nullable
    Owner holder() {
        return holder;
    }

    boolean holds(Owner owner) {
        ReservationType held = type;
        return held != null && (held.allHold() ? keys.containsKey(owner) : owner.equals(holder));
    }

    boolean persists() {
        return persists;
    }

    void persist(boolean on) {
        persists = on;
    }

    void register(Owner owner, long key) {
        keys.put(owner, key);
    }

    /** Takes a registration away, and the reservation if that was its last holder. True if the reservation has ended. */
    boolean unregister(Owner owner) {
        keys.remove(owner);
        ReservationType held = type;
        boolean ends = held != null && (held.allHold() ? keys.isEmpty() : owner.equals(holder));
        if (ends) {
            release();
        }
        return ends;
    }

    /** The holder has a reservation of a type from now on; whoever had one before has not. */
    void reserve(Owner owner, ReservationType next) {
        holder = owner;
        type = next;
    }

    long generation() {
        return generation;
    }

    void release() {
        holder = null;
        type = null;
    }

    /** Something has changed that the standard counts. */
    void count() {
        generation = (generation + 1) & 0xffff_ffffL;
    }

    /** The owners that are registered with a key. */
    List<Owner> with(long key) {
        return keys.entrySet().stream()
                .filter(entry -> entry.getValue() == key)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Nullable
    Nexus legacy() {
        return legacy;
    }

    void legacy(@Nullable Nexus nexus) {
        legacy = nexus;
    }

    /** The registrations as another process has to know them. */
    List<UnitState.Registration> registrations() {
        return keys.entrySet().stream()
                .map(each -> new UnitState.Registration(
                        each.getValue(),
                        each.getKey().initiator(),
                        each.getKey().port()))
                .toList();
    }

    /** The reservation as another process has to know it. */
    Optional<UnitState.Held> held() {
        Owner by = holder;
        return by == null
                ? Optional.empty()
                : type().map(of -> new UnitState.Held(of.code(), by.initiator(), by.port()));
    }

    /**
     * Has what another process had, or what was before, instead of what is known here.
     *
     * @throws IllegalArgumentException if there is no such type of reservation
     */
    void adopt(UnitState state) {
        keys.clear();
        release();
        state.registrations().forEach(each -> register(new Owner(each.initiator(), each.port()), each.key()));
        state.held()
                .ifPresent(was -> reserve(
                        new Owner(was.initiator(), was.port()),
                        ReservationType.of(was.type())
                                .orElseThrow(() -> new IllegalArgumentException("reservation of type " + was.type()))));
        persists = state.persists();
        generation = state.generation();
    }

    /** What the reservation forbids a nexus: bits of its state. */
    int forbidden(Nexus nexus) {
        if (legacy != null) {
            return legacy.is(nexus) ? 0 : Nexus.RESERVED;
        }
        ReservationType held = type;
        if (held == null) {
            return 0;
        }
        Owner owner = Owner.of(nexus);
        if (holds(owner) || (held.registrants() && keys.containsKey(owner))) {
            return 0;
        }
        return held.exclusiveAccess() ? Nexus.NO_READ | Nexus.NO_WRITE : Nexus.NO_WRITE;
    }

    byte[] readKeys() {
        return ReserveInData.keys(generation, List.copyOf(keys.values()));
    }

    byte[] readReservation() {
        Owner by = holder;
        boolean everybody = type != null && type.allHold();
        long key = by == null || everybody ? 0 : key(by).orElse(0L);
        return ReserveInData.reservation(generation, type(), key);
    }

    /** @param ports those that there are, to tell their numbers */
    byte[] readFullStatus(List<UnitPort> ports) {
        List<ReserveInData.Status> all = new ArrayList<>();
        keys.forEach((owner, key) -> all.add(new ReserveInData.Status(
                key,
                holds(owner),
                type(),
                ports.stream()
                        .filter(port -> port.name().equals(owner.port()))
                        .mapToInt(UnitPort::relative)
                        .findFirst()
                        .orElse(0),
                TransportId.sas(owner.initiatorName()))));
        return ReserveInData.fullStatus(generation, all);
    }
}
