package dev.ringside.testkit.mptsas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.scsi.BigEndian;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * The mid-layer's part towards one driver, on one thread, without anything that a mid-layer does of itself: no retries, no
 * recovery. For tests of drivers.
 */
public final class DriverRig implements HostControl, ScsiTopology, AutoCloseable {
    /** Bytes of memory that the adapter reaches. */
    public static final int MEMORY_BYTES = 8 << 20;

    private static final int BUDGET = 16;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);

    /** What the driver told of: "changed", "removed target ...", "disturbed target ...", "failed ...". */
    public final List<String> told = new ArrayList<>();

    private final ScsiHostDriver driver;
    private final ModelFunction model;
    private final Mapping memory = Mapping.anonymous(MEMORY_BYTES);
    private final DmaSpace.DmaRegion region;
    private final List<ScsiCommand> commands = new ArrayList<>();
    private final int[] ends;
    private int tasksDone;
    private boolean taskPerformed;

    /**
     * Starts a driver.
     *
     * @param model that it drives
     * @throws ScsiHostException if it does not start; it is closed then
     * @throws LinuxException if no memory can be mapped for it
     */
    public DriverRig(ScsiHostDriver driver, ModelFunction model) throws ScsiHostException, LinuxException {
        this.driver = driver;
        this.model = model;
        this.region = driver.dma().add(memory.segment());
        try {
            driver.start(this);
        } catch (ScsiHostException e) {
            release();
            throw e;
        }
        int depth = driver.capabilities().queueDepth();
        this.ends = new int[depth];
        for (int tag = 0; tag < depth; tag++) {
            commands.add(new ScsiCommand(tag, command -> ends[command.tag()]++));
        }
    }

    /** The driver. */
    public ScsiHostDriver driver() {
        return driver;
    }

    /** Its queue. */
    public ScsiHostQueue queue() {
        return driver.queue(0);
    }

    /** Memory that the adapter reaches. */
    public MemorySegment memory() {
        return memory.segment();
    }

    /** The command of a tag. */
    public ScsiCommand command(int tag) {
        return commands.get(tag);
    }

    /** How often the command of a tag has ended. */
    public int ends(int tag) {
        return ends[tag];
    }

    /** Logical unit 0 of a target. */
    public static ScsiDevice unit(ScsiTarget target) {
        return new ScsiDevice(target, 0);
    }

    /** Logical unit 0 of the target at a place of a scan, with nothing left to tell of. */
    public ScsiDevice readyUnit(int index) throws ScsiHostException {
        ScsiDevice device = unit(driver.scanBus().get(index));
        clearAttention(device);
        return device;
    }

    /** Prepares to read the block whose number is the tag, to a place of the tag's own. */
    public ScsiCommand prepareBlock(int tag, ScsiDevice device) {
        return prepare(tag, device, false, tag, 1, part(tag * 4096L, 512));
    }

    /** Reads with some tags, each of which has to end once. */
    public void assertWorks(ScsiDevice device) {
        clearAttention(device);
        for (int tag = 0; tag < 20; tag++) {
            int before = ends(tag);
            assertThat(run(prepareBlock(tag, device)).hostStatus()).isEqualTo(HostStatus.DELIVERED);
            assertThat(command(tag).residual()).isZero();
            assertThat(ends(tag) - before).isEqualTo(1);
        }
    }

    /** A call fails, and says of what kind that is. */
    public static void assertKind(ThrowingCallable call, Kind kind) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ScsiHostException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    /** Prepares a READ (16) or WRITE (16). */
    public ScsiCommand prepare(int tag, ScsiDevice device, boolean write, long lba, int blocks, ScatterList data) {
        ScsiCommand command = command(tag);
        byte[] cdb = command.cdb();
        Arrays.fill(cdb, (byte) 0);
        cdb[0] = (byte) (write ? 0x8a : 0x88);
        BigEndian.put64(cdb, 2, lba);
        BigEndian.put32(cdb, 10, blocks);
        command.prepare(device, 16, write ? ScsiCommand.WRITE : ScsiCommand.READ, data, 0);
        return command;
    }

    /** Prepares a command with a CDB, which reads. */
    public ScsiCommand prepareRead(int tag, ScsiDevice device, byte[] cdb, ScatterList data) {
        ScsiCommand command = command(tag);
        Arrays.fill(command.cdb(), (byte) 0);
        System.arraycopy(cdb, 0, command.cdb(), 0, cdb.length);
        command.prepare(device, cdb.length, ScsiCommand.READ, data, 0);
        return command;
    }

    /** Prepares TEST UNIT READY. */
    public ScsiCommand prepareReady(int tag, ScsiDevice device) {
        ScsiCommand command = command(tag);
        Arrays.fill(command.cdb(), (byte) 0);
        command.prepare(device, 6, 0);
        return command;
    }

    /** Part of the memory that the adapter reaches, as a list of one extent. */
    public ScatterList part(long offset, long bytes) {
        ScatterList list = new ScatterList(1);
        list.add(memory(), offset, bytes);
        return list;
    }

    /** Part of the memory that the adapter reaches, as a list of so many extents of whole words. */
    public ScatterList cut(long offset, int bytes, int extents, Random random) {
        ScatterList list = new ScatterList(extents);
        int left = bytes;
        for (int i = extents; i > 0; i--) {
            int most = left - (i - 1) * 4;
            int length = i == 1 ? left : 4 + 4 * random.nextInt(Math.max(1, Math.min(most, 2 * left / i) / 4));
            length = Math.min(length, most);
            list.add(memory(), offset + bytes - left, length);
            left -= length;
        }
        return list;
    }

    /** Runs a command to its end, which comes once. */
    public ScsiCommand run(ScsiCommand command) {
        int before = ends(command.tag());
        submit(command);
        awaitEnd("the end of a command", () -> ends(command.tag()) > before);
        return command;
    }

    /** Queues a command, and shows it to the adapter. */
    public void submit(ScsiCommand command) {
        int status = queue().queueCommand(command);
        if (status != ScsiHostQueue.QUEUED) {
            throw new AssertionError("the queue says " + status);
        }
        queue().commit();
    }

    /** Has a target tell its unit attentions, of which there is one after each reset. */
    public void clearAttention(ScsiDevice device) {
        for (int i = 0; i < 4 && run(prepareReady(0, device)).scsiStatus() != 0; i++) {
            told.add("attention");
        }
    }

    /** Aborts a command, which ends first if it can; whether that was performed. */
    public boolean abort(ScsiCommand victim) {
        ScsiTask task = task();
        task.prepareAbort(victim);
        return run(task);
    }

    /** Resets a logical unit or a target; whether that was performed. */
    public boolean reset(ScsiTask.Function function, ScsiDevice device) {
        ScsiTask task = task();
        task.prepareReset(function, device);
        return run(task);
    }

    private ScsiTask task() {
        return new ScsiTask((done, performed) -> {
            tasksDone++;
            taskPerformed = performed;
        });
    }

    private boolean run(ScsiTask task) {
        int before = tasksDone;
        if (queue().queueTask(task) != ScsiHostQueue.QUEUED) {
            throw new AssertionError("the queue takes no task");
        }
        queue().commit();
        awaitEnd("the end of a task", () -> tasksDone > before);
        return taskPerformed;
    }

    /** Polls until something is so. */
    public void awaitEnd(String what, BooleanSupplier condition) {
        if (!await(condition, System.nanoTime() + LIMIT_NS)) {
            throw new AssertionError(what + " did not come");
        }
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
            if (queue().poll(BUDGET) == 0) {
                if (System.nanoTime() - deadlineNs > 0) {
                    return false;
                }
                Thread.onSpinWait();
            }
        }
        return true;
    }

    @Override
    public void changed() {
        told.add("changed");
    }

    @Override
    public void removed(ScsiTarget target) {
        told.add("removed " + target.id());
    }

    @Override
    public void disturbed(ScsiTarget target) {
        told.add("disturbed " + target.id());
    }

    @Override
    public void failed(String why) {
        told.add("failed " + why);
    }

    /** Ends the driver, which has to have given the adapter back, and done nothing that it must not. */
    @Override
    public void close() {
        release();
        assertThat(model.reachesMemory()).as("an adapter that is given back").isFalse();
    }

    private void release() {
        driver.close();
        driver.dma().remove(region);
        memory.close();
        assertThat(model.violations()).as("what the driver did wrong").isEmpty();
    }
}
