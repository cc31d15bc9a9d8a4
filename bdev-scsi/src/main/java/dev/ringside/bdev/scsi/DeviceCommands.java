package dev.ringside.bdev.scsi;

import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.queue.ControlCommand;
import dev.ringside.bdev.scsi.queue.Verdict;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.CheckCondition;
import dev.ringside.scsi.sense.Sense;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Commands that the control thread sends, one at a time, and waits for. Owned by that thread. */
final class DeviceCommands implements AutoCloseable {
    /** Most bytes that a command reads. */
    static final int MAX_BYTES = 32_768;

    private static final int MAX_ATTENTIONS = 16;
    private static final int NOT_READY_TRIES = 10;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(10);
    /** How often it is looked whether the adapter still works that a command is with. */
    private static final long CHECK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final HostPort port;
    private final ScsiHostDriver driver;
    private final ScsiOptions options;
    private final Recovery recovery;
    private final HostWork work;
    private final ControlCommand command;
    private final DmaPool pool;
    private final DmaBuffer buffer;
    private final ScatterList data = new ScatterList(1);
    private final long alignment;

    DeviceCommands(HostPort port, ScsiHostDriver driver, ScsiOptions options, Recovery recovery, HostWork work)
            throws LinuxException {
        this.port = port;
        this.driver = driver;
        this.options = options;
        this.recovery = recovery;
        this.work = work;
        this.command = new ControlCommand(port.first());
        this.pool = new DmaPool(driver.dma());
        this.alignment = driver.capabilities().segmentAlignment();
        this.buffer = pool.allocate(MAX_BYTES, new DmaOwner("scsi control"));
    }

    /**
     * Reads parameter data.
     *
     * @param bytes 1 to {@link #MAX_BYTES}: the allocation length in the CDB
     * @return as much as came
     * @throws CheckCondition what the device says is wrong with the command
     * @throws NotReadyException if it will be ready later
     * @throws ScsiHostException STATUS for another failure; what resetting the adapter throws
     */
    byte[] read(ScsiDevice device, byte[] cdb, int bytes) throws IOException, CheckCondition {
        // There may be more room than is asked for: extents are aligned, answers are not.
        long room = (bytes + alignment - 1) & -alignment;
        data.clear();
        data.add(buffer.segment(), 0, room);
        run(device, cdb, ScsiCommand.READ, data);
        long got = Math.min(bytes, room - command.scsi().residual());
        return buffer.segment().asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Runs a command without data; throws what {@link #read} does. */
    void run(ScsiDevice device, byte[] cdb) throws IOException, CheckCondition {
        data.clear();
        run(device, cdb, ScsiCommand.NO_DATA, data);
    }

    /** Frees its memory; the adapter is done with it. */
    @Override
    public void close() {
        pool.close();
    }

    private void run(ScsiDevice device, byte[] cdb, int direction, ScatterList list)
            throws IOException, CheckCondition {
        int retries = 0;
        int attentions = 0;
        int waits = 0;
        while (true) {
            once(device, cdb, direction, list);
            switch (Verdict.of(command.scsi(), false)) {
                case Verdict.DONE -> {
                    return;
                }
                case Verdict.AGAIN -> {
                    if (retries++ == options.retries()) {
                        throw failure(device, cdb);
                    }
                }
                case Verdict.ATTENTION -> {
                    work.attention(
                            Sense.codeIn(command.scsi().sense(), command.scsi().senseLength()));
                    if (attentions++ == MAX_ATTENTIONS) {
                        throw failure(device, cdb);
                    }
                }
                case Verdict.FAILED -> throw failure(device, cdb);
                default -> {
                    if (waits++ == NOT_READY_TRIES) {
                        throw new NotReadyException(device.address() + " is not ready yet");
                    }
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        }
    }

    private void once(ScsiDevice device, byte[] cdb, int direction, ScatterList list) throws IOException {
        ScsiCommand scsi = command.scsi();
        long deadline = System.nanoTime() + Math.min(LONGEST_NS, TimeUnit.MILLISECONDS.toNanos(options.ioTimeoutMs()));
        System.arraycopy(cdb, 0, scsi.cdb(), 0, cdb.length);
        Arrays.fill(scsi.cdb(), cdb.length, ScsiCommand.CDB_BYTES, (byte) 0);
        scsi.prepare(device, cdb.length, direction, list, deadline);
        boolean taken;
        try {
            taken = post(deadline);
            if (taken) {
                command.poll();
                awaitEnd(deadline);
            }
        } catch (ScsiHostException e) {
            recovery.controller(String.valueOf(e.getMessage()));
            throw new ScsiHostException(Kind.STATUS, device.address() + " did not answer: " + e.getMessage(), e);
        }
        if (!taken) {
            throw new ScsiHostException(Kind.STATUS, "the adapter takes no command for " + device.address());
        }
        if (!command.ended()) {
            recovery.controlCommand(command);
            throw new ScsiHostException(Kind.STATUS, device.address() + " does not answer");
        }
    }

    /** Gives the command to the adapter as soon as that takes it; not to one that has failed, which the exception says. */
    private boolean post(long deadline) throws ScsiHostException {
        int taken = command.post();
        long checked = System.nanoTime();
        for (long now = checked; taken == ScsiHostQueue.BUSY && now - deadline < 0; now = System.nanoTime()) {
            checked = checkAgain(checked, now);
            port.look();
            taken = command.post();
        }
        return taken == ScsiHostQueue.QUEUED;
    }

    /** Waits until the command has ended, but not for an adapter that has failed, which the exception says. */
    private void awaitEnd(long deadline) throws ScsiHostException {
        long checked = System.nanoTime();
        for (long now = checked; !command.ended() && now - deadline < 0; now = System.nanoTime()) {
            checked = checkAgain(checked, now);
            command.poll();
        }
    }

    /** Waits for a moment; looks at the adapter if that was last done long ago. Returns when it was done last. */
    private long checkAgain(long checked, long now) throws ScsiHostException {
        LockSupport.parkNanos(PAUSE_NS / 1000);
        if (now - checked <= CHECK_NS) {
            return checked;
        }
        driver.check();
        return now;
    }

    private IOException failure(ScsiDevice device, byte[] cdb) throws CheckCondition {
        ScsiCommand scsi = command.scsi();
        boolean checked = scsi.hostStatus() == HostStatus.DELIVERED && scsi.scsiStatus() == ScsiStatus.CHECK_CONDITION;
        if (checked && Sense.isCurrent(scsi.sense(), scsi.senseLength())) {
            throw new CheckCondition(
                    Sense.parse(scsi.sense(), scsi.senseLength()).orElseThrow());
        }
        return new ScsiHostException(
                Kind.STATUS,
                String.format(
                        "%s: operation %02xh failed: host status %d, SCSI status %02xh",
                        device.address(), cdb[0], scsi.hostStatus(), scsi.scsiStatus()));
    }
}
