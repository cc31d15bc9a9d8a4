package dev.ringside.testkit.fuzz;

import dev.ringside.vhost.blk.BlkLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Block requests as buffers, most of them right. */
final class BlkRequests {
    private static final int HEADERS = 128;
    private static final int HEADER_STRIDE = 128;
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

    private final AttackMemory memory;
    private final Dice dice;
    private final boolean careful;
    private final long headers;
    private final Buffers buffers = new Buffers();
    private int next;

    /**
     * Makes requests.
     *
     * @param careful whether nobody changes a buffer that is offered, so that one that is only to be read stays as it is
     */
    BlkRequests(AttackMemory memory, Dice dice, boolean careful) {
        this.memory = memory;
        this.dice = dice;
        this.careful = careful;
        this.headers = memory.ram().allocate((long) HEADERS * HEADER_STRIDE, HEADER_STRIDE);
    }

    /** The next request, of at most so many buffers, at least 2; valid until the next call. */
    Buffers next(int most) {
        buffers.clear();
        if (dice.wrong()) {
            nonsense(most);
            return buffers;
        }
        long header = headers + (long) (next++ % HEADERS) * HEADER_STRIDE;
        int type = dice.oneIn(20) ? dice.below(32) : TYPES[dice.below(TYPES.length)];
        header(header, type);
        int pieces = Math.min(most - 2, dice.oneIn(12) ? dice.below(40) : dice.below(4));
        if (most > 3 && dice.oneIn(8)) {
            buffers.add(header, 5, false);
            buffers.add(header + 5, BlkLayout.HEADER_BYTES - 5, false);
            pieces = Math.min(pieces, most - 3);
        } else {
            buffers.add(header, BlkLayout.HEADER_BYTES, false);
        }
        boolean in = type == BlkLayout.T_IN || type == BlkLayout.T_GET_ID;
        for (int i = 0; i < pieces; i++) {
            data(type, in, header);
        }
        buffers.add(header + STATUS, 1, true);
        return buffers;
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

    /** A chain that is no request, or one that nobody can do. */
    private void nonsense(int most) {
        switch (dice.below(3)) {
            case 0 -> buffers.add(memory.buffer(dice, 1), dice.below(16), dice.coin());
            case 1 -> {
                for (int i = Math.min(most, 2 + dice.below(6)); i > 0; i--) {
                    buffers.add(memory.buffer(dice, 4096), dice.below(4096), dice.coin());
                }
            }
            default -> buffers.add(memory.buffer(dice, 1), 0xffff_ffffL, dice.coin());
        }
    }

    /** A chain that is longer than it may be, in bytes or in buffers, or nearly so; valid until the next call. */
    Buffers tooLong() {
        buffers.clear();
        if (dice.coin()) {
            for (int i = 260; i > 0; i--) {
                buffers.add(memory.large(), AttackMemory.LARGE_BYTES, false);
            }
        } else {
            for (int i = dice.pick(1023, 1024, 1025, 1100); i > 0; i--) {
                buffers.add(headers, BlkLayout.HEADER_BYTES, i < 3);
            }
        }
        return buffers;
    }

    /** Changes a header after it has been offered: perhaps before, perhaps after the back end has looked. */
    void changeHeader() {
        long at = headers + (long) dice.below(HEADERS) * HEADER_STRIDE;
        memory.control().set(ValueLayout.JAVA_LONG_UNALIGNED, at + dice.below(15) * 8L, dice.edge());
    }
}
