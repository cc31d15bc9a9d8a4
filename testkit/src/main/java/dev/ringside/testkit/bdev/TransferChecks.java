package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Data that is written is read back, however it lies in memory and on the device. */
final class TransferChecks {
    private static final int OVERLAPPING_WRITES = 48;

    private TransferChecks() {}

    static List<Check> all(BdevSubject subject) {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.of(subject, "lengths and offsets", TransferChecks::lengthsAndOffsets));
        checks.add(Check.of(subject, "first and last block", TransferChecks::firstAndLastBlock));
        checks.add(Check.of(subject, "long transfers", TransferChecks::longTransfers));
        checks.add(Check.of(subject, "scatter lists at random", TransferChecks::scatterLists));
        checks.add(Check.of(subject, "extents of one byte", TransferChecks::extentsOfOneByte));
        checks.add(Check.of(subject, "many extents", TransferChecks::manyExtents));
        checks.add(Check.of(subject, "unaligned memory", TransferChecks::unalignedMemory));
        checks.add(Check.of(subject, "overlapping writes", TransferChecks::overlappingWrites));
        checks.add(Check.of(subject, "FUA and FLUSH", TransferChecks::fuaAndFlush));
        return checks;
    }

    private static void lengthsAndOffsets(BdevRig rig) {
        long[] offsets = {0, 1, 7, 8, 63, rig.info.numBlocks() / 2 - 1};
        int[] lengths = {1, 2, 3, 7, 8, 9, 16, 31, 64, 127};
        for (long lba : offsets) {
            for (int blocks : lengths) {
                MemorySegment content = rig.randomBlocks(blocks);
                rig.write(lba, content);
                rig.expect(lba, content);
            }
        }
    }

    private static void firstAndLastBlock(BdevRig rig) {
        long last = rig.info.numBlocks() - 1;
        MemorySegment first = rig.randomBlocks(1);
        MemorySegment end = rig.randomBlocks(2);
        rig.write(0, first);
        rig.write(last - 1, end);
        rig.expect(0, first);
        rig.expect(last - 1, end);
        rig.expect(last, end.asSlice(rig.info.blockSize()));
    }

    private static void longTransfers(BdevRig rig) {
        long blocks = rig.blocks(BdevSubject.MIN_BYTES / 2) - 3;
        MemorySegment before = rig.read(0, 1);
        MemorySegment after = rig.read(blocks + 1, 1);
        MemorySegment content = rig.randomBlocks(blocks);
        rig.write(1, content);
        rig.expect(1, content);
        rig.expect(0, before);
        rig.expect(blocks + 1, after);
    }

    private static void scatterLists(BdevRig rig) {
        MemorySegment[] regions = new MemorySegment[3];
        for (int i = 0; i < regions.length; i++) {
            regions[i] = rig.memory(2 << 20);
        }
        TestRequest request = new TestRequest();
        for (int round = 0; round < 60; round++) {
            long blocks = 1L + rig.random.nextInt((int) rig.blocks(256 << 10));
            long lba = rig.random.nextInt((int) (rig.info.numBlocks() - blocks));
            MemorySegment content = rig.randomBlocks(blocks);
            scatter(request.data, regions, content.byteSize(), 1 + rig.random.nextInt(8192), rig.random);
            request.data.copyFrom(content, 0, content.byteSize());
            rig.runWell(request.with(IoType.WRITE, lba, blocks, 0));
            rig.expect(lba, content);

            scatter(request.data, regions, content.byteSize(), 1 + rig.random.nextInt(8192), rig.random);
            rig.runWell(request.with(IoType.READ, lba, blocks, 0));
            expectGathered(rig, request.data, content);
        }
    }

    private static void extentsOfOneByte(BdevRig rig) {
        int bytes = (int) rig.bytes(2);
        MemorySegment content = rig.randomBlocks(2);
        MemorySegment spread = rig.memory(3L * bytes);
        TestRequest request = new TestRequest();
        for (int i = 0; i < bytes; i++) {
            request.data.add(spread, 3L * i + 1, 1);
        }
        request.data.copyFrom(content, 0, bytes);
        int most = rig.info.limits().maxSegments();
        if (most > 0 && most < rig.info.blockSize()) {
            assertThat(rig.run(request.with(IoType.WRITE, 3, 2, 0))).isEqualTo(IoStatus.INVALID);
            return;
        }
        rig.runWell(request.with(IoType.WRITE, 3, 2, 0));
        rig.expect(3, content);
        spread.fill((byte) 0);
        rig.runWell(request.with(IoType.READ, 3, 2, 0));
        expectGathered(rig, request.data, content);
    }

    /** More extents than any limit, each a block, in reverse order in memory. */
    private static void manyExtents(BdevRig rig) {
        int blocks = 1500;
        int size = rig.info.blockSize();
        MemorySegment content = rig.randomBlocks(blocks);
        MemorySegment memory = rig.memory(rig.bytes(blocks));
        TestRequest request = new TestRequest();
        for (int i = blocks - 1; i >= 0; i--) {
            request.data.add(memory, (long) i * size, size);
        }
        request.data.copyFrom(content, 0, content.byteSize());
        rig.runWell(request.with(IoType.WRITE, 5, blocks, 0));
        rig.expect(5, content);
        memory.fill((byte) 0);
        rig.runWell(request.with(IoType.READ, 5, blocks, 0));
        expectGathered(rig, request.data, content);
    }

    private static void unalignedMemory(BdevRig rig) {
        MemorySegment memory = rig.memory(rig.bytes(9));
        TestRequest request = new TestRequest();
        for (int shift : new int[] {1, 2, 3, 4, 8, 64, 511}) {
            MemorySegment content = rig.randomBlocks(8);
            MemorySegment slice = memory.asSlice(shift, content.byteSize());
            slice.copyFrom(content);
            rig.runWell(request.transfer(IoType.WRITE, shift, 8, slice));
            rig.expect(shift, content);
            memory.fill((byte) 0);
            rig.runWell(request.transfer(IoType.READ, shift, 8, slice));
            expectGathered(rig, request.data, content);
        }
    }

    /** Of writes that are in flight together, one wins each block, whole. */
    private static void overlappingWrites(BdevRig rig) {
        int span = 64;
        List<TestRequest> writes = new ArrayList<>();
        long[] covered = new long[span];
        for (int i = 0; i < OVERLAPPING_WRITES; i++) {
            int first = rig.random.nextInt(span - 1);
            int blocks = 1 + rig.random.nextInt(Math.min(16, span - first));
            MemorySegment content = rig.memory(rig.bytes(blocks));
            content.fill((byte) (i + 1));
            for (int block = first; block < first + blocks; block++) {
                covered[block] |= 1L << i;
            }
            writes.add(new TestRequest().transfer(IoType.WRITE, first, blocks, content));
        }
        MemorySegment nothing = rig.memory(rig.bytes(span));
        nothing.fill((byte) 0);
        rig.write(0, nothing);
        writes.forEach(write -> rig.channel.submit(write.io));
        rig.await("overlapping writes", () -> writes.stream().allMatch(TestRequest::done));
        assertThat(writes).allSatisfy(write -> assertThat(write.status).isEqualTo(IoStatus.OK));
        MemorySegment found = rig.read(0, span);
        if (rig.subject.keepsData()) {
            for (int block = 0; block < span; block++) {
                expectOneOf(covered[block], found.asSlice(rig.bytes(block), rig.info.blockSize()), block);
            }
        }
    }

    private static void fuaAndFlush(BdevRig rig) {
        MemorySegment content = rig.randomBlocks(4);
        TestRequest request = new TestRequest();
        request.data.add(content, 0, content.byteSize());
        rig.runWell(request.with(IoType.WRITE, 11, 4, BdevIo.FUA));
        rig.expect(11, content);
        if (rig.supports(IoType.FLUSH)) {
            rig.write(20, content);
            rig.runWell(new TestRequest().plain(IoType.FLUSH, 0, 0));
            rig.expect(20, content);
        }
    }

    private static void expectOneOf(long covered, MemorySegment block, int number) {
        byte winner = block.get(ValueLayout.JAVA_BYTE, 0);
        boolean written = covered == 0 ? winner == 0 : winner > 0 && (covered >> (winner - 1) & 1) == 1;
        assertThat(written)
                .as("block %d holds %d, one of those written there", number, winner)
                .isTrue();
        MemorySegment whole = MemorySegment.ofArray(new byte[(int) block.byteSize()]);
        whole.fill(winner);
        BdevRig.assertSame(block, whole, "block " + number + " of one write");
    }

    private static void expectGathered(BdevRig rig, ScatterList data, MemorySegment content) {
        if (rig.subject.keepsData()) {
            MemorySegment gathered = MemorySegment.ofArray(new byte[(int) data.bytes()]);
            data.copyTo(gathered, 0, data.bytes());
            BdevRig.assertSame(gathered, content, "gathered from " + data.count() + " extents");
        }
    }

    /** Fills a list with extents of random lengths, from one region after the other, that do not overlap. */
    private static void scatter(ScatterList data, MemorySegment[] regions, long bytes, int longest, Random random) {
        data.clear();
        long[] used = new long[regions.length];
        int region = 0;
        for (long left = bytes; left > 0; region = (region + 1) % regions.length) {
            long gap = random.nextInt(3);
            long room = regions[region].byteSize() - used[region] - gap;
            long length = Math.min(Math.min(left, 1 + random.nextInt(longest)), room);
            if (length > 0) {
                data.add(regions[region], used[region] + gap, length);
                used[region] += gap + length;
                left -= length;
            }
        }
    }
}
