package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Chains that cannot be, in both ring formats. */
@ParameterizedClass
@EnumSource
class HostileChainTest extends HostileDriver {

    HostileChainTest(RingFormat format) {
        super(format);
    }

    @Test
    void readableBehindWritable() throws Exception {
        breaks(QueueError.READABLE_AFTER_WRITABLE, "in the ring", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT | WRITE, 1);
            ring.descriptor(1, header, 16, NEXT, 2);
            ring.descriptor(2, table, 1, WRITE, 0);
            ring.offer(0);
        });
        breaks(QueueError.READABLE_AFTER_WRITABLE, "in a table", (ring, header, table) -> {
            MemorySegment entries = ram.at(table, 4096);
            ring.tableEntry(entries, 0, table + 2048, 1, NEXT | WRITE, 1);
            ring.tableEntry(entries, 16, header, 16, 0, 0);
            ring.descriptor(0, table, 32, INDIRECT, 0);
            ring.offer(0);
        });
    }

    @Test
    void impossibleIndirectTables() throws Exception {
        for (int length : new int[] {0, 1, 15, 17, 47, -1, -8}) {
            badTable("length " + length, (ring, header, table) -> ring.descriptor(0, table, length, INDIRECT, 0));
        }
        badTable("followed by another", (ring, header, table) -> ring.descriptor(0, table, 16, INDIRECT | NEXT, 1));
        badTable("in a table", (ring, header, table) -> {
            ring.tableEntry(ram.at(table, 4096), 0, table, 16, INDIRECT, 0);
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
            ring.offer(0);
        });
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
                    ring.offer(0);
                });
            }
        }
        for (int length : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, (int) RAM_BYTES + 1}) {
            breaks(QueueError.BAD_ADDRESS, "length " + length, (ring, header, table) -> {
                ring.descriptor(0, 0, length, NEXT, 1);
                ring.descriptor(1, table, 1, WRITE, 0);
                ring.offer(0);
            });
        }
    }

    @Test
    void requestsWithoutRoomForHeaderOrStatus() throws Exception {
        breaks(QueueError.BAD_REQUEST, "no status", (ring, header, table) -> {
            ring.descriptor(0, header, 16, 0, 0);
            ring.offer(0);
        });
        breaks(QueueError.BAD_REQUEST, "an empty status", (ring, header, table) -> {
            ring.descriptor(0, header, 16, NEXT, 1);
            ring.descriptor(1, table, 0, WRITE, 0);
            ring.offer(0);
        });
        breaks(QueueError.BAD_REQUEST, "no header", (ring, header, table) -> {
            ring.descriptor(0, table, 512, WRITE, 0);
            ring.offer(0);
        });
        breaks(QueueError.BAD_REQUEST, "a short header", (ring, header, table) -> {
            ring.descriptor(0, header, 15, NEXT, 1);
            ring.descriptor(1, table, 512, WRITE, 0);
            ring.offer(0);
        });
        breaks(QueueError.BAD_REQUEST, "nothing", (ring, header, table) -> {
            ring.descriptor(0, 0, 0, 0, 0);
            ring.offer(0);
        });
    }

    @Test
    void moreBytesThanARequestMayHave() throws Exception {
        blk.close();
        rig.awaitEndOfSessions("bad", 1);
        try (GuestRam large = GuestRam.ofMiB(1024);
                BlkFrontend other =
                        rig.start("bad", large, BlkOptions.of(1, SIZE).with(format))) {
            RawRing ring = RawRing.of(other.queue(0), format);
            for (int i = 0; i < 5; i++) {
                ring.descriptor(i, 0, 1 << 30, NEXT, i + 1);
            }
            ring.descriptor(5, 4096, 1, WRITE, 0);
            ring.offer(0);
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
            RawRing ring = RawRing.of(other.queue(0), format);
            ring.descriptor(0, 4096, 16, INDIRECT, 0);
            ring.offer(0);
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
        RawRing ring = RawRing.of(queue, format);
        long header = queue.scratchAddress();
        ram.putInt(header, BlkLayout.T_FLUSH);
        long table = ram.allocate(32, 16);
        ring.tableEntry(ram.at(table, 32), 0, header, 16, NEXT, 1);
        ring.tableEntry(ram.at(table, 32), 16, header + 16, 1, WRITE, 0);
        // virtio 1.2, 2.7.5.3.2: the device ignores the flag here.
        ring.descriptor(0, table, 32, INDIRECT | WRITE, 0);
        ring.offer(0);
        queue.kickFd().signal();
        Await.until("answered", ring::isUsed);
        assertThat(ram.byteAt(header + 16)).isEqualTo(BlkLayout.S_OK);
    }

    @Test
    void aTableBehindDescriptorsOfTheRing() {
        BlkDriverQueue queue = blk.queue(0);
        RawRing ring = RawRing.of(queue, format);
        long header = queue.scratchAddress();
        ram.putInt(header, BlkLayout.T_FLUSH);
        long table = ram.allocate(16, 16);
        ring.tableEntry(ram.at(table, 16), 0, header + 16, 1, WRITE, 0);
        ring.descriptor(0, header, 8, NEXT, 1);
        ring.descriptor(1, header + 8, 8, NEXT, 2);
        ring.descriptor(2, table, 16, INDIRECT, 0);
        ring.offer(0);
        queue.kickFd().signal();
        Await.until("answered", ring::isUsed);
        assertThat(ram.byteAt(header + 16)).isEqualTo(BlkLayout.S_OK);
    }

    @Test
    void theOtherFormatWhileTheRingRuns() throws Exception {
        var ring = blk.queue(0).ring();
        for (int i = 0; i < 10; i++) {
            blk.messages().setFeatures(blk.features() ^ VirtioFeature.RING_PACKED);
            blk.messages()
                    .setVringAddr(
                            0,
                            ram.userAddress(ring.descriptorArea()),
                            ram.userAddress(ring.driverArea()),
                            ram.userAddress(ring.deviceArea()));
            blk.messages().setMemTable(ram);
            assertThat(blk.queue(0).read(0, 4096).status()).isZero();
            blk.messages().setFeatures(blk.features());
        }
        assertThat(rig.log().warnings()).isEmpty();
    }

    @Test
    void chainsThatDoNotEnd() throws Exception {
        breaks(QueueError.CHAIN_TOO_LONG, "as long as the ring", (ring, header, table) -> {
            for (int i = 0; i < SIZE; i++) {
                ring.descriptor(i, header, 0, NEXT, (i + 1) % SIZE);
            }
            ring.offer(0);
        });
    }

    @Test
    void tablesThatAreTooLong() throws Exception {
        breaks(QueueError.CHAIN_TOO_LONG, "1025 entries", (ring, header, table) -> {
            long large = ram.allocate(1025 * 16, 16);
            MemorySegment entries = ram.at(large, 1025 * 16);
            for (int i = 0; i < 1025; i++) {
                ring.tableEntry(entries, i * 16L, header, 1, NEXT, i + 1);
            }
            ring.descriptor(0, large, 1025 * 16, INDIRECT, 0);
            ring.offer(0);
        });
    }
}
