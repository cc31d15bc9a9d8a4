package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** COPY, of devices that have it, copies blocks and nothing else. */
final class CopyChecks {
    private static final int AT_ONCE = 16;

    private CopyChecks() {}

    static List<Check> all(BdevSubject subject) {
        return List.of(
                Check.of(subject, "copy", CopyChecks::copy),
                Check.of(subject, "copies at once", CopyChecks::copiesAtOnce),
                Check.of(subject, "copy of what cannot be copied", CopyChecks::refused));
    }

    private static void copy(BdevRig rig) {
        if (!rig.supports(IoType.COPY)) {
            // That it is refused then is a check of its own.
            return;
        }
        long end = rig.info.numBlocks();
        long most = rig.blocks(3 << 20);
        long[][] copies = {
            {0, 1, 1},
            {1, 0, 1},
            {7, 100, 9},
            {100, 109, 9},
            {5, 5 + most, most},
            {end - most, 3, most},
            {3, end - most, most},
            {end - 2, 2, 2}
        };
        TestRequest request = new TestRequest();
        for (long[] each : copies) {
            long from = each[0];
            long to = each[1];
            long blocks = each[2];
            MemorySegment content = rig.randomBlocks(blocks);
            rig.write(to, rig.randomBlocks(blocks));
            rig.write(from, content);
            MemorySegment behind = to + blocks < end ? rig.read(to + blocks, 1) : rig.read(to - 1, 1);
            rig.runWell(request.copy(from, to, blocks));
            rig.expect(to, content);
            rig.expect(from, content);
            rig.expect(to + blocks < end ? to + blocks : to - 1, behind);
        }
    }

    private static void copiesAtOnce(BdevRig rig) {
        if (!rig.supports(IoType.COPY)) {
            return;
        }
        long blocks = rig.blocks(256 << 10) + 1;
        MemorySegment content = rig.randomBlocks(blocks * AT_ONCE);
        rig.write(0, content);
        List<TestRequest> requests = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            requests.add(new TestRequest().copy(i * blocks, (AT_ONCE + i) * blocks, blocks));
        }
        requests.forEach(request -> rig.channel.submit(request.io));
        rig.channel.flush();
        rig.await("the copies", () -> requests.stream().allMatch(TestRequest::done));
        assertThat(requests).allSatisfy(request -> assertThat(request.status).isEqualTo(IoStatus.OK));
        rig.expect(AT_ONCE * blocks, content);
        rig.expect(0, content);
    }

    private static void refused(BdevRig rig) {
        if (!rig.supports(IoType.COPY)) {
            return;
        }
        long end = rig.info.numBlocks();
        MemorySegment content = rig.randomBlocks(16);
        rig.write(0, content);
        long[][] copies = {
            {0, 0, 1},
            {0, 7, 8},
            {7, 0, 8},
            {end, 0, 1},
            {end - 1, 0, 2},
            {-1, 1, 1},
            {Long.MIN_VALUE, 0, 1},
            {Long.MAX_VALUE, 0, 1},
            {0, end, 1},
            {0, -1, 1},
            {0, 8, 0}
        };
        TestRequest request = new TestRequest();
        for (long[] each : copies) {
            assertThat(rig.run(request.copy(each[0], each[1], each[2])))
                    .as("copy of %d blocks at %d to %d", each[2], each[0], each[1])
                    .isEqualTo(IoStatus.INVALID);
        }
        rig.expect(0, content);
    }
}
