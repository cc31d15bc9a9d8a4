package dev.ringside.testkit.bdev;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** UNMAP, WRITE_ZEROES and SECURE_ERASE do what they say to their blocks, and nothing to the others. */
final class ZeroChecks {
    /** First block and length, in blocks. */
    private static final long[][] RANGES = {{0, 1}, {1, 1}, {3, 5}, {7, 9}, {8, 8}, {13, 64}, {100, 4096}, {5, 9000}};

    private static final long LARGE = BdevSubject.MIN_BYTES - (1 << 20);

    private ZeroChecks() {}

    static List<Check> all(BdevSubject subject) {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.of(subject, "write zeroes", rig -> ranges(rig, IoType.WRITE_ZEROES, 0)));
        checks.add(Check.of(
                subject, "write zeroes, may unmap", rig -> ranges(rig, IoType.WRITE_ZEROES, BdevIo.MAY_UNMAP)));
        checks.add(Check.of(
                subject,
                "write zeroes, forced unit access",
                rig -> ranges(rig, IoType.WRITE_ZEROES, BdevIo.FUA | BdevIo.MAY_UNMAP)));
        checks.add(Check.of(subject, "unmap", rig -> ranges(rig, IoType.UNMAP, 0)));
        checks.add(Check.of(subject, "secure erase", rig -> ranges(rig, IoType.SECURE_ERASE, 0)));
        return checks;
    }

    private static void ranges(BdevRig rig, IoType type, int flags) {
        if (!rig.supports(type)) {
            // That it is refused then is a check of its own.
            return;
        }
        for (long[] range : RANGES) {
            long lba = range[0];
            range(rig, type, flags, lba, Math.min(range[1], rig.info.numBlocks() - lba - 1));
        }
        range(rig, type, flags, 3, rig.blocks(LARGE) - 8);
        range(rig, type, flags, 0, rig.blocks(LARGE));
        range(rig, type, flags, rig.info.numBlocks() - 3, 3);
    }

    private static void range(BdevRig rig, IoType type, int flags, long lba, long blocks) {
        long before = Math.min(2, lba);
        long after = Math.min(2, rig.info.numBlocks() - lba - blocks);
        MemorySegment content = rig.randomBlocks(before + blocks + after);
        rig.write(lba - before, content);
        TestRequest request = new TestRequest();
        request.data.clear();
        rig.runWell(request.with(type, lba, blocks, flags));
        MemorySegment zeroed = content.asSlice(rig.bytes(before), rig.bytes(blocks));
        if (type == IoType.WRITE_ZEROES) {
            zeroed.fill((byte) 0);
            rig.expect(lba - before, content);
        } else {
            // What unmapped blocks read is not said, but they can be read, and written.
            expect(rig, lba - before, content.asSlice(0, rig.bytes(before)));
            expect(rig, lba + blocks, content.asSlice(rig.bytes(before + blocks)));
            rig.read(lba, blocks);
            rig.write(lba, zeroed);
            rig.expect(lba - before, content);
        }
    }

    private static void expect(BdevRig rig, long lba, MemorySegment content) {
        if (content.byteSize() > 0) {
            rig.expect(lba, content);
        }
    }
}
