package dev.ringside.scsi.reservation;

import java.util.Optional;

/** The six types of persistent reservations (SPC-5, 6.16.3.4). */
public enum ReservationType {
    /** Only the holder may write. */
    WRITE_EXCLUSIVE(1, false, false, false),
    /** Only the holder may read or write. */
    EXCLUSIVE_ACCESS(3, true, false, false),
    /** Only who is registered may write. */
    WRITE_EXCLUSIVE_REGISTRANTS_ONLY(5, false, true, false),
    /** Only who is registered may read or write. */
    EXCLUSIVE_ACCESS_REGISTRANTS_ONLY(6, true, true, false),
    /** Only who is registered may write, and all of them hold the reservation. */
    WRITE_EXCLUSIVE_ALL_REGISTRANTS(7, false, true, true),
    /** Only who is registered may read or write, and all of them hold the reservation. */
    EXCLUSIVE_ACCESS_ALL_REGISTRANTS(8, true, true, true);

    /** The bits of all types in the mask of REPORT CAPABILITIES, as the two bytes stand there. */
    public static final int MASK = 0xea01;

    private final int code;
    private final boolean exclusiveAccess;
    private final boolean registrants;
    private final boolean allHold;

    ReservationType(int code, boolean exclusiveAccess, boolean registrants, boolean allHold) {
        this.code = code;
        this.exclusiveAccess = exclusiveAccess;
        this.registrants = registrants;
        this.allHold = allHold;
    }

    /** The type of a code; empty if there is none. */
    public static Optional<ReservationType> of(int code) {
        for (ReservationType each : values()) {
            if (each.code == code) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The code. */
    public int code() {
        return code;
    }

    /** Whether others may not even read. */
    public boolean exclusiveAccess() {
        return exclusiveAccess;
    }

    /** Whether who is registered is none of the others. */
    public boolean registrants() {
        return registrants;
    }

    /** Whether everybody who is registered holds the reservation. */
    public boolean allHold() {
        return allHold;
    }
}
