package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask.Function;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.scsi.HostDriverRig.Trial;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What every driver of a host does alike: one check each. */
final class HostDriverChecks {
    private static final int BLOCKS = 64;
    /** The memory of the rig has two of these. */
    private static final long LARGEST_BOUNDARY = 4 << 20;

    private HostDriverChecks() {}

    /** A check; what it is about is its name. */
    interface Check {
        void run(HostDriverRig rig) throws Exception;
    }

    static Map<String, Check> all() {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("a scan finds the same targets again", HostDriverChecks::scan);
        checks.put("parameter data, and its residual", HostDriverChecks::parameters);
        checks.put("sense data", HostDriverChecks::sense);
        checks.put("one extent of each length", HostDriverChecks::lengths);
        checks.put("as many extents as are allowed", HostDriverChecks::segments);
        checks.put("the longest transfer", HostDriverChecks::longest);
        checks.put("memory that is not mapped", HostDriverChecks::unreachable);
        checks.put("extents of a wrong alignment", HostDriverChecks::alignment);
        checks.put("extents across a boundary", HostDriverChecks::boundary);
        checks.put("an extent too many", HostDriverChecks::extentTooMany);
        checks.put("a full queue, and each of several", rig -> eachQueue(rig, HostDriverChecks::fullQueue));
        checks.put("a commit for each command, and for many", HostDriverChecks::commits);
        checks.put("a logical unit that is not there", HostDriverChecks::noUnit);
        checks.put("an abort of what has ended", HostDriverChecks::abortOfNothing);
        checks.put("aborts of commands in flight", rig -> eachQueue(rig, HostDriverChecks::abortInFlight));
        checks.put(
                "resets of a logical unit with commands in flight",
                rig -> eachQueue(rig, each -> reset(each, Function.LUN_RESET)));
        checks.put(
                "resets of a target with commands in flight",
                rig -> eachQueue(rig, each -> reset(each, Function.TARGET_RESET)));
        checks.put("a reset of the adapter with commands in flight", HostDriverChecks::resetController);
        return checks;
    }

    /** A check with each of the adapter's queues in turn. */
    private static void eachQueue(HostDriverRig rig, Check check) throws Exception {
        for (ScsiHostQueue queue : rig.queues) {
            rig.queue = queue;
            check.run(rig);
        }
    }

