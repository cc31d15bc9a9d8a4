package dev.ringside.vhost.session;

import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Indices and links that cannot be, which only split rings have. */
class HostileRingTest extends HostileDriver {

    HostileRingTest() {
        super(RingFormat.SPLIT);
    }

    @Test
    void anIndexThatJumps() throws Exception {
        for (int jump : new int[] {SIZE + 1, SIZE + 2, 1000, 0x7fff, 0x8000, 0xfffe}) {
            breaks(QueueError.INDEX_JUMP, "jump of " + jump, (ring, header, table) -> jump(jump));
        }
    }

    @Test
    void anIndexThatGoesBack() throws Exception {
        breaks(QueueError.INDEX_JUMP, "one back", (ring, header, table) -> jump(-1));
    }

    @Test
    void headsAndLinksOutOfTheTable() throws Exception {
        for (int head : new int[] {SIZE, SIZE + 1, 0x7fff, 0xffff}) {
            breaks(QueueError.DESCRIPTOR_OUT_OF_RANGE, "head " + head, (ring, header, table) -> ring.offer(head));
            breaks(QueueError.DESCRIPTOR_OUT_OF_RANGE, "next " + head, (ring, header, table) -> {
                ring.descriptor(0, header, 16, NEXT, head);
                ring.offer(0);
            });
        }
    }

    @Test
    void circles() throws Exception {
        breaks(QueueError.CHAIN_TOO_LONG, "of one", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT, 0);
            ring.offer(0);
        });
        breaks(QueueError.CHAIN_TOO_LONG, "of two, behind one", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT, 1);
            ring.descriptor(1, header, 16, NEXT, 2);
            ring.descriptor(2, header, 16, NEXT, 1);
            ring.offer(0);
        });
        breaks(QueueError.CHAIN_TOO_LONG, "of all, empty", (ring, header, table) -> {
            for (int i = 0; i < SIZE; i++) {
                ring.descriptor(i, header, 0, NEXT, (i + 1) % SIZE);
            }
            ring.offer(0);
        });
        breaks(QueueError.CHAIN_TOO_LONG, "in a table", (ring, header, table) -> {
            MemorySegment entries = ram.at(table, 4096);
            ring.tableEntry(entries, 0, header, 16, NEXT, 1);
            ring.tableEntry(entries, 16, header, 16, NEXT, 0);
            ring.descriptor(0, table, 32, INDIRECT, 0);
            ring.offer(0);
        });
    }

    @Test
    void linksOutOfAnIndirectTable() throws Exception {
        for (int next : new int[] {2, 3, 0xffff}) {
            breaks(QueueError.DESCRIPTOR_OUT_OF_RANGE, "next " + next, (ring, header, table) -> {
                ring.tableEntry(ram.at(table, 4096), 0, header, 16, NEXT, next);
                ring.descriptor(0, table, 32, INDIRECT, 0);
                ring.offer(0);
            });
        }
    }

    private void jump(int by) {
        SplitRing ring = blk.queue(0).driver().ring();
        ring.availableIndex(ring.availableIndex() + by);
    }
}
