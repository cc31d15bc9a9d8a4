package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What is not inside the device, or not a request at all, is refused and changes nothing. */
final class RangeChecks {
    private RangeChecks() {}

    static List<Check> all(BdevSubject subject) {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.of(subject, "out of range", RangeChecks::outOfRange));
        checks.add(Check.of(subject, "wrong length of data", RangeChecks::wrongLength));
        checks.add(Check.of(subject, "types that are not supported", RangeChecks::unsupported));
        subject.readOnly().ifPresent(device -> checks.add(new Check("read-only", device, RangeChecks::readOnly)));
        subject.fault()
                .ifPresent(fault ->
                        checks.add(new Check("error mapping", fault.device(), rig -> errorMapping(rig, fault))));
        return checks;
    }

    private static void outOfRange(BdevRig rig) {
        long end = rig.info.numBlocks();
        long[][] ranges = {
            {0, 0},
            {5, 0},
            {end, 1},
            {end - 1, 2},
            {0, end + 1},
            {end + 1, 1},
            {-1, 1},
            {-1, 2},
            {Long.MIN_VALUE, 1},
            {Long.MAX_VALUE, 1},
            {Long.MAX_VALUE, Long.MAX_VALUE},
            {1, Long.MAX_VALUE},
            {5, -1},
            {end, Long.MIN_VALUE},
        };
        MemorySegment block = rig.randomBlocks(1);
        TestRequest request = new TestRequest();
        for (IoType type : IoType.values()) {
            for (long[] range : ranges) {
                if (type.hasRange() && rig.supports(type)) {
                    request.transfer(type, range[0], range[1], block);
                    assertThat(rig.run(request))
                            .as("%s of %d blocks at %d", type, range[1], range[0])
                            .isEqualTo(IoStatus.INVALID);
                }
            }
        }
    }

    private static void wrongLength(BdevRig rig) {
        MemorySegment memory = rig.randomBlocks(4);
        long[] lengths = {0, 1, rig.info.blockSize() - 1, rig.bytes(2) - 1, rig.bytes(2) + 1, rig.bytes(3)};
        TestRequest request = new TestRequest();
        for (IoType type : IoType.values()) {
            if (!type.movesData() || !rig.supports(type)) {
                continue;
            }
            for (long length : lengths) {
                request.data.clear();
                request.data.add(memory, 0, length);
                assertThat(rig.run(request.with(type, 4, 2, 0)))
                        .as("%s of 2 blocks with %d bytes", type, length)
                        .isEqualTo(IoStatus.INVALID);
            }
        }
    }

    private static void unsupported(BdevRig rig) {
        TestRequest request = new TestRequest();
        MemorySegment block = rig.randomBlocks(1);
        for (IoType type : IoType.values()) {
            request.transfer(type, 0, 1, block);
            if (!type.hasRange()) {
                request.plain(type, 0, 0);
            } else if (type == IoType.COPY) {
                request.copy(1, 0, 1);
            }
            int expected = rig.supports(type) ? IoStatus.OK : IoStatus.NOT_SUPPORTED;
            assertThat(rig.run(request)).as("%s", type).isEqualTo(expected);
        }
    }

    private static void readOnly(BdevRig rig) {
        assertThat(rig.info.readOnly()).isTrue();
        MemorySegment before = rig.read(0, 4);
        TestRequest request = new TestRequest();
        for (IoType type : IoType.values()) {
            if (type.modifies() && rig.supports(type)) {
                request.transfer(type, 0, 4, rig.randomBlocks(4));
                if (type == IoType.COPY) {
                    request.copy(4, 0, 4);
                }
                assertThat(rig.run(request)).as("%s", type).isEqualTo(IoStatus.READ_ONLY);
            }
        }
        rig.expect(0, before);
    }

    private static void errorMapping(BdevRig rig, BdevSubject.Fault fault) {
        long last = rig.info.numBlocks() - 1;
        TestRequest request = new TestRequest();
        MemorySegment block = rig.memory(rig.bytes(1));
        rig.runWell(request.transfer(IoType.READ, last, 1, block));
        fault.inject().accept(rig.info);
        unreadable(rig, fault.status());
    }

    /** The last block cannot be read, and the others can. */
    static void unreadable(BdevRig rig, int status) {
        TestRequest request = new TestRequest();
        MemorySegment block = rig.memory(rig.bytes(1));
        assertThat(rig.run(request.transfer(IoType.READ, rig.info.numBlocks() - 1, 1, block)))
                .isEqualTo(status);
        rig.runWell(request.transfer(IoType.READ, 0, 1, block));
    }
}
