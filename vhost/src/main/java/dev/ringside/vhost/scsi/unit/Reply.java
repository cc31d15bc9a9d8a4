package dev.ringside.vhost.scsi.unit;

import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.Sense;
import org.jspecify.annotations.Nullable;

/**
 * How a command ended that moved no blocks.
 *
 * @param status such as {@link ScsiStatus#GOOD}
 * @param data for the initiator, before the allocation length has cut it
 * @param sense for CHECK CONDITION, else null
 */
// Is made once and read once; nobody compares two.
@SuppressWarnings("ArrayRecordComponent")
public record Reply(int status, byte[] data, @Nullable Sense sense) {
    /** Done, without data. */
    public static final Reply GOOD = new Reply(ScsiStatus.GOOD, new byte[0], null);
    /** Somebody else has reserved the unit. */
    public static final Reply CONFLICT = new Reply(ScsiStatus.RESERVATION_CONFLICT, new byte[0], null);

    /** Done, with data. */
    public static Reply of(byte[] data) {
        return new Reply(ScsiStatus.GOOD, data, null);
    }

    /** Failed. */
    public static Reply check(Sense sense) {
        return new Reply(ScsiStatus.CHECK_CONDITION, new byte[0], sense);
    }
}
