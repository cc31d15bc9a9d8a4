package dev.ringside.vhost.blk;

import java.util.Optional;

/**
 * What an operator decides about a block device.
 *
 * @param readOnly whether guests cannot write, though the disk could
 * @param packedRing whether packed rings are offered beside split ones
 * @param serial what GET_ID answers: 1 to {@link BlkLayout#ID_BYTES} printable ASCII characters; empty: the disk's name
 * @param tuning limits that are not the disk's
 * @param pinMemory whether the guests' memory may be pinned, since they never give any back while they run
 */
public record BlkSettings(
        boolean readOnly, boolean packedRing, Optional<String> serial, BlkTuning tuning, boolean pinMemory) {
    /** Guests may write, and choose the ring format; everything else is as the disk has it. */
    public static final BlkSettings DEFAULT = new BlkSettings(false, true, Optional.empty(), BlkTuning.NONE, false);

    /** Checks the serial number; what is wrong with it is an {@link IllegalArgumentException}. */
    public BlkSettings {
        if (serial.isPresent() && !isSerial(serial.get())) {
            throw new IllegalArgumentException("serial '" + serial.get() + "': 1 to " + BlkLayout.ID_BYTES
                    + " printable ASCII characters are allowed");
        }
    }

    /** The same, but for who may write. */
    public BlkSettings withReadOnly(boolean on) {
        return new BlkSettings(on, packedRing, serial, tuning, pinMemory);
    }

    /** The same with split rings only, or with both formats. */
    public BlkSettings withPackedRing(boolean on) {
        return new BlkSettings(readOnly, on, serial, tuning, pinMemory);
    }

    /** The same with a serial number. */
    public BlkSettings withSerial(String text) {
        return new BlkSettings(readOnly, packedRing, Optional.of(text), tuning, pinMemory);
    }

    /** The same with other limits. */
    public BlkSettings withTuning(BlkTuning limits) {
        return new BlkSettings(readOnly, packedRing, serial, limits, pinMemory);
    }

    /** The same, but for whether memory may be pinned. */
    public BlkSettings withPinMemory(boolean on) {
        return new BlkSettings(readOnly, packedRing, serial, tuning, on);
    }

    /** Whether an operator may give it as a serial number. */
    static boolean isSerial(String text) {
        return !text.isEmpty()
                && text.length() <= BlkLayout.ID_BYTES
                && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }
}
