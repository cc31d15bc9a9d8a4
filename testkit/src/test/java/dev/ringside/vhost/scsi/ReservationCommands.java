package dev.ringside.vhost.scsi;

import static dev.ringside.vhost.scsi.ScsiRig.BLOCK;
import static dev.ringside.vhost.scsi.ScsiRig.conflicts;
import static dev.ringside.vhost.scsi.ScsiRig.filled;
import static dev.ringside.vhost.scsi.ScsiRig.good;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.reservation.ReserveInData;
import dev.ringside.scsi.reservation.ReserveOutList;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.vhost.scsi.ScsiRig.Guest;
import java.util.List;

/** The commands of persistent reservations as a guest sends them, and those that a reservation forbids. */
final class ReservationCommands {
    static final int REGISTRATIONS_PREEMPTED = 0x62a05;
    static final int RESERVATIONS_PREEMPTED = 0x62a03;
    static final int RESERVATIONS_RELEASED = 0x62a04;

    private ReservationCommands() {}

    static void register(Guest guest, long key, long next) {
        good(out(guest, Operation.PERSISTENT_RESERVE_OUT_REGISTER, 0, key, next));
    }

    static ScsiResult out(Guest guest, Operation operation, int scopeAndType, long key, long actionKey) {
        byte[] cdb = Cdb.parameters(operation, 24);
        cdb[2] = (byte) scopeAndType;
        return guest.out(cdb, ReserveOutList.bytes(key, actionKey, false, false));
    }

    static byte[] in(Guest guest, Operation operation) {
        return good(guest.read(operation, 1024)).transferred();
    }

    static List<Long> keys(Guest guest) {
        return ReserveInData.parseKeys(in(guest, Operation.PERSISTENT_RESERVE_IN_READ_KEYS));
    }

    /** The type of the reservation; 0 if there is none. */
    static int reservation(Guest guest) {
        byte[] data = in(guest, Operation.PERSISTENT_RESERVE_IN_READ_RESERVATION);
        return data.length == 8 ? 0 : data[21];
    }

    static void write(Guest guest, boolean allowed) {
        ScsiResult result = guest.out(Cdb.range(Operation.WRITE_10, 1, 1, 0), filled(1, 1));
        if (allowed) {
            good(result);
        } else {
            conflicts(result);
        }
    }

    static void read(Guest guest, boolean allowed) {
        ScsiResult result = guest.in(Cdb.range(Operation.READ_10, 1, 1, 0), BLOCK);
        if (allowed) {
            good(result);
        } else {
            conflicts(result);
        }
    }
}
