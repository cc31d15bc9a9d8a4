package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.block.Capacity;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.scsi.inquiry.InquiryData;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.bdev.ReachableMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A started driver with a disk, as the mid-layer would use it, but on one thread. */
final class HostDriverRig implements HostControl, ScsiTopology, AutoCloseable {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int MAPPED_BYTES = 16 << 20;
    private static final int ATTENTIONS = 32;
    private static final int BUDGET = 1024;

    final ScsiHostDriver driver;
    final HostCapabilities capabilities;
    /** All that the adapter has. */
    final List<ScsiHostQueue> queues = new ArrayList<>();

    final ScsiDevice disk;
    final int blockSize;
    final Random random;
    final List<String> events = new ArrayList<>();
    private final ReachableMemory memory;
    /** The queue that is used now. */
    ScsiHostQueue queue;

    HostDriverRig(HostSubject subject, long seed) throws Exception {
        this.random = new Random(seed);
        DmaSpace dma = new DmaSpace();
        this.memory = new ReachableMemory(dma, MAPPED_BYTES);
        this.driver = subject.create(dma);
        driver.start(this);
        this.capabilities = driver.capabilities();
        for (int i = 0; i < capabilities.queues(); i++) {
            queues.add(driver.queue(i));
        }
        this.queue = queues.getFirst();
        this.disk = findDisk(subject.target());
        byte[] capacity = read(Cdb.of(Operation.READ_CAPACITY_10), 8);
        this.blockSize = Capacity.parseShort(capacity, 8).orElseThrow().blockSize();
    }

    /** A command that tells how it ended. */
    final class Trial implements ScsiCommand.Owner {
        final ScsiCommand scsi;
        final ScatterList data = new ScatterList(1);
        int ends;

        Trial(int tag) {
            this.scsi = new ScsiCommand(tag, this);
        }

        Trial cdb(byte[] cdb, int direction) {
            Arrays.fill(scsi.cdb(), (byte) 0);
            System.arraycopy(cdb, 0, scsi.cdb(), 0, cdb.length);
            scsi.prepare(disk, cdb.length, direction, data, System.nanoTime() + LIMIT_NS);
            ends = 0;
            return this;
        }

        Trial blocks(Operation operation, long lba) {
            boolean read = operation == Operation.READ_10;
            return cdb(
                    Cdb.range(operation, lba, data.bytes() / blockSize, 0),
                    read ? ScsiCommand.READ : ScsiCommand.WRITE);
        }

        boolean good() {
            return scsi.hostStatus() == HostStatus.DELIVERED && scsi.scsiStatus() == ScsiStatus.GOOD;
        }

        @Override
        public void commandDone(ScsiCommand command) {
            assertThat(command).isSameAs(scsi);
            ends++;
        }
    }

    /**
     * Memory that the adapter reaches, at the beginning of a page; what there was before is handed out again by and by. It crosses
     * no boundary that the adapter minds, unless it is longer than what is between two.
     */
    MemorySegment memory(long bytes) {
        MemorySegment found = memory.allocate(bytes);
        while (bytes <= capabilities.segmentBoundary() && crosses(found)) {
            found = memory.allocate(bytes);
        }
        return found;
    }

    private boolean crosses(MemorySegment found) {
        long iova = driver.dma().translation().iova(found.address(), found.byteSize());
        return ((iova ^ iova + found.byteSize() - 1) & -capabilities.segmentBoundary()) != 0;
    }

    MemorySegment randomMemory(long bytes) {
        byte[] content = new byte[(int) bytes];
        random.nextBytes(content);
        return memory(bytes).copyFrom(MemorySegment.ofArray(content));
    }

    /** Runs a command to its end. */
    void run(Trial trial) {
        assertThat(queue.queueCommand(trial.scsi)).as("queueCommand").isEqualTo(ScsiHostQueue.QUEUED);
        queue.commit();
        until("a command", () -> trial.ends > 0);
        assertThat(trial.ends).as("how often it ended").isEqualTo(1);
    }

