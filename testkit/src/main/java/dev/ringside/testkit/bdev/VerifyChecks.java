package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** COMPARE and VERIFY, of devices that have them, say of blocks what is true, and change nothing. */
final class VerifyChecks {
    private VerifyChecks() {}

    static List<Check> all(BdevSubject subject) {
        return List.of(
                Check.of(subject, "compare", VerifyChecks::compare),
                Check.of(subject, "compare, extents of odd lengths", VerifyChecks::compareExtents),
                Check.of(subject, "verify", VerifyChecks::verify));
    }

    private static void compare(BdevRig rig) {
        if (!rig.supports(IoType.COMPARE)) {
            // That it is refused then is a check of its own.
            return;
        }
        long[][] ranges = {{0, 1}, {7, 9}, {13, 64}, {5, rig.blocks(3 << 20)}, {rig.info.numBlocks() - 2, 2}};
        TestRequest request = new TestRequest();
        for (long[] range : ranges) {
            MemorySegment content = rig.randomBlocks(range[1]);
            rig.write(range[0], content);
            rig.runWell(request.transfer(IoType.COMPARE, range[0], range[1], content));
            for (long at : new long[] {0, content.byteSize() / 2, content.byteSize() - 1}) {
                flip(content, at);
                assertThat(rig.run(request.transfer(IoType.COMPARE, range[0], range[1], content)))
                        .as("comparison of %d blocks at %d with another byte at %d", range[1], range[0], at)
                        .isEqualTo(IoStatus.MISCOMPARE);
                flip(content, at);
            }
            rig.expect(range[0], content);
        }
    }

    private static void compareExtents(BdevRig rig) {
        if (!rig.supports(IoType.COMPARE)) {
            return;
        }
        MemorySegment content = rig.randomBlocks(16);
        rig.write(3, content);
        TestRequest request = new TestRequest();
        int piece = 1 + rig.random.nextInt(rig.info.blockSize());
        for (long at = 0; at < content.byteSize(); at += piece) {
            request.data.add(content, at, Math.min(piece, content.byteSize() - at));
        }
        rig.runWell(request.with(IoType.COMPARE, 3, 16, 0));
        flip(content, content.byteSize() - 1);
        assertThat(rig.run(request.with(IoType.COMPARE, 3, 16, 0))).isEqualTo(IoStatus.MISCOMPARE);
    }

    private static void verify(BdevRig rig) {
        if (!rig.supports(IoType.VERIFY)) {
            return;
        }
        MemorySegment content = rig.randomBlocks(9);
        rig.write(1, content);
        TestRequest request = new TestRequest();
        rig.runWell(request.plain(IoType.VERIFY, 1, 9));
        rig.runWell(request.plain(IoType.VERIFY, 0, rig.info.numBlocks()));
        rig.expect(1, content);
    }

    private static void flip(MemorySegment content, long at) {
        content.set(ValueLayout.JAVA_BYTE, at, (byte) ~content.get(ValueLayout.JAVA_BYTE, at));
    }
}
