package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.QueueError;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Drivers that write nonsense into a ring: the ring breaks, with one line and one count, and answers the base when it is
 * asked; started anew it works; the session of another guest on the same reactor never notices.
 */
class HostileRingTest {
    private static final int SIZE = 8;
    private static final long RAM_BYTES = 4L << 20;
    private static final int NEXT = Descriptor.F_NEXT;
    private static final int WRITE = Descriptor.F_WRITE;
    private static final int INDIRECT = Descriptor.F_INDIRECT;

    private TargetRig rig;
    private Neighbour neighbour;
    private GuestRam ram;
    private BlkFrontend blk;
    private int broken;
    private long files;

    /** What a driver writes into a ring before it kicks; {@code table} is 4 KiB of guest memory for anything. */
    private interface Attack {
        void on(SplitRing ring, long header, long table);
    }

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.INTERRUPT, 1);
        rig.mallocDisk("bad", 4);
        rig.mallocDisk("good", 4);
        neighbour = new Neighbour(rig, "good");
        neighbour.verify();
        files = OpenFiles.count();
        ram = GuestRam.ofMiB((int) (RAM_BYTES >> 20));
        blk = rig.start("bad", ram, options());
    }

    private static BlkOptions options() {
        return BlkOptions.of(1, SIZE).withScratch(65_536);
    }

    @AfterEach
    void close() throws Exception {
        blk.close();
        rig.awaitEndOfSessions("bad", 1);
        ram.close();
        neighbour.verify();
        Await.until("files are closed", () -> OpenFiles.count() == files);
        neighbour.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    /** Attacks the running ring, and sets it up again as a guest does that resets its device. */
    private void breaks(QueueError error, String what, Attack attack) throws Exception {
        BlkDriverQueue queue = blk.queue(0);
        assertThat(queue.write(0, new byte[512]).status()).isZero();
        SplitRing ring = queue.driver().ring();
        long table = ram.allocate(4096, 4096);
        ram.putInt(queue.scratchAddress(), BlkLayout.T_FLUSH);
        attack.on(ring, queue.scratchAddress(), table);
        queue.kickFd().signal();
        broken++;
        Await.until(what, () -> rig.counter("bad", "broken_queues") == broken);
        Await.until(what, () -> rig.log().warnings("bads0").size() == broken);
        assertThat(rig.log().warnings("bads0").getLast())
                .as(what)
                .contains("ring 0")
                .endsWith(error.toString());
        neighbour.verify();
        blk.stop();
        blk.start();
        assertThat(blk.queue(0).read(0, 512).status()).as(what).isZero();
    }

    /** Makes the chain that starts at a head available. */
    private static void offer(SplitRing ring, int head) {
        int index = ring.availableIndex();
        ring.availableEntry(index, head);
        ring.availableIndex(index + 1);
    }

    @Test
    void anIndexThatJumps() throws Exception {
        for (int jump : new int[] {SIZE + 1, SIZE + 2, 1000, 0x7fff, 0x8000, 0xfffe}) {
            breaks(
                    QueueError.INDEX_JUMP,
                    "jump of " + jump,
                    (ring, header, table) -> ring.availableIndex(ring.availableIndex() + jump));
        }
    }

    @Test
    void anIndexThatGoesBack() throws Exception {
        breaks(
                QueueError.INDEX_JUMP,
                "one back",
                (ring, header, table) -> ring.availableIndex(ring.availableIndex() - 1));
    }

    @Test
    void headsAndLinksOutOfTheTable() throws Exception {
        for (int head : new int[] {SIZE, SIZE + 1, 0x7fff, 0xffff}) {
            breaks(QueueError.DESCRIPTOR_OUT_OF_RANGE, "head " + head, (ring, header, table) -> offer(ring, head));
            breaks(QueueError.DESCRIPTOR_OUT_OF_RANGE, "next " + head, (ring, header, table) -> {
                ring.descriptor(0, header, 16, NEXT, head);
                offer(ring, 0);
            });
        }
    }

    @Test
    void circles() throws Exception {
        breaks(QueueError.CHAIN_TOO_LONG, "of one", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT, 0);
            offer(ring, 0);
        });
        breaks(QueueError.CHAIN_TOO_LONG, "of two, behind one", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT, 1);
            ring.descriptor(1, header, 16, NEXT, 2);
            ring.descriptor(2, header, 16, NEXT, 1);
            offer(ring, 0);
        });
        breaks(QueueError.CHAIN_TOO_LONG, "of all, empty", (ring, header, table) -> {
            for (int i = 0; i < SIZE; i++) {
                ring.descriptor(i, header, 0, NEXT, (i + 1) % SIZE);
            }
            offer(ring, 0);
        });
        breaks(QueueError.CHAIN_TOO_LONG, "in a table", (ring, header, table) -> {
            MemorySegment entries = ram.at(table, 4096);
            SplitRing.descriptor(entries, 0, header, 16, NEXT, 1);
            SplitRing.descriptor(entries, 16, header, 16, NEXT, 0);
            ring.descriptor(0, table, 32, INDIRECT, 0);
            offer(ring, 0);
        });
    }

    @Test
    void readableBehindWritable() throws Exception {
        breaks(QueueError.READABLE_AFTER_WRITABLE, "in the ring", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT | WRITE, 1);
            ring.descriptor(1, header, 16, NEXT, 2);
            ring.descriptor(2, table, 1, WRITE, 0);
            offer(ring, 0);
        });
        breaks(QueueError.READABLE_AFTER_WRITABLE, "in a table", (ring, header, table) -> {
            MemorySegment entries = ram.at(table, 4096);
            SplitRing.descriptor(entries, 0, table + 2048, 1, NEXT | WRITE, 1);
            SplitRing.descriptor(entries, 16, header, 16, 0, 0);
            ring.descriptor(0, table, 32, INDIRECT, 0);
            offer(ring, 0);
        });
    }

    @Test
    void impossibleIndirectTables() throws Exception {
        for (int length : new int[] {0, 1, 15, 17, 47, -1, -8}) {
            badTable("length " + length, (ring, header, table) -> ring.descriptor(0, table, length, INDIRECT, 0));
        }
        badTable("followed by another", (ring, header, table) -> ring.descriptor(0, table, 16, INDIRECT | NEXT, 1));
        badTable("in a table", (ring, header, table) -> {
            SplitRing.descriptor(ram.at(table, 4096), 0, table, 16, INDIRECT, 0);
            ring.descriptor(0, table, 16, INDIRECT, 0);
        });
        for (long address : new long[] {RAM_BYTES, RAM_BYTES - 16, -16, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE}) {
            badTable("at " + address, (ring, header, table) -> ring.descriptor(0, address, 32, INDIRECT, 0));
        }
        badTable("beyond the memory", (ring, header, table) -> ring.descriptor(0, 0, 0x4000_0000, INDIRECT, 0));
    }

    private void badTable(String what, Attack attack) throws Exception {
        breaks(QueueError.BAD_INDIRECT_TABLE, "table " + what, (ring, header, table) -> {
            attack.on(ring, header, table);
            offer(ring, 0);
        });
    }

    @Test
    void linksOutOfAnIndirectTable() throws Exception {
        for (int next : new int[] {2, 3, 0xffff}) {
            breaks(QueueError.DESCRIPTOR_OUT_OF_RANGE, "next " + next, (ring, header, table) -> {
                SplitRing.descriptor(ram.at(table, 4096), 0, header, 16, NEXT, next);
                ring.descriptor(0, table, 32, INDIRECT, 0);
                offer(ring, 0);
            });
        }
    }

    @Test
    void buffersOutsideTheMemory() throws Exception {
        long[] addresses = {
            RAM_BYTES, RAM_BYTES - 15, 1L << 32, 1L << 40, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE, -16, -1, -4096
        };
        for (long address : addresses) {
            for (int flags : new int[] {0, WRITE}) {
                breaks(QueueError.BAD_ADDRESS, "buffer at " + Long.toHexString(address), (ring, header, table) -> {
                    ring.descriptor(0, header, 16, NEXT, 1);
                    ring.descriptor(1, address, 16, flags | NEXT, 2);
                    ring.descriptor(2, table, 1, WRITE, 0);
                    offer(ring, 0);
                });
            }
        }
        for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, (int) RAM_BYTES + 1}) {
            breaks(QueueError.BAD_ADDRESS, "length " + length, (ring, header, table) -> {
                ring.descriptor(0, 0, length, NEXT, 1);
                ring.descriptor(1, table, 1, WRITE, 0);
                offer(ring, 0);
            });
        }
    }

    @Test
    void requestsWithoutRoomForHeaderOrStatus() throws Exception {
        breaks(QueueError.BAD_REQUEST, "no status", (ring, header, table) -> {
            ring.descriptor(0, header, 16, 0, 0);
            offer(ring, 0);
        });
        breaks(QueueError.BAD_REQUEST, "an empty status", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT, 1);
            ring.descriptor(1, table, 0, WRITE, 0);
            offer(ring, 0);
        });
        breaks(QueueError.BAD_REQUEST, "no header", (ring, header, table) -> {
            ring.descriptor(0, table, 512, WRITE, 0);
            offer(ring, 0);
        });
        breaks(QueueError.BAD_REQUEST, "a short header", (ring, header, table) -> {
            ring.descriptor(0, header, 15, NEXT, 1);
            ring.descriptor(1, table, 512, WRITE, 0);
            offer(ring, 0);
        });
        breaks(QueueError.BAD_REQUEST, "nothing", (ring, header, table) -> {
            ring.descriptor(0, 0, 0, 0, 0);
            offer(ring, 0);
        });
    }

    @Test
    void moreBytesThanARequestMayHave() throws Exception {
        blk.close();
        rig.awaitEndOfSessions("bad", 1);
        try (GuestRam large = GuestRam.ofMiB(1024);
                BlkFrontend other = rig.start("bad", large, BlkOptions.of(1, SIZE))) {
            SplitRing ring = other.queue(0).driver().ring();
            for (int i = 0; i < 5; i++) {
                ring.descriptor(i, 0, 1 << 30, NEXT, i + 1);
            }
            ring.descriptor(5, 4096, 1, WRITE, 0);
            offer(ring, 0);
            other.queue(0).kickFd().signal();
            Await.until("broken", () -> rig.counter("bad", "broken_queues") == 1);
            Await.until("logged", () -> rig.log().warnings("bads1").size() == 1);
            assertThat(rig.log().warnings("bads1").getFirst()).endsWith(QueueError.TOO_MANY_BYTES.toString());
        }
        rig.awaitEndOfSessions("bad", 2);
    }

    @Test
    void anIndirectTableThatWasNotNegotiated() throws Exception {
        blk.close();
        rig.awaitEndOfSessions("bad", 1);
        try (BlkFrontend other = rig.start("bad", ram, options().without(VirtioFeature.RING_INDIRECT_DESC))) {
            SplitRing ring = other.queue(0).driver().ring();
            ring.descriptor(0, 4096, 16, INDIRECT, 0);
            offer(ring, 0);
            other.queue(0).kickFd().signal();
            Await.until("broken", () -> rig.counter("bad", "broken_queues") == 1);
            Await.until("logged", () -> rig.log().warnings("bads1").size() == 1);
            assertThat(rig.log().warnings("bads1").getFirst()).endsWith(QueueError.BAD_INDIRECT_TABLE.toString());
        }
        rig.awaitEndOfSessions("bad", 2);
    }

    @Test
    void aTableMarkedAsWritableIsATable() {
        BlkDriverQueue queue = blk.queue(0);
        SplitRing ring = queue.driver().ring();
        long header = queue.scratchAddress();
        ram.putInt(header, BlkLayout.T_FLUSH);
        long table = ram.allocate(32, 16);
        SplitRing.descriptor(ram.at(table, 32), 0, header, 16, NEXT, 1);
        SplitRing.descriptor(ram.at(table, 32), 16, header + 16, 1, WRITE, 0);
        // virtio 1.2, 2.7.5.3.2: the device ignores the flag here.
        ring.descriptor(0, table, 32, INDIRECT | WRITE, 0);
        offer(ring, 0);
        queue.kickFd().signal();
        Await.until("answered", () -> ring.usedIndex() == 1);
        assertThat(ram.byteAt(header + 16)).isEqualTo(BlkLayout.S_OK);
    }

    @Test
    void aTableBehindDescriptorsOfTheRing() {
        BlkDriverQueue queue = blk.queue(0);
        SplitRing ring = queue.driver().ring();
        long header = queue.scratchAddress();
        ram.putInt(header, BlkLayout.T_FLUSH);
        long table = ram.allocate(16, 16);
        SplitRing.descriptor(ram.at(table, 16), 0, header + 16, 1, WRITE, 0);
        ring.descriptor(0, header, 8, NEXT, 5);
        ring.descriptor(5, header + 8, 8, NEXT, 3);
        ring.descriptor(3, table, 16, INDIRECT, 0);
        offer(ring, 0);
        queue.kickFd().signal();
        Await.until("answered", () -> ring.usedIndex() == 1);
        assertThat(ram.byteAt(header + 16)).isEqualTo(BlkLayout.S_OK);
    }
}
