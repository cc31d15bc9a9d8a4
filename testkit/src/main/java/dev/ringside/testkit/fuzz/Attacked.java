package dev.ringside.testkit.fuzz;

import dev.ringside.vhost.scsi.ScsiLayout;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What is attacked.
 *
 * @param socket where the back end listens
 * @param device what it is
 */
public record Attacked(Path socket, Device device) {

    /** The kinds of devices. */
    public enum Device {
        /** A virtio block device. */
        BLK(1),
        /** A virtio SCSI host device, whose logical units have 512-byte blocks. */
        SCSI(ScsiLayout.FIRST_REQUEST_QUEUE + 1);

        private final int fewestRings;

        Device(int fewestRings) {
            this.fewestRings = fewestRings;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** How many rings a driver sets up at least; the last of them, and those behind it, are for many requests. */
        int fewestRings() {
            return fewestRings;
        }

        /** What a ring is for. */
        Requests requests(int ring, AttackMemory memory, Dice dice, boolean careful) {
            return switch (this) {
                case BLK -> new BlkRequests(memory, dice, careful);
                case SCSI ->
                    switch (ring) {
                        case ScsiLayout.CONTROL_QUEUE -> new ScsiControls(memory, dice, careful);
                        case ScsiLayout.EVENT_QUEUE -> new ScsiEventBuffers(memory, dice, careful);
                        default -> new ScsiRequests(memory, dice, careful);
                    };
            };
        }
    }
}
