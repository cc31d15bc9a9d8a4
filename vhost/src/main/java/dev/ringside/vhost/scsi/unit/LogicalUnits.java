package dev.ringside.vhost.scsi.unit;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.linux.Errno;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logical units of the daemon, one for each bdev, however many targets have it. Control plane; any thread. */
public final class LogicalUnits {
    private static final Logger LOG = LoggerFactory.getLogger(LogicalUnits.class);

    private final Path stateDirectory;
    /** By the name of the bdev; guarded by this object. */
    private final Map<String, LogicalUnit> units = new HashMap<>();

    /**
     * Makes none.
     *
     * @param stateDirectory where reservations are kept that shall outlive the daemon
     */
    public LogicalUnits(Path stateDirectory) {
        this.stateDirectory = stateDirectory;
    }

    /**
     * Opens the unit of a bdev for a target, or joins those who have it open.
     *
     * @param listener told when the bdev is resized or taken away
     * @throws BdevException ENODEV if there is no such bdev, EBUSY if another user has claimed it, EINVAL if somebody has
     *     the unit open under another naming, EIO if its reservations cannot be read
     */
    public synchronized LogicalUnit open(
            BdevRegistry registry, String bdev, Naming naming, Consumer<UnitEvent> listener) throws BdevException {
        String name = registry.find(bdev).info().name();
        LogicalUnit unit = units.get(name);
        if (unit != null && !unit.removed()) {
            if (!naming.equals(Naming.FROM_BDEV) && !naming.equals(unit.naming())) {
                throw new BdevException(
                        Errno.EINVAL,
                        "bdev " + name + " is a logical unit already, with another vendor, product,"
                                + " revision or serial number");
            }
        } else {
            unit = open(registry, name, naming);
            units.put(name, unit);
        }
        unit.join(listener);
        return unit;
    }

    /** A target lets go of a unit. */
    public synchronized void leave(LogicalUnit unit, Consumer<UnitEvent> listener) {
        if (unit.leave(listener)) {
            units.remove(unit.name(), unit);
        }
    }

    /** What all initiators share of each unit. */
    public synchronized List<UnitState> states() {
        return units.values().stream().map(LogicalUnit::state).toList();
    }

    /**
     * Goes on with units as they were in another process, before an initiator is attached to one.
     *
     * @throws BdevException ENODEV if one of them is not open here, EINVAL if its state cannot be
     */
    public synchronized void adopt(List<UnitState> states) throws BdevException {
        for (UnitState state : states) {
            LogicalUnit unit = units.get(state.bdev());
            if (unit == null) {
                throw new BdevException(Errno.ENODEV, "bdev " + state.bdev() + " is no logical unit here");
            }
            try {
                unit.adopt(state);
            } catch (IllegalArgumentException e) {
                throw new BdevException(Errno.EINVAL, "bdev " + state.bdev() + ": " + e.getMessage());
            }
        }
    }

    private LogicalUnit open(BdevRegistry registry, String name, Naming naming) throws BdevException {
        ReservationFile file = new ReservationFile(
                stateDirectory.resolve(registry.find(name).info().uuid() + ".reservations"));
        LogicalUnit unit = LogicalUnit.open(registry, name, naming, file);
        try {
            unit.loadReservations();
        } catch (IOException e) {
            LOG.error("{}: its reservations cannot be read: {}", name, e.getMessage());
            unit.retire();
            throw new BdevException(Errno.EIO, "bdev " + name + ": its reservations cannot be read: " + e.getMessage());
        }
        return unit;
    }
}
