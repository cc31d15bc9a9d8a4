package dev.ringside.testkit.fuzz;

import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.vhost.scsi.ScsiLayout;
import dev.ringside.vhost.scsi.VirtioLun;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Requests of a request queue of a SCSI host device (virtio 1.2, 5.6.6.1). */
final class ScsiRequests extends Requests {
    private static final int SLOT_BYTES = 1024;
    private static final int RESPONSE_AT = 64;
    /** Of a parameter list; a list is cut to what fits. */
    private static final int LIST_AT = 192;

    private static final int MOST_DATA = 128 << 10;
    private static final int MOST_PIECES = 60;
    private static final int IDS = 64;

    private final ScsiCommands commands;
    /** Bytes of data of the request in a slot, both ways. */
    private final long[] given = new long[SLOTS];
    /** Those of them that the device may write. */
    private final long[] room = new long[SLOTS];

    private int spare;

    ScsiRequests(AttackMemory memory, Dice dice, boolean careful) {
        super(memory, dice, careful, SLOT_BYTES);
        this.commands = new ScsiCommands(dice);
        // The disk that is a file has something to do then.
        header(slowAt, VirtioLun.of(0, 1), 0, Cdb.of(Operation.SYNCHRONIZE_CACHE_10));
        slow.add(slowAt, ScsiLayout.REQUEST_BYTES, false);
        slow.add(slowAt + RESPONSE_AT, ScsiLayout.RESPONSE_BYTES, true);
    }

    @Override
    void make(long at, int slot, int most) {
        commands.draw();
        header(at, ScsiCommands.address(dice), dice.below(IDS), commands.cdb());
        byte[] list = commands.list();
        memory.ram().write(at + LIST_AT, list);
        spare = most - 2;
        cut(at, ScsiLayout.REQUEST_BYTES, false);
        long out;
        if (list.length > 0 && spare > 0) {
            out = Math.min(wanted(list.length), SLOT_BYTES - LIST_AT);
            spare--;
            cut(at + LIST_AT, out, false);
        } else {
            out = data(wanted(commands.outBytes()), false);
        }
        blank(at + RESPONSE_AT, ScsiLayout.RESPONSE_BYTES);
        cut(at + RESPONSE_AT, ScsiLayout.RESPONSE_BYTES, true);
        long in = data(wanted(commands.inBytes()), true);
        if (slot != NO_SLOT) {
            given[slot] = out + in;
            room[slot] = in;
        }
    }

    private void header(long at, long address, long id, byte[] cdb) {
        byte[] header = new byte[ScsiLayout.REQUEST_BYTES];
        ByteBuffer.wrap(header).putLong(dice.bent(address)).putLong(ScsiLayout.ID, id);
        // The task attribute, the priority and the reference number.
        for (int i = ScsiLayout.ID + Long.BYTES; i < ScsiLayout.CDB; i++) {
            header[i] = (byte) (dice.oneIn(8) ? dice.below(256) : 0);
        }
        System.arraycopy(cdb, 0, header, ScsiLayout.CDB, Math.min(cdb.length, ScsiLayout.CDB_BYTES));
        memory.ram().write(at, header);
    }

    /** How many bytes to give for those that a command has: mostly as many, else less or more. */
    private int wanted(long bytes) {
        int most = (int) Math.min(bytes, MOST_DATA);
        return switch (dice.below(20)) {
            case 0 -> dice.below(most + 1);
            case 1 -> most + dice.below(2048);
            default -> most;
        };
    }

    /** Adds what is in one place, now and then cut into several buffers. */
    private void cut(long at, long bytes, boolean written) {
        int most = (int) Math.min(Math.min(spare, MOST_PIECES), bytes - 1);
        int cuts = most > 0 && dice.oneIn(6) ? dice.below(most + 1) : 0;
        spare -= cuts;
        long[] ends = new long[cuts + 1];
        Arrays.setAll(ends, i -> i == cuts ? bytes : dice.below((int) bytes + 1));
        Arrays.sort(ends);
        long from = 0;
        for (long end : ends) {
            buffers.add(at + from, end - from, written);
            from = end;
        }
    }

    /** Adds buffers for data anywhere, and returns how many bytes they have. */
    private long data(int bytes, boolean written) {
        int pieces = Math.min(spare, dice.oneIn(6) ? 1 + dice.below(40) : 1);
        if (bytes == 0 || pieces == 0) {
            return 0;
        }
        spare -= pieces;
        int left = bytes;
        for (int i = pieces; i > 0; i--) {
            int length = i == 1 ? left : dice.below(left + 1);
            long at = written || !careful ? memory.buffer(dice, length) : memory.readable(dice, length);
            buffers.add(at, length, written);
            left -= length;
        }
        return bytes;
    }

    @Override
    String flaw(long at, int slot, long written) {
        return ScsiAnswers.flaw(read(at + RESPONSE_AT, ScsiLayout.RESPONSE_BYTES), given[slot], room[slot], written);
    }
}
