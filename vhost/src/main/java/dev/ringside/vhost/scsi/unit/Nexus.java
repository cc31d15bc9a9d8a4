package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.cdb.Access;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.sense.AdditionalSense;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An initiator's view of a logical unit through a port: an I_T_L nexus. What a reactor has to know before it starts a command
 * is in one word, {@link #state}, which the control plane writes and any reactor reads.
 */
public final class Nexus {
    /** A unit attention waits. */
    public static final int ATTENTION = 1;
    /** Somebody else's reservation forbids to read. */
    public static final int NO_READ = 1 << 1;
    /** Somebody else's reservation forbids to write. */
    public static final int NO_WRITE = 1 << 2;
    /** The disk cannot be written. */
    public static final int READ_ONLY = 1 << 3;
    /** Software has protected the disk. */
    public static final int SOFTWARE_PROTECTED = 1 << 4;
    /** The unit has been stopped. */
    public static final int STOPPED = 1 << 5;
    /** The write cache is off though the disk has one: each write has to be through. */
    public static final int WRITE_THROUGH = 1 << 6;
    /** Sense data is sent in the descriptor format. */
    public static final int DESCRIPTOR_SENSE = 1 << 7;
    /** Another initiator has reserved the unit by a RESERVE of SPC-2, which forbids nearly everything. */
    public static final int RESERVED = 1 << 8;
    /** A unit may not be stopped: any of the reservations that forbid to write. */
    public static final int NO_STOP = NO_WRITE | RESERVED;

    /** The attention that is next tells of a reset or of a loss of the nexus, and goes before a reservation conflict. */
    public static final int RESET_ATTENTION = 1 << 9;

    private static final int MAX_ATTENTIONS = 16;

    final LogicalUnit unit;
    final Initiator initiator;
    final UnitPort port;
    /** Oldest first; guarded by the unit. */
    private final ArrayDeque<AdditionalSense> attentions = new ArrayDeque<>();

    private volatile int state;

    Nexus(LogicalUnit unit, Initiator initiator, UnitPort port) {
        this.unit = unit;
        this.initiator = initiator;
        this.port = port;
    }

    /** The logical unit. */
    public LogicalUnit unit() {
        return unit;
    }

    /** The initiator. */
    public Initiator initiator() {
        return initiator;
    }

    /** The port. */
    public UnitPort port() {
        return port;
    }

    /** What a reactor has to know before it starts a command: the bits above. Any thread. */
    public int state() {
        return state;
    }

    /**
     * Whether a command conflicts with somebody else's reservation, as far as its operation tells (SPC-5, 5.14.1; of a RESERVE
     * SPC-2, 5.5, and SBC-2's table of it). Any thread; allocates nothing.
     */
    public boolean conflicts(Operation operation) {
        int now = state;
        // Whether a unit is started or stopped decides it.
        if ((now & (NO_READ | NO_WRITE | RESERVED)) == 0 || operation == Operation.START_STOP_UNIT) {
            return false;
        }
        if ((now & RESERVED) != 0) {
            return switch (operation) {
                case INQUIRY,
                        LOG_SENSE,
                        READ_CAPACITY_10,
                        READ_CAPACITY_16,
                        RELEASE_6,
                        RELEASE_10,
                        REPORT_LUNS,
                        REQUEST_SENSE -> false;
                default -> true;
            };
        }
        Access access = operation.access();
        return access == Access.WRITE || (access == Access.READ && (now & NO_READ) != 0);
    }

    /**
     * Adds an attention; under the unit's lock. A reset says all that was to be said before it, but for a reset of higher
     * precedence, which says that one, too (SAM-6, 5.14); their qualifiers are in that order.
     */
    void add(AdditionalSense attention) {
        if (isReset(attention)) {
            if (attentions.stream().anyMatch(each -> isReset(each) && each.ascq() <= attention.ascq())) {
                return;
            }
            attentions.clear();
        }
        if (!attentions.contains(attention) && attentions.size() < MAX_ATTENTIONS) {
            attentions.add(attention);
        }
    }

    /** Takes the oldest attention; under the unit's lock. */
    Optional<AdditionalSense> take() {
        return Optional.ofNullable(attentions.poll());
    }

    /** The attentions, oldest first; under the unit's lock. */
    List<AdditionalSense> attentions() {
        return List.copyOf(attentions);
    }

    /** Has other attentions from now on; under the unit's lock. */
    void attentions(List<AdditionalSense> others) {
        attentions.clear();
        attentions.addAll(others);
    }

    /** Takes one attention away, wherever it stands; under the unit's lock. */
    void drop(AdditionalSense attention) {
        attentions.remove(attention);
    }

    /** Brings the word up to date; under the unit's lock. */
    void update(boolean readOnly, boolean stopped, ModeParameters mode, int reservation) {
        int next = reservation;
        AdditionalSense first = attentions.peek();
        next |= first == null ? 0 : isReset(first) ? ATTENTION | RESET_ATTENTION : ATTENTION;
        next |= readOnly ? READ_ONLY : 0;
        next |= mode.writeProtect() ? SOFTWARE_PROTECTED : 0;
        next |= stopped ? STOPPED : 0;
        next |= mode.hasWriteCache() && !mode.writeCache() ? WRITE_THROUGH : 0;
        next |= mode.descriptorSense() ? DESCRIPTOR_SENSE : 0;
        state = next;
    }

    private static boolean isReset(AdditionalSense attention) {
        return attention.asc() == AdditionalSense.POWER_ON_OCCURRED.asc();
    }

    boolean is(@Nullable Nexus other) {
        return this == other;
    }
}
