package dev.ringside.testkit.mptsas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.mptsas.MptsasProvider;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.scsi.BigEndian;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** What a driver has to do with an adapter that is there, as a program without JUnit, for a guest that drives it by VFIO. */
public final class AdapterSuite {
    private static final int HALF = DriverRig.MEMORY_BYTES / 2;
    private static final int LIST_BYTES = 64 << 10;
    private static final int ONE_AT_A_TIME = 500;

    private final DriverRig rig;
    private final Random random = new Random(1);
    private ScsiDevice device;
    private int blockSize;

    private AdapterSuite(DriverRig rig, ScsiTarget first) {
        this.rig = rig;
        this.device = DriverRig.unit(first);
    }

    /** Takes a PCI address; ends with an exception if something is wrong. All data on the disks is lost. */
    public static void main(String[] args) throws Exception {
        VfioHost host = new VfioHost(new DmaSpace());
        PciAddress address = PciAddress.parse(args[0]).orElseThrow();
        MptsasProvider provider = new MptsasProvider();
        var pci = new PciBus().find(address).orElseThrow();
        assertThat(provider.drives(pci)).isTrue();
        try (DriverRig rig = new DriverRig(provider.open(host.open(pci)))) {
            System.out.println(rig.driver().identity() + " " + rig.driver().capabilities());
            var targets = rig.driver().scanBus();
            AdapterSuite suite = new AdapterSuite(rig, targets.getFirst());
            for (ScsiTarget target : targets) {
                suite.check(target);
            }
            suite.resets();
        }
        System.out.println("suite: passed");
    }

