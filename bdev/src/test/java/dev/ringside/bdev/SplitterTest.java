package dev.ringside.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.ReactorLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SplitterTest {
    private static final int PARTS = 32;

    private ReactorLoop reactor;

    @BeforeEach
    void open() throws Exception {
        reactor = BdevRegistryTest.reactor();
    }

    @AfterEach
    void close() {
        reactor.close();
    }

    @Test
    void aLongTransferIsSplitAtTheLargest() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(8, 0, 0, 0, 0));
        expectParts(device, CountingOwner.of(IoType.READ, 3, 20), "3+8 11+8 19+4");
        expectParts(device, CountingOwner.of(IoType.WRITE, 3, 8), "3+8");
    }

    @Test
    void aSplitRequestIsAborted() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(8, 0, 0, 0, 0));
        device.aborts = true;
        BdevRegistry registry = new BdevRegistry();
        registry.register(device);
        try (BdevHandle handle = registry.open("limited", true, event -> {});
                BdevChannel channel = handle.openChannel(reactor)) {
            CountingOwner one = CountingOwner.of(IoType.READ, 0, 8 * (PARTS - 2));
            CountingOwner two = CountingOwner.of(IoType.READ, 0, 8 * PARTS);
            CountingOwner three = CountingOwner.of(IoType.READ, 0, 8 * PARTS);
            channel.submit(one.io);
            channel.submit(two.io);
            channel.submit(three.io);
            two.io.abort();
            assertThat(two.ends).isEqualTo(1);
            assertThat(two.status).isEqualTo(IoStatus.ABORTED);
            three.io.abort();
            assertThat(three.ends).isEqualTo(1);
            assertThat(three.status).isEqualTo(IoStatus.ABORTED);
            assertThat(one.ends).isZero();
            device.room = 0;
            CountingOwner refused = CountingOwner.of(IoType.READ, 0, 80);
            channel.submit(refused.io);
            refused.io.abort();
            assertThat(refused.ends).isEqualTo(1);
            assertThat(refused.status).isEqualTo(IoStatus.ABORTED);
            device.room = 99;
            device.endAll();
            assertThat(one.status).isEqualTo(IoStatus.OK);
            assertThat(one.ends).isEqualTo(1);
            assertThat(channel.outstanding()).isZero();
        }
    }

    @Test
    void aTransferIsSplitWhereItCrossesABoundary() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(0, 0, 16, 0, 0));
        expectParts(device, CountingOwner.of(IoType.READ, 10, 30), "10+6 16+16 32+8");
        expectParts(device, CountingOwner.of(IoType.READ, 16, 16), "16+16");
        expectParts(device, CountingOwner.of(IoType.READ, 15, 2), "15+1 16+1");
        expectParts(device, CountingOwner.of(IoType.UNMAP, 10, 30), "10+30");
    }

    @Test
    void aLongScatterListIsSplitAtWholeBlocks() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(0, 3, 0, 0, 0));
        CountingOwner read = new CountingOwner();
        for (int i = 0; i < 8; i++) {
            // Eight pieces of 384 bytes: three of them hold two blocks and a bit.
            read.data.add(CountingOwner.MEMORY, i * 1000L, 384);
        }
        read.io.prepare(IoType.READ, 5, 6, read.data, 0);
        expectParts(device, read, "5+2 7+1 8+2 10+1");
        assertThat(device.seen).allSatisfy(seen -> assertThat(seen.segments()).isLessThanOrEqualTo(3));
    }

    @Test
    void aScatterListThatIsFinerThanTheDeviceTakesFails() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(0, 3, 0, 0, 0));
        CountingOwner read = new CountingOwner();
        read.data.add(CountingOwner.MEMORY, 0, 1024);
        for (int i = 0; i < 512; i++) {
            read.data.add(CountingOwner.MEMORY, 2000 + 2L * i, 1);
        }
        read.io.prepare(IoType.READ, 0, 3, read.data, 0);
        try (BdevChannel channel = open(device)) {
            channel.submit(read.io);
            device.endAll();
            assertThat(read.status).isEqualTo(IoStatus.INVALID);
            assertThat(read.ends).isEqualTo(1);
        }
    }

    @Test
    void rangesAreSplitAtTheirOwnLimits() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(4, 0, 0, 100, 10));
        expectParts(device, CountingOwner.of(IoType.UNMAP, 7, 250), "7+100 107+100 207+50");
        expectParts(device, CountingOwner.of(IoType.WRITE_ZEROES, 7, 25), "7+10 17+10 27+5");
        expectParts(device, CountingOwner.of(IoType.READ, 7, 5), "7+4 11+1");
    }

    @Test
    void bothRangesOfACopyAreSplit() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(2, 1, 4, 0, 0, 8));
        CountingOwner copy = new CountingOwner();
        copy.io.prepareCopy(100, 7, 20);
        try (BdevChannel channel = open(device)) {
            channel.submit(copy.io);
            assertThat(device.held)
                    .extracting(io -> io.source() + ">" + io.lba() + "+" + io.blocks())
                    .containsExactly("100>7+8", "108>15+8", "116>23+4");
            device.endAll();
            assertThat(copy.status).isEqualTo(IoStatus.OK);
            assertThat(copy.ends).isEqualTo(1);
        }
    }

    @Test
    void aFailedPartEndsTheRest() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(1, 0, 0, 0, 0));
        try (BdevChannel channel = open(device)) {
            CountingOwner read = CountingOwner.of(IoType.READ, 0, 100);
            channel.submit(read.io);
            assertThat(device.held).hasSize(PARTS);
            device.endOne(IoStatus.OK);
            device.endOne(IoStatus.NO_SPACE);
            device.endOne(IoStatus.IO_ERROR);
            device.endAll();
            assertThat(read.status).as("that of the first part that failed").isEqualTo(IoStatus.NO_SPACE);
            assertThat(read.ends).isEqualTo(1);
            assertThat(device.seen).hasSize(PARTS + 1);
        }
    }

    @Test
    void requestsThatFindNoPartGoOnLater() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(1, 0, 0, 0, 0));
        device.room = 20;
        try (BdevChannel channel = open(device)) {
            List<CountingOwner> reads = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                CountingOwner read = CountingOwner.of(IoType.READ, i * 100L, 60);
                reads.add(read);
                channel.submit(read.io);
            }
            while (channel.outstanding() > 0) {
                channel.flush();
                device.endOne(IoStatus.OK);
            }
            assertThat(device.seen).hasSize(300);
            assertThat(reads).allSatisfy(read -> {
                assertThat(read.ends).isEqualTo(1);
                assertThat(read.status).isEqualTo(IoStatus.OK);
            });
        }
    }

    /** A device that was slow and is fast now: the part that comes back first advances its own request, inline. */
    @Test
    void aStarvedRequestEndsOnceWhenTheDeviceBecomesFast() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(1, 0, 0, 0, 0));
        try (BdevChannel channel = open(device)) {
            CountingOwner others = CountingOwner.of(IoType.READ, 100, PARTS - 1);
            CountingOwner one = CountingOwner.of(IoType.READ, 0, 4);
            int[] again = {3};
            one.then = () -> {
                if (again[0]-- > 0) {
                    channel.submit(one.io);
                }
            };
            channel.submit(others.io);
            channel.submit(one.io);
            assertThat(device.held).hasSize(PARTS);
            device.inline = true;
            device.held.removeLast().complete(IoStatus.OK);
            assertThat(one.ends).isEqualTo(4);
            device.endAll();
            assertThat(others.ends).isEqualTo(1);
            assertThat(channel.outstanding()).isZero();
            assertThat(device.seen).hasSize(PARTS - 1 + 4 * 4);
        }
    }

    @Test
    void aResetTakesWhatNoPartWasMadeOf() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(1, 0, 0, 0, 0));
        try (BdevChannel channel = open(device)) {
            CountingOwner started = CountingOwner.of(IoType.READ, 0, 40);
            CountingOwner waiting = CountingOwner.of(IoType.READ, 100, 40);
            CountingOwner reset = CountingOwner.of(IoType.RESET, 0, 0);
            channel.submit(started.io);
            channel.submit(waiting.io);
            channel.submit(reset.io);
            assertThat(waiting.status).isEqualTo(IoStatus.ABORTED);
            CountingOwner after = CountingOwner.of(IoType.READ, 200, 40);
            channel.submit(after.io);
            device.endAll();
            assertThat(started.status).isEqualTo(IoStatus.ABORTED);
            assertThat(reset.status).isEqualTo(IoStatus.OK);
            assertThat(after.status).isEqualTo(IoStatus.OK);
            int resetAt = device.seen.indexOf(new ScriptedBdev.Seen(IoType.RESET, 0, 0, 0));
            assertThat(device.seen.subList(resetAt, device.seen.size()))
                    .filteredOn(seen -> seen.type() == IoType.READ)
                    .allSatisfy(seen -> assertThat(seen.lba()).isGreaterThanOrEqualTo(200));
            assertThat(started.ends + waiting.ends + reset.ends + after.ends).isEqualTo(4);
        }
    }

    /** Whatever the limits: the parts keep them, and are the request, in order. */
    @Test
    void partsKeepEveryLimitAndCoverTheRequest() throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("splits: -Dseed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 2000; round++) {
            IoLimits limits = new IoLimits(
                    random.nextInt(12), random.nextInt(3) * 4, random.nextBoolean() ? 0 : 1 << random.nextInt(6), 0, 0);
            ScriptedBdev device = ScriptedBdev.limited(limits);
            device.room = 1 + random.nextInt(40);
            device.inline = random.nextInt(4) == 0;
            long lba = random.nextInt(1000);
            long blocks = 1L + random.nextInt(80);
            CountingOwner read = new CountingOwner();
            long left = blocks * 512;
            while (left > 0) {
                long piece = Math.min(left, 129L + random.nextInt(5000));
                read.data.add(CountingOwner.MEMORY, 0, piece);
                left -= piece;
            }
            read.io.prepare(IoType.READ, lba, blocks, read.data, 0);
            try (BdevChannel channel = open(device)) {
                channel.submit(read.io);
                while (channel.outstanding() > 0) {
                    channel.flush();
                    device.endOne(IoStatus.OK);
                }
            }
            assertThat(read.ends).isEqualTo(1);
            if (read.status == IoStatus.OK) {
                expectCover(device, limits, lba, blocks);
            } else {
                assertThat(read.status).isEqualTo(IoStatus.INVALID);
                assertThat(limits.maxSegments()).as("segments of 129 bytes").isEqualTo(4);
            }
        }
    }

    @Test
    void nothingIsAllocatedInSteadyState() throws Exception {
        ScriptedBdev device = ScriptedBdev.limited(new IoLimits(4, 0, 0, 0, 0));
        device.inline = true;
        device.remembers = false;
        try (BdevChannel channel = open(device)) {
            CountingOwner read = CountingOwner.of(IoType.READ, 0, 40);
            long allocated = AllocationProbe.bytesOf(20_000, () -> channel.submit(read.io));
            assertThat(allocated).isLessThan(AllocationProbe.NOISE);
        }
    }

    private static void expectCover(ScriptedBdev device, IoLimits limits, long lba, long blocks) {
        long next = lba;
        for (ScriptedBdev.Seen part : device.seen) {
            assertThat(part.lba()).isEqualTo(next);
            if (limits.maxTransferBlocks() > 0) {
                assertThat(part.blocks()).isLessThanOrEqualTo(limits.maxTransferBlocks());
            }
            if (limits.maxSegments() > 0) {
                assertThat(part.segments()).isLessThanOrEqualTo(limits.maxSegments());
            }
            if (limits.boundaryBlocks() > 0) {
                long lastBlock = part.lba() + part.blocks() - 1;
                assertThat(lastBlock / limits.boundaryBlocks()).isEqualTo(part.lba() / limits.boundaryBlocks());
            }
            next += part.blocks();
        }
        assertThat(next).isEqualTo(lba + blocks);
    }

    private void expectParts(ScriptedBdev device, CountingOwner owner, String parts) throws Exception {
        device.seen.clear();
        try (BdevChannel channel = open(device)) {
            channel.submit(owner.io);
            device.endAll();
        }
        assertThat(owner.status).isEqualTo(IoStatus.OK);
        assertThat(owner.ends).isEqualTo(1);
        StringBuilder seen = new StringBuilder();
        device.seen.forEach(part -> seen.append(seen.isEmpty() ? "" : " ")
                .append(part.lba())
                .append('+')
                .append(part.blocks()));
        assertThat(seen).hasToString(parts);
    }

    private BdevChannel open(ScriptedBdev device) throws Exception {
        BdevRegistry registry = new BdevRegistry();
        registry.register(device);
        return registry.open(device.info.name(), true, event -> {}).openChannel(reactor);
    }
}