    private static void scan(HostDriverRig rig) throws Exception {
        List<ScsiTarget> first = rig.driver.scanBus();
        List<ScsiTarget> second = rig.driver.scanBus();
        assertThat(second).hasSameSizeAs(first);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).as("the same object").isSameAs(first.get(i));
        }
        assertThat(first.stream().map(t -> t.bus() + ":" + t.id())).doesNotHaveDuplicates();
        rig.driver.check();
        assertThat(rig.driver.identity().driver()).isNotEmpty();
    }

    private static void parameters(HostDriverRig rig) {
        assertThat(rig.inquiry().type()).isEqualTo(InquiryData.DISK);
        // The device sends less than there is room for: that is no error.
        byte[] data = rig.read(Cdb.parameters(Operation.INQUIRY, 255), 4096);
        assertThat(data.length).isBetween(36, 255);
        // And less than it has.
        assertThat(rig.read(Cdb.parameters(Operation.INQUIRY, 8), 8)).hasSize(8);
    }

    private static void sense(HostDriverRig rig) {
        rig.inquiry();
        rig.read(Cdb.of(Operation.READ_CAPACITY_10), 8);
        Trial trial = rig.new Trial(1);
        rig.run(trial.cdb(new byte[] {(byte) 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, ScsiCommand.NO_DATA));
        assertThat(trial.scsi.hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(trial.scsi.scsiStatus()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        Sense sense = Sense.parse(trial.scsi.sense(), trial.scsi.senseLength()).orElseThrow();
        assertThat(sense.key()).isEqualTo(SenseKey.ILLEGAL_REQUEST);
        assertThat(sense.additional()).contains(AdditionalSense.INVALID_COMMAND_OPERATION_CODE);
    }

    private static void lengths(HostDriverRig rig) {
        for (int blocks : new int[] {1, 2, 3, 8, 17, BLOCKS}) {
            int bytes = blocks * rig.blockSize;
            if (bytes <= rig.capabilities.maxTransferBytes()) {
                MemorySegment content = rig.randomMemory((long) bytes);
                Trial write = rig.new Trial(0);
                write.data.add(content, 0, bytes);
                rig.runWell(write.blocks(Operation.WRITE_10, 5));
                expect(rig, content, 5);
            }
        }
    }

    /** Extents of one block that begin in the middle of pages, as far as the alignment allows. */
    private static void segments(HostDriverRig rig) {
        int most = Math.min(rig.capabilities.maxSegments(), rig.capabilities.maxTransferBytes() / rig.blockSize);
        int count = Math.min(most, 64);
        int shift = Math.max(rig.capabilities.segmentAlignment(), 4);
        MemorySegment content = rig.randomMemory((long) count * rig.blockSize);
        Trial write = rig.new Trial(0);
        for (int i = 0; i < count; i++) {
            MemorySegment page = rig.memory(rig.blockSize + 2 * shift);
            MemorySegment.copy(content, (long) i * rig.blockSize, page, shift, rig.blockSize);
            write.data.add(page, shift, rig.blockSize);
        }
        rig.runWell(write.blocks(Operation.WRITE_10, 100));
        expect(rig, content, 100);
        Trial read = rig.new Trial(1);
        for (int i = 0; i < count; i++) {
            read.data.add(rig.memory(rig.blockSize + 2 * shift), shift, rig.blockSize);
        }
        rig.runWell(read.blocks(Operation.READ_10, 100));
        for (int i = 0; i < count; i++) {
            MemorySegment found = read.data.segment(i).asSlice(shift, rig.blockSize);
            same(found, content.asSlice((long) i * rig.blockSize, rig.blockSize), "extent " + i);
        }
    }

    private static void longest(HostDriverRig rig) {
        int bytes = Math.min(rig.capabilities.maxTransferBytes(), 2 << 20) / rig.blockSize * rig.blockSize;
        MemorySegment content = rig.randomMemory((long) bytes);
        Trial write = rig.new Trial(0);
        long page = 4096;
        int extents = (int) Math.min(rig.capabilities.maxSegments(), bytes / page);
        long each = bytes / page / extents * page;
        for (int i = 0; i < extents; i++) {
            write.data.add(content, i * each, i == extents - 1 ? bytes - i * each : each);
        }
        rig.runWell(write.blocks(Operation.WRITE_10, 0));
        expect(rig, content, 0);
    }

    private static void unreachable(HostDriverRig rig) {
        try (Arena arena = Arena.ofConfined()) {
            Trial trial = rig.new Trial(0);
            trial.data.add(arena.allocate(rig.blockSize, 4096), 0, rig.blockSize);
            trial.blocks(Operation.READ_10, 0);
            assertThat(rig.queue.queueCommand(trial.scsi)).isEqualTo(ScsiHostQueue.UNREACHABLE);
            trial.data.clear();
            trial.data.add(rig.memory(rig.blockSize), 0, rig.blockSize);
            rig.runWell(trial.blocks(Operation.READ_10, 0));
        }
    }

    /** What the capabilities exclude is refused, so that the mid-layer copies it; nothing is left of it. */
    private static void refused(HostDriverRig rig, Trial trial) {
        trial.blocks(Operation.READ_10, 0);
        assertThat(rig.queue.queueCommand(trial.scsi)).isEqualTo(ScsiHostQueue.UNREACHABLE);
        trial.data.clear();
        trial.data.add(rig.memory(rig.blockSize), 0, rig.blockSize);
        rig.runWell(trial.blocks(Operation.READ_10, 0));
    }

    private static void alignment(HostDriverRig rig) {
        int alignment = rig.capabilities.segmentAlignment();
        for (int off = 1; off < alignment; off *= 2) {
            Trial place = rig.new Trial(0);
            place.data.add(rig.memory(2L * rig.blockSize), off, rig.blockSize);
            refused(rig, place);
            if (rig.capabilities.maxSegments() > 1) {
                Trial length = rig.new Trial(0);
                length.data.add(rig.memory(rig.blockSize), 0, rig.blockSize - off);
                length.data.add(rig.memory(rig.blockSize), 0, off);
                refused(rig, length);
            }
        }
    }

    private static void boundary(HostDriverRig rig) {
        long boundary = rig.capabilities.segmentBoundary();
        if (boundary == 0 || boundary > LARGEST_BOUNDARY) {
            return;
        }
        MemorySegment memory = rig.memory(2 * boundary);
        long iova = rig.driver.dma().translation().iova(memory.address(), memory.byteSize());
        long border = -iova & boundary - 1;
        long half = rig.blockSize / 2;
        Trial across = rig.new Trial(0);
        across.data.add(memory, (border == 0 ? boundary : border) - half, rig.blockSize);
        refused(rig, across);
        Trial upTo = rig.new Trial(0);
        upTo.data.add(memory, (border == 0 ? boundary : border) - rig.blockSize, rig.blockSize);
        rig.runWell(upTo.blocks(Operation.READ_10, 0));
    }

    /** One more than is allowed, however short they are. */
    private static void extentTooMany(HostDriverRig rig) {
        int most = rig.capabilities.maxSegments();
        int each = Math.max(rig.capabilities.segmentAlignment(), 4);
        long bytes = ((long) (most + 1) * each + rig.blockSize - 1) / rig.blockSize * rig.blockSize;
        Trial trial = rig.new Trial(0);
        for (int i = 0; i < most; i++) {
            trial.data.add(rig.memory(each), 0, each);
        }
        long left = bytes - (long) most * each;
        trial.data.add(rig.memory(left), 0, left);
        refused(rig, trial);
    }

    /** As many commands as there is room for, with data of each its own, and all again. */
    private static void fullQueue(HostDriverRig rig) {
        rig.inquiry();
        rig.read(Cdb.of(Operation.READ_CAPACITY_10), 8);
        int depth = rig.capabilities.queueDepth();
        MemorySegment content = rig.randomMemory((long) BLOCKS * rig.blockSize);
        Trial write = rig.new Trial(0);
        write.data.add(content, 0, content.byteSize());
        rig.runWell(write.blocks(Operation.WRITE_10, 0));
        for (int round = 0; round < 3; round++) {
            List<Trial> trials = new ArrayList<>();
            for (int tag = 0; tag < depth; tag++) {
                Trial trial = rig.new Trial(tag);
                trial.data.add(rig.memory(rig.blockSize), 0, rig.blockSize);
                trials.add(trial.blocks(Operation.READ_10, tag % BLOCKS));
                assertThat(rig.queue.queueCommand(trial.scsi))
                        .as("command %d", tag)
                        .isEqualTo(ScsiHostQueue.QUEUED);
            }
            rig.queue.commit();
            rig.until("all commands", () -> trials.stream().allMatch(trial -> trial.ends > 0));
            for (Trial trial : trials) {
                assertThat(trial.ends).as("how often it ended").isEqualTo(1);
                if (trial.scsi.scsiStatus() != ScsiStatus.TASK_SET_FULL) {
                    assertThat(trial.good()).isTrue();
                    long at = (long) (trial.scsi.tag() % BLOCKS) * rig.blockSize;
                    MemorySegment found = trial.data.segment(0);
                    same(found, content.asSlice(at, rig.blockSize), "command " + trial.scsi.tag());
                }
            }
        }
    }

    private static void commits(HostDriverRig rig) {
        rig.queue.commit();
        assertThat(rig.queue.poll(1)).isNotNegative();
        for (int count : new int[] {1, 2, 7}) {
            int many = Math.min(count, rig.capabilities.queueDepth());
            List<Trial> trials = new ArrayList<>();
            for (int tag = 0; tag < many; tag++) {
                Trial trial = rig.new Trial(tag);
                trial.data.add(rig.memory(64), 0, 64);
                trials.add(trial.cdb(Cdb.parameters(Operation.INQUIRY, 64), ScsiCommand.READ));
                assertThat(rig.queue.queueCommand(trial.scsi)).isEqualTo(ScsiHostQueue.QUEUED);
            }
            assertThat(trials).as("no end inside queueCommand").allMatch(trial -> trial.ends == 0);
            rig.queue.commit();
            rig.until("commands", () -> trials.stream().allMatch(trial -> trial.ends == 1));
        }
    }

    private static void noUnit(HostDriverRig rig) {
        Trial trial = rig.new Trial(0);
        trial.cdb(Cdb.of(Operation.TEST_UNIT_READY), ScsiCommand.NO_DATA);
        trial.scsi.prepare(new ScsiDevice(rig.disk.target(), 0x0007_0000_0000_0000L), 6, trial.scsi.deadlineNs());
        rig.run(trial);
        assertThat(trial.good()).isFalse();
        rig.inquiry();
    }

    private static void abortOfNothing(HostDriverRig rig) {
        Trial trial = rig.new Trial(3 % rig.capabilities.queueDepth());
        trial.data.add(rig.memory(64), 0, 64);
        rig.runWell(trial.cdb(Cdb.parameters(Operation.INQUIRY, 64), ScsiCommand.READ));
        rig.perform(Function.ABORT_TASK, trial.scsi);
        assertThat(trial.ends).as("it does not end again").isEqualTo(1);
        rig.inquiry();
    }

    /** Each of several is aborted: it ends first, be it aborted or as it would have anyway, and no other ends twice. */
    private static void abortInFlight(HostDriverRig rig) {
        List<Trial> trials = reads(rig, rig.queue);
        for (Trial victim : trials.reversed()) {
            int[] ends = {0};
            if (rig.perform(Function.ABORT_TASK, victim.scsi, () -> ends[0] = victim.ends)) {
                assertThat(ends[0]).as("it ends before the task").isEqualTo(1);
            }
        }
        rig.until("commands after aborts", () -> trials.stream().allMatch(trial -> trial.ends > 0));
        assertThat(trials).as("each ends once").allMatch(trial -> trial.ends == 1);
        assertThat(trials)
                .extracting(trial -> trial.scsi.hostStatus())
                .isSubsetOf(HostStatus.ABORTED, HostStatus.DELIVERED);
        rig.read(Cdb.of(Operation.READ_CAPACITY_10), 8);
    }

    /** It is asked for in the rig's queue, and about the commands of all queues. */
    private static void reset(HostDriverRig rig, Function function) {
        for (int round = 0; round < 3; round++) {
            List<Trial> trials = readsInAllQueues(rig);
            assertThat(rig.perform(function, trials.getFirst().scsi)).isTrue();
            rig.until("commands after a reset", () -> trials.stream().allMatch(trial -> trial.ends > 0));
            assertThat(trials).as("each ends once").allMatch(trial -> trial.ends == 1);
        }
        rig.read(Cdb.of(Operation.READ_CAPACITY_10), 8);
    }

    private static void resetController(HostDriverRig rig) throws Exception {
        List<ScsiTarget> before = rig.driver.scanBus();
        for (int attempt = 0; attempt < 2; attempt++) {
            List<Trial> trials = readsInAllQueues(rig);
            rig.driver.resetController(attempt);
            rig.driver.check();
            assertThat(trials).as("a reset ends none of them").allMatch(trial -> trial.ends <= 1);
            int[] ends = trials.stream().mapToInt(trial -> trial.ends).toArray();
            // All places are free again: the tags are used by others at once.
            rig.inquiry();
            rig.read(Cdb.of(Operation.READ_CAPACITY_10), 8);
            assertThat(trials.stream().mapToInt(trial -> trial.ends).toArray()).isEqualTo(ends);
            assertThat(rig.driver.scanBus()).containsExactlyElementsOf(before);
        }
        assertThat(rig.events).as("what was told").noneMatch(event -> event.startsWith("failed"));
    }

    private static List<Trial> readsInAllQueues(HostDriverRig rig) {
        return rig.queues.stream().flatMap(queue -> reads(rig, queue).stream()).toList();
    }

    private static List<Trial> reads(HostDriverRig rig, ScsiHostQueue queue) {
        List<Trial> trials = new ArrayList<>();
        int count = Math.min(16, rig.capabilities.queueDepth());
        for (int tag = 0; tag < count; tag++) {
            Trial trial = rig.new Trial(tag);
            trial.data.add(rig.memory(rig.blockSize), 0, rig.blockSize);
            trials.add(trial.blocks(Operation.READ_10, tag));
            assertThat(queue.queueCommand(trial.scsi)).isEqualTo(ScsiHostQueue.QUEUED);
        }
        queue.commit();
        return trials;
    }

    private static void expect(HostDriverRig rig, MemorySegment content, long lba) {
        Trial read = rig.new Trial(1);
        read.data.add(rig.memory(content.byteSize()), 0, content.byteSize());
        rig.runWell(read.blocks(Operation.READ_10, lba));
        assertThat(read.scsi.residual()).as("residual").isZero();
        same(read.data.segment(0), content, "block " + lba + " on");
    }

    private static void same(MemorySegment found, MemorySegment expected, String where) {
        assertThat(found.mismatch(expected))
                .as("first byte that differs from what was written, %s", where)
                .isEqualTo(-1);
    }
}