    private void check(ScsiTarget target) {
        device = DriverRig.unit(target);
        rig.clearAttention(device);
        MemorySegment data = rig.memory();
        byte[] inquiry = {0x12, 0, 0, 0, 36, 0};
        assertThat(rig.run(rig.prepareRead(0, device, inquiry, rig.part(0, 36))).residual())
                .isZero();
        byte[] capacity = new byte[16];
        capacity[0] = (byte) 0x9e;
        capacity[1] = 0x10;
        capacity[13] = 32;
        assertThat(rig.run(rig.prepareRead(0, device, capacity, rig.part(64, 32)))
                        .scsiStatus())
                .isEqualTo(ScsiStatus.GOOD);
        byte[] said = data.asSlice(64, 32).toArray(ValueLayout.JAVA_BYTE);
        blockSize = (int) BigEndian.u32(said, 8);
        long last = BigEndian.u64(said, 0);
        System.out.println(target + ": " + (last + 1) + " blocks of " + blockSize);

        ScsiCommand beyond = rig.run(rig.prepare(0, device, false, last + 1, 1, rig.part(0, blockSize)));
        assertThat(beyond.scsiStatus()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        assertThat(Sense.parse(beyond.sense(), beyond.senseLength())
                        .orElseThrow()
                        .key())
                .isEqualTo(SenseKey.ILLEGAL_REQUEST);
        lists();
        allTags();
        latency();
    }

    private void lists() {
        for (int extents = 1; extents <= rig.driver().capabilities().maxSegments(); extents++) {
            byte[] content = new byte[LIST_BYTES];
            random.nextBytes(content);
            MemorySegment.copy(content, 0, rig.memory(), ValueLayout.JAVA_BYTE, 0, LIST_BYTES);
            int blocks = LIST_BYTES / blockSize;
            done(rig.run(rig.prepare(0, device, true, 3, blocks, cut(0, extents))));
            rig.memory().asSlice(HALF, LIST_BYTES).fill((byte) 0);
            done(rig.run(rig.prepare(1, device, false, 3, blocks, cut(HALF, extents))));
            assertThat(rig.memory().asSlice(HALF, LIST_BYTES).toArray(ValueLayout.JAVA_BYTE))
                    .as("%d extents", extents)
                    .isEqualTo(content);
        }
    }

    /** One piece after the other, of about the same lengths, which are no multiples of a block. */
    private ScatterList cut(long offset, int extents) {
        ScatterList list = new ScatterList(extents);
        int at = 0;
        for (int i = 1; i <= extents; i++) {
            int end = i == extents ? LIST_BYTES : (int) ((long) LIST_BYTES * i / extents) & -4;
            list.add(rig.memory(), offset + at, end - at);
            at = end;
        }
        return list;
    }

    private void allTags() {
        int depth = rig.driver().capabilities().queueDepth();
        for (int round = 0; round < 5; round++) {
            int[] before = queueAll(depth);
            rig.awaitEnd("the end of all", () -> {
                for (int tag = 0; tag < depth; tag++) {
                    if (rig.ends(tag) == before[tag]) {
                        return false;
                    }
                }
                return true;
            });
            for (int tag = 0; tag < depth; tag++) {
                assertThat(rig.ends(tag) - before[tag]).isEqualTo(1);
                done(rig.command(tag));
            }
        }
    }

    private int[] queueAll(int depth) {
        int[] before = new int[depth];
        for (int tag = 0; tag < depth; tag++) {
            before[tag] = rig.ends(tag);
            ScsiCommand command =
                    rig.prepare(tag, device, tag % 2 == 0, tag, 4096 / blockSize, rig.part(tag * 4096L, 4096));
            assertThat(rig.queue().queueCommand(command)).isEqualTo(ScsiHostQueue.QUEUED);
        }
        rig.queue().commit();
        return before;
    }

    private void latency() {
        long start = System.nanoTime();
        for (int i = 0; i < ONE_AT_A_TIME; i++) {
            done(rig.run(rig.prepare(0, device, false, random.nextInt(1000), 4096 / blockSize, rig.part(0, 4096))));
        }
        System.out.printf("one at a time: %.1f us%n", (System.nanoTime() - start) / 1e3 / ONE_AT_A_TIME);
    }

    private void resets() throws Exception {
        int depth = rig.driver().capabilities().queueDepth();
        for (ScsiTask.Function function : new ScsiTask.Function[] {
            ScsiTask.Function.ABORT_TASK, ScsiTask.Function.LUN_RESET, ScsiTask.Function.TARGET_RESET
        }) {
            int[] before = queueAll(depth);
            boolean performed = function == ScsiTask.Function.ABORT_TASK
                    ? rig.abort(rig.command(depth - 1))
                    : rig.reset(function, device);
            assertThat(performed).as("%s", function).isTrue();
            rig.awaitEnd("the end of all", () -> {
                for (int tag = 0; tag < depth; tag++) {
                    if (rig.ends(tag) == before[tag]) {
                        return false;
                    }
                }
                return true;
            });
            int aborted = 0;
            for (int tag = 0; tag < depth; tag++) {
                assertThat(rig.command(tag).hostStatus()).isIn(HostStatus.DELIVERED, HostStatus.ABORTED);
                aborted += rig.command(tag).hostStatus() == HostStatus.ABORTED ? 1 : 0;
            }
            System.out.println(function + ": performed, " + aborted + " of " + depth + " aborted");
            rig.clearAttention(device);
            allTags();
        }
        for (int attempt = 0; attempt < 4; attempt++) {
            int[] before = queueAll(depth);
            rig.driver().resetController(attempt % 2);
            rig.driver().check();
            for (int tag = 0; tag < depth; tag++) {
                assertThat(rig.ends(tag)).isEqualTo(before[tag]);
            }
            assertThat(rig.driver().scanBus()).contains(device.target());
            rig.clearAttention(device);
            allTags();
        }
        System.out.println(
                "controller resets: done; told " + rig.told.stream().distinct().toList());
    }

    private static void done(ScsiCommand command) {
        assertThat(command.hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(command.scsiStatus()).isEqualTo(ScsiStatus.GOOD);
        assertThat(command.residual()).isZero();
    }
}
