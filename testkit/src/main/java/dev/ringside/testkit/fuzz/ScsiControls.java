package dev.ringside.testkit.fuzz;

import dev.ringside.vhost.scsi.ScsiLayout;
import dev.ringside.vhost.scsi.VirtioLun;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Requests of the control queue of a SCSI host device (virtio 1.2, 5.6.6.2). */
final class ScsiControls extends Requests {
    private static final int SLOT_BYTES = 128;
    private static final int ANSWER_AT = 64;
    private static final int IDS = 64;

    ScsiControls(AttackMemory memory, Dice dice, boolean careful) {
        super(memory, dice, careful, SLOT_BYTES);
        memory.ram().write(slowAt, function(ScsiLayout.CLEAR_TASK_SET, VirtioLun.of(0, 1), 0));
        slow.add(slowAt, ScsiLayout.TMF_BYTES, false);
        slow.add(slowAt + ANSWER_AT, 1, true);
    }

    @Override
    void make(long at, int slot, int most) {
        blank(at + ANSWER_AT, ScsiLayout.AN_RESPONSE_BYTES);
        if (!dice.oneIn(4)) {
            int function = dice.oneIn(16) ? (int) dice.edge() : dice.below(ScsiLayout.QUERY_TASK_SET + 1);
            memory.ram().write(at, function(function, ScsiCommands.address(dice), dice.below(IDS)));
            buffers.add(at, ScsiLayout.TMF_BYTES, false);
            buffers.add(at + ANSWER_AT, 1, true);
        } else {
            memory.ram().write(at, notifications());
            buffers.add(at, ScsiLayout.AN_BYTES, false);
            buffers.add(at + ANSWER_AT, ScsiLayout.AN_RESPONSE_BYTES, true);
        }
    }

    private byte[] function(int function, long address, long id) {
        return ByteBuffer.allocate(ScsiLayout.TMF_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(dice.bent(ScsiLayout.T_TMF))
                .putInt(function)
                .order(ByteOrder.BIG_ENDIAN)
                .putLong(address)
                .putLong(id)
                .array();
    }

    /** A question for notifications, or something of a type that there is not. */
    private byte[] notifications() {
        int type = dice.oneIn(8)
                ? ScsiLayout.T_AN_SUBSCRIBE + 1 + dice.below(8)
                : dice.pick(ScsiLayout.T_AN_QUERY, ScsiLayout.T_AN_SUBSCRIBE);
        return ByteBuffer.allocate(ScsiLayout.AN_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(type)
                .order(ByteOrder.BIG_ENDIAN)
                .putLong(ScsiCommands.address(dice))
                .putInt((int) dice.edge())
                .array();
    }

    @Override
    String flaw(long at, int slot, long written) {
        int type = ByteBuffer.wrap(read(at, Integer.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        byte[] answer = read(at + ANSWER_AT, ScsiLayout.AN_RESPONSE_BYTES);
        return switch (type) {
            case ScsiLayout.T_TMF -> ScsiAnswers.functionFlaw(answer, written);
            case ScsiLayout.T_AN_QUERY, ScsiLayout.T_AN_SUBSCRIBE -> ScsiAnswers.notificationFlaw(answer, written);
            default -> written == 1 && answer[0] == ScsiLayout.S_FAILURE ? "" : "to type " + type;
        };
    }
}
