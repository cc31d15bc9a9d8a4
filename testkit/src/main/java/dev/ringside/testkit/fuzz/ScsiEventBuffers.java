package dev.ringside.testkit.fuzz;

import dev.ringside.vhost.scsi.ScsiLayout;

/** Buffers for the event queue of a SCSI host device (virtio 1.2, 5.6.6.3). */
final class ScsiEventBuffers extends Requests {
    private static final int SLOT_BYTES = 128;

    ScsiEventBuffers(AttackMemory memory, Dice dice, boolean careful) {
        super(memory, dice, careful, SLOT_BYTES);
        slow.add(slowAt, ScsiLayout.EVENT_BYTES, true);
    }

    @Override
    void make(long at, int slot, int most) {
        blank(at, ScsiLayout.EVENT_BYTES);
        boolean more = dice.oneIn(8);
        buffers.add(at, more ? 2 * ScsiLayout.EVENT_BYTES : ScsiLayout.EVENT_BYTES, true);
        if (dice.oneIn(16)) {
            // Of no use to the device.
            buffers.add(at + SLOT_BYTES / 2, dice.below(SLOT_BYTES / 2), true);
        }
    }

    @Override
    String flaw(long at, int slot, long written) {
        return ScsiAnswers.eventFlaw(read(at, ScsiLayout.EVENT_BYTES), written);
    }
}
