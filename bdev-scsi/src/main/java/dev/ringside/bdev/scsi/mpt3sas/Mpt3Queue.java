package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiControl;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import dev.ringside.bdev.scsi.mpt.ScsiIoReply;
import dev.ringside.bdev.scsi.mpt.TaskTypes;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.RequestDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ScsiIo;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.ScsiStatus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Commands by their SMIDs, and the reply descriptor post queue that ends them. What is not said to be for any thread belongs to
 * the thread that has the queue.
 */
final class Mpt3Queue implements ScsiHostQueue {
    private final int index;
    private final FrameMemory memory;
    private final MemorySegment segment;
    private final DmaSpace dma;
    private final IeeeSgList sgList;
    private final RequestPost requestPost;
    private final ReplyPostQueue replyPost;
    private final ReplyFreeQueue replyFree;
    private final ScsiTopology topology;
    private final @Nullable OwnRequests own;

    private final int firstSmid;
    private final int taskSmid;
    private final @Nullable ScsiCommand[] commands;
    private final int[] unposted;
    private int unpostedCount;
    private @Nullable ScsiTask task;
    /** Reply frames that go back to the IOC. */
    private final int[] handled;

    private int handledCount;
    private final AtomicLong strays = new AtomicLong();

    /**
     * Makes a queue.
     *
     * @param own the driver's own requests, whose replies come by this queue, and events; null: by another
     */
    Mpt3Queue(
            int index, QueueShape shape, Rings rings, DmaSpace dma, ScsiTopology topology, @Nullable OwnRequests own) {
        this.index = index;
        this.memory = rings.memory();
        this.segment = memory.segment();
        this.dma = dma;
        this.sgList = new IeeeSgList(shape, segment, memory.chains(index));
        this.requestPost = rings.requestPost();
        this.replyPost = new ReplyPostQueue(rings.registers(), memory, shape, index);
        this.replyFree = rings.replyFree();
        this.topology = topology;
        this.own = own;
        this.firstSmid = shape.firstCommand(index);
        this.taskSmid = shape.task(index);
        this.commands = new @Nullable ScsiCommand[shape.depth()];
        this.unposted = new int[shape.depth()];
        this.handled = new int[shape.replies()];
        for (int tag = 0; tag < shape.depth(); tag++) {
            long frame = memory.request(firstSmid + tag);
            Fields.put32(
                    segment, frame + ScsiIo.SENSE_BUFFER_LOW_ADDRESS, memory.lowAddress(memory.sense(firstSmid + tag)));
            Fields.put8(segment, frame + ScsiIo.SENSE_BUFFER_LENGTH, ScsiCommand.SENSE_BYTES);
            Fields.put8(segment, frame + ScsiIo.SGL_OFFSET_0, ScsiIo.SGL / Integer.BYTES);
        }
    }

    /** Replies that belonged to nothing; any thread. */
    long strays() {
        return strays.get();
    }

    /** The IOC was reset and has forgotten everything. No thread has the queue. */
    void clear() {
        Arrays.fill(commands, null);
        unpostedCount = 0;
        task = null;
        handledCount = 0;
        replyPost.clear();
        if (own != null) {
            own.clear();
        }
    }

    /** After IOC init: says where the host looks. */
    void publish() {
        replyPost.publish();
    }

    @Override
    public int queueCommand(ScsiCommand command) {
        int tag = command.tag();
        int smid = firstSmid + tag;
        long frame = memory.request(smid);
        MemorySegment to = segment;
        if (!sgList.put(frame, tag, command.data(), dma.translation())) {
            return UNREACHABLE;
        }
        // FUNCTION_SCSI_IO_REQUEST is 0; fields that are the same for each command stay in the frame.
        Fields.put16(to, frame + ScsiIo.DEV_HANDLE, command.device().target().handle());
        Fields.put32(to, frame + ScsiIo.DATA_LENGTH, (int) command.data().bytes());
        Fields.put16(to, frame + ScsiIo.IO_FLAGS, command.cdbLength());
        Fields.putLun(to, frame + ScsiIo.LUN, command.device().lun());
        Fields.put32(to, frame + ScsiIo.CONTROL, ScsiControl.SIMPLE_QUEUE | direction(command));
        MemorySegment.copy(command.cdb(), 0, to, ValueLayout.JAVA_BYTE, frame + ScsiIo.CDB, ScsiCommand.CDB_BYTES);
        commands[tag] = command;
        unposted[unpostedCount++] = smid;
        return QUEUED;
    }

