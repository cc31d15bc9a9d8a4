package dev.ringside.testkit.fuzz;

import dev.ringside.vhost.blk.BlkLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Block requests (virtio 1.2, 5.2.6). */
final class BlkRequests extends Requests {
    private static final int SLOT_BYTES = 128;
    private static final int STATUS = 120;
    private static final int[] TYPES = {
        BlkLayout.T_IN,
        BlkLayout.T_IN,
        BlkLayout.T_OUT,
        BlkLayout.T_OUT,
        BlkLayout.T_FLUSH,
        BlkLayout.T_GET_ID,
        BlkLayout.T_DISCARD,
        BlkLayout.T_WRITE_ZEROES
    };

    BlkRequests(AttackMemory memory, Dice dice, boolean careful) {
        super(memory, dice, careful, SLOT_BYTES);
        memory.ram().putInt(slowAt, BlkLayout.T_FLUSH);
        slow.add(slowAt, BlkLayout.HEADER_BYTES, false);
        slow.add(slowAt + BlkLayout.HEADER_BYTES, 1, true);
    }

    @Override
    void make(long at, int slot, int most) {
        int type = dice.oneIn(20) ? dice.below(32) : TYPES[dice.below(TYPES.length)];
        header(at, type);
        int pieces = Math.min(most - 2, dice.oneIn(12) ? dice.below(40) : dice.below(4));
        if (most > 3 && dice.oneIn(8)) {
            buffers.add(at, 5, false);
            buffers.add(at + 5, BlkLayout.HEADER_BYTES - 5, false);
            pieces = Math.min(pieces, most - 3);
        } else {
            buffers.add(at, BlkLayout.HEADER_BYTES, false);
        }
        boolean in = type == BlkLayout.T_IN || type == BlkLayout.T_GET_ID;
        for (int i = 0; i < pieces; i++) {
            data(type, in, at);
        }
        blank(at + STATUS, 1);
        buffers.add(at + STATUS, 1, true);
    }

    private void header(long at, int type) {
        MemorySegment control = memory.control();
        control.set(ValueLayout.JAVA_INT_UNALIGNED, at + BlkLayout.TYPE, dice.bent(type));
        control.set(ValueLayout.JAVA_LONG_UNALIGNED, at + BlkLayout.FIRST_SECTOR, dice.bent(dice.below(2048) & -8L));
        // Segments of a DISCARD, which lie behind the header.
        for (int i = 0; i < 4; i++) {
            long segment = at + BlkLayout.HEADER_BYTES * (2L + i);
            control.set(ValueLayout.JAVA_LONG_UNALIGNED, segment, dice.bent(dice.below(2048) & -8L));
            control.set(ValueLayout.JAVA_INT_UNALIGNED, segment + 8, dice.bent(dice.below(16) & -8));
            control.set(ValueLayout.JAVA_INT_UNALIGNED, segment + 12, dice.bent(dice.below(2)));
        }
    }

    private void data(int type, boolean in, long header) {
        if (type == BlkLayout.T_DISCARD || type == BlkLayout.T_WRITE_ZEROES) {
            buffers.add(header + 2L * BlkLayout.HEADER_BYTES, BlkLayout.SEGMENT_BYTES * (1L + dice.below(3)), false);
        } else {
            int length = dice.oneIn(8) ? dice.below(70_000) : dice.below(17) * 512;
            buffers.add(in || !careful ? memory.buffer(dice, length) : memory.readable(dice, length), length, in);
        }
    }

    @Override
    String flaw(long at, int slot, long written) {
        int status = read(at + STATUS, 1)[0] & 0xff;
        return status <= BlkLayout.S_UNSUPP ? "" : "status " + status;
    }
}