    /** Runs a command that has to end well, once the disk has told what it has to tell. */
    void runWell(Trial trial) {
        for (int i = 0; i < ATTENTIONS; i++) {
            run(trial);
            boolean attention = trial.scsi.scsiStatus() == ScsiStatus.CHECK_CONDITION
                    && Sense.keyIn(trial.scsi.sense(), trial.scsi.senseLength()) == SenseKey.UNIT_ATTENTION;
            if (!attention) {
                break;
            }
            trial.ends = 0;
        }
        assertThat(trial.scsi.hostStatus()).as("host status").isEqualTo(HostStatus.DELIVERED);
        assertThat(trial.scsi.scsiStatus()).as("SCSI status").isEqualTo(ScsiStatus.GOOD);
    }

    byte[] read(byte[] cdb, int bytes) {
        Trial trial = new Trial(0);
        int alignment = capabilities.segmentAlignment();
        int room = (bytes + alignment - 1) & -alignment;
        trial.data.add(memory(room), 0, room);
        runWell(trial.cdb(cdb, ScsiCommand.READ));
        long got = Math.min(bytes, room - trial.scsi.residual());
        return trial.data.segment(0).asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Performs a task management function; whether it was performed. */
    boolean perform(ScsiTask.Function function, ScsiCommand victim) {
        return perform(function, victim, () -> {});
    }

    /**
     * Performs a task management function.
     *
     * @param atEnd runs when it ends
     * @return whether it was performed
     */
    boolean perform(ScsiTask.Function function, ScsiCommand victim, Runnable atEnd) {
        int[] ended = {0};
        boolean[] well = {false};
        ScsiTask task = new ScsiTask((done, performed) -> {
            ended[0]++;
            well[0] = performed;
            atEnd.run();
        });
        if (function == ScsiTask.Function.ABORT_TASK) {
            task.prepareAbort(victim);
        } else {
            task.prepareReset(function, disk);
        }
        assertThat(queue.queueTask(task)).as("queueTask").isEqualTo(ScsiHostQueue.QUEUED);
        queue.commit();
        until("a task", () -> ended[0] > 0);
        assertThat(ended[0]).as("how often it ended").isEqualTo(1);
        return well[0];
    }

    void until(String what, BooleanSupplier so) {
        assertThat(await(so, System.nanoTime() + LIMIT_NS))
                .as("%s in %d s", what, TimeUnit.NANOSECONDS.toSeconds(LIMIT_NS))
                .isTrue();
    }

    private ScsiDevice findDisk(int index) throws Exception {
        List<ScsiTarget> targets = driver.scanBus();
        assertThat(targets).as("targets").hasSizeGreaterThan(index);
        return new ScsiDevice(targets.get(index), 0);
    }

    /** Standard INQUIRY data of the disk. */
    InquiryData inquiry() {
        byte[] data = read(Cdb.parameters(Operation.INQUIRY, InquiryData.BYTES), InquiryData.BYTES);
        return InquiryData.parse(data, data.length).orElseThrow();
    }

    @Override
    public ScsiTopology topology() {
        return this;
    }

    @Override
    public void onQueue(Runnable action) {
        action.run();
    }

    @Override
    public boolean await(BooleanSupplier done, long deadlineNs) {
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            if (poll() == 0) {
                Thread.onSpinWait();
            }
        }
        return true;
    }

    /** Polls all queues; while the driver starts, the one that is its own. */
    private int poll() {
        if (queues.isEmpty()) {
            return driver.queue(0).poll(BUDGET);
        }
        int handled = 0;
        for (ScsiHostQueue each : queues) {
            handled += each.poll(BUDGET);
        }
        return handled;
    }

    @Override
    public void changed() {
        events.add("changed");
    }

    @Override
    public void removed(ScsiTarget target) {
        events.add("removed " + target);
    }

    @Override
    public void disturbed(ScsiTarget target) {
        events.add("disturbed " + target);
    }

    @Override
    public void failed(String why) {
        events.add("failed: " + why);
    }

    @Override
    public void close() {
        driver.close();
        memory.close();
    }
}