    @Override
    public int queueTask(ScsiTask asked) {
        if (task != null) {
            return BUSY;
        }
        // What it is about has to be there first.
        commit();
        MemorySegment frame = OwnRequests.frame(memory, taskSmid, Message.FUNCTION_SCSI_TASK_MGMT);
        Fields.put16(frame, TaskManagement.DEV_HANDLE, asked.device().target().handle());
        Fields.put8(frame, TaskManagement.TASK_TYPE, TaskTypes.of(asked.function()));
        Fields.putLun(frame, TaskManagement.LUN, asked.device().lun());
        ScsiCommand victim = asked.command();
        if (victim != null) {
            Fields.put16(frame, TaskManagement.TASK_MID, firstSmid + victim.tag());
        }
        task = asked;
        requestPost.post(RequestDescriptor.FLAGS_HIGH_PRIORITY, index, taskSmid, 0);
        return QUEUED;
    }

    @Override
    public void commit() {
        int n = unpostedCount;
        for (int i = 0; i < n; i++) {
            int smid = unposted[i];
            int handle = Fields.u16(segment, memory.request(smid) + ScsiIo.DEV_HANDLE);
            requestPost.post(RequestDescriptor.FLAGS_SCSI_IO, index, smid, handle);
        }
        unpostedCount = 0;
    }

    @Override
    public int poll(int budget) {
        int done = 0;
        while (done < budget) {
            long descriptor = replyPost.next();
            if (descriptor == ReplyDescriptor.UNUSED) {
                break;
            }
            done++;
            took((int) descriptor, (int) (descriptor >>> Integer.SIZE));
        }
        if (done > 0) {
            replyPost.publish();
            if (own != null) {
                own.advance();
            }
        }
        handledCount -= replyFree.give(handled, handledCount);
        return done;
    }

    private void took(int low, int high) {
        int smid = low >>> ReplyDescriptor.SMID_SHIFT;
        switch (low & ReplyDescriptor.FLAGS_TYPE_MASK) {
            case ReplyDescriptor.FLAGS_SCSI_IO_SUCCESS -> succeeded(smid);
            case ReplyDescriptor.FLAGS_ADDRESS_REPLY -> tookFrame(smid, high);
            default -> stray();
        }
    }

    private void succeeded(int smid) {
        ScsiCommand command = takeCommand(smid);
        if (command == null) {
            stray();
        } else {
            command.end(HostStatus.DELIVERED, ScsiStatus.GOOD, command.data().bytes(), 0);
        }
    }

    private void tookFrame(int smid, int lowAddress) {
        long reply = memory.replyAt(lowAddress);
        if (reply < 0 || handledCount == handled.length) {
            stray();
            return;
        }
        ScsiCommand command = takeCommand(smid);
        if (command != null) {
            failed(command, smid, reply);
        } else if (smid == taskSmid && task != null) {
            ScsiTask done = task;
            task = null;
            done.end(TaskTypes.performed(segment, reply));
        } else if (own == null || !own.took(smid, reply)) {
            stray();
        }
        handled[handledCount++] = lowAddress;
    }

    private void failed(ScsiCommand command, int smid, long reply) {
        int status = Fields.u16(segment, reply + Message.IOC_STATUS) & IocStatus.MASK;
        if (status == IocStatus.SCSI_DEVICE_NOT_THERE || status == IocStatus.SCSI_INVALID_TARGETID) {
            // Of which there may be no event.
            topology.changed();
        }
        ScsiIoReply.end(command, segment, reply, memory.sense(smid));
    }

    private @Nullable ScsiCommand takeCommand(int smid) {
        int tag = smid - firstSmid;
        if (tag < 0 || tag >= commands.length) {
            return null;
        }
        ScsiCommand command = commands[tag];
        commands[tag] = null;
        return command;
    }

    private void stray() {
        strays.lazySet(strays.get() + 1);
    }

    private static int direction(ScsiCommand command) {
        return switch (command.direction()) {
            case ScsiCommand.WRITE -> ScsiControl.WRITE;
            case ScsiCommand.READ -> ScsiControl.READ;
            default -> ScsiControl.NO_DATA;
        };
    }
}
