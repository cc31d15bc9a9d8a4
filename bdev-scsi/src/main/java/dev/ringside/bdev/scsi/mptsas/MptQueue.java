package dev.ringside.bdev.scsi.mptsas;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiControl;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import dev.ringside.bdev.scsi.mpt.ControlRequests;
import dev.ringside.bdev.scsi.mpt.ScsiIoReply;
import dev.ringside.bdev.scsi.mpt.TaskTypes;
import dev.ringside.bdev.scsi.mptsas.mpi.ScsiIo;
import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.Registers;
import dev.ringside.scsi.ScsiStatus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The request FIFO and the reply FIFO. A request's context is the number of its frame (SMID): commands have their tag and one,
 * and the driver's own requests follow. What is not said to be for any thread belongs to the thread that has the queue.
 */
final class MptQueue implements ScsiHostQueue, ControlRequests {
    /** Frames beside those of commands: number 0, which no request has, a task's, and those of the control plane. */
    static final int OWN_FRAMES = 5;
    /** Requests of the driver's own that can be in flight. */
    static final int OWN_REQUESTS = OWN_FRAMES - 1;

    private final Registers registers;
    private final FrameMemory memory;
    private final MemorySegment segment;
    private final DmaSpace dma;
    private final SgList sgList;
    private final IocEvents events;
    private final int taskFifo;

    private final @Nullable ScsiCommand[] commands;
    private final int[] unposted;
    private int unpostedCount;
    private @Nullable ScsiTask task;
    private boolean acknowledging;
    /** Commands and tasks that were taken and have not ended. */
    private int inFlight;
    /** Requests of the driver's own that were not answered yet. */
    private int own;

    private final int taskNumber;
    private final int controlNumber;
    private final int eventNumber;
    private final int ackNumber;

    /** The reply to the control plane's request; its before {@link #post}, and from {@link #answered} on. */
    private final byte[] answer = new byte[FrameMemory.REPLY_BYTES];

    private volatile boolean answered = true;
    private final AtomicLong strays = new AtomicLong();

    /**
     * Makes a queue.
     *
     * @param depth tags of commands are 0 to this, exclusive
     * @param taskFifo the register that takes task management requests
     */
    MptQueue(
            Registers registers,
            FrameMemory memory,
            DmaSpace dma,
            SgList sgList,
            IocEvents events,
            int depth,
            int taskFifo) {
        this.registers = registers;
        this.memory = memory;
        this.segment = memory.segment();
        this.dma = dma;
        this.sgList = sgList;
        this.events = events;
        this.taskFifo = taskFifo;
        this.commands = new @Nullable ScsiCommand[depth];
        this.unposted = new int[depth];
        this.taskNumber = depth + 1;
        this.controlNumber = depth + 2;
        this.eventNumber = depth + 3;
        this.ackNumber = depth + 4;
    }

    /** Replies that belonged to nothing; any thread. */
    long strays() {
        return strays.get();
    }

    /** The IOC was reset and has forgotten everything: gives it all reply frames. No thread has the queue. */
    void restart() {
        Arrays.fill(commands, null);
        unpostedCount = 0;
        task = null;
        acknowledging = false;
        inFlight = 0;
        own = 0;
        answered = true;
        events.acknowledgements().clear();
        for (int i = 0; i < memory.replies(); i++) {
            registers.write32(SystemRegisters.REPLY_FIFO, memory.lowAddress(memory.reply(i)));
        }
    }

    @Override
    public MemorySegment controlFrame(int function) {
        return ownFrame(controlNumber, function);
    }

    @Override
    public void post() {
        answered = false;
        own++;
        send(SystemRegisters.REQUEST_FIFO, controlNumber);
    }

    @Override
    public boolean answered() {
        return answered;
    }

    @Override
    public MemorySegment answer() {
        return MemorySegment.ofArray(answer);
    }

    /** Switches the telling of events on. */
    void askForEvents() {
        MemorySegment frame = ownFrame(eventNumber, Message.FUNCTION_EVENT_NOTIFICATION);
        IocEvents.switchOn(frame);
        send(SystemRegisters.REQUEST_FIFO, eventNumber);
    }

    /** Looks for events while no command is in flight, and nobody polls. */
    void pollIdle() {
        int left = inFlight == 0 ? memory.replies() : 0;
        while (left > 0 && takeReply()) {
            left--;
        }
    }

    @Override
    public int queueCommand(ScsiCommand command) {
        int tag = command.tag();
        int number = tag + 1;
        long frame = memory.request(number);
        boolean write = command.direction() == ScsiCommand.WRITE;
        ScsiDevice device = command.device();
        MemorySegment to = segment;
        Fields.put32(to, frame, device.target().id() | device.target().bus() << Byte.SIZE);
        if (!sgList.put(frame, tag, command.data(), dma.translation(), write)) {
            return UNREACHABLE;
        }
        // FUNCTION_SCSI_IO_REQUEST is 0, as are the fields between.
        Fields.put32(to, frame + ScsiIo.CDB_LENGTH, command.cdbLength() | ScsiCommand.SENSE_BYTES << Byte.SIZE);
        Fields.put32(to, frame + Message.MSG_CONTEXT, number);
        Fields.putLun(to, frame + ScsiIo.LUN, device.lun());
        Fields.put32(
                to,
                frame + ScsiIo.CONTROL,
                ScsiControl.SIMPLE_QUEUE
                        | (write
                                ? ScsiControl.WRITE
                                : command.direction() == ScsiCommand.READ ? ScsiControl.READ : ScsiControl.NO_DATA));
        MemorySegment.copy(command.cdb(), 0, to, ValueLayout.JAVA_BYTE, frame + ScsiIo.CDB, ScsiIo.CDB_BYTES);
        Fields.put32(to, frame + ScsiIo.DATA_LENGTH, (int) command.data().bytes());
        Fields.put32(to, frame + ScsiIo.SENSE_BUFFER_LOW_ADDR, memory.lowAddress(memory.sense(tag)));
        commands[tag] = command;
        inFlight++;
        unposted[unpostedCount++] = number;
        return QUEUED;
    }

    @Override
    public int queueTask(ScsiTask asked) {
        if (task != null) {
            return BUSY;
        }
        // What it is about has to be there first.
        commit();
        MemorySegment frame = ownFrame(taskNumber, Message.FUNCTION_SCSI_TASK_MGMT);
        ScsiDevice device = asked.device();
        Fields.put8(frame, TaskManagement.TARGET_ID, device.target().id());
        Fields.put8(frame, TaskManagement.BUS, device.target().bus());
        Fields.putLun(frame, TaskManagement.LUN, device.lun());
        Fields.put8(frame, TaskManagement.TASK_TYPE, TaskTypes.of(asked.function()));
        ScsiCommand victim = asked.command();
        if (victim != null) {
            Fields.put32(frame, TaskManagement.TASK_MSG_CONTEXT, victim.tag() + 1);
        }
        task = asked;
        inFlight++;
        send(taskFifo, taskNumber);
        return QUEUED;
    }

    @Override
    public void commit() {
        int n = unpostedCount;
        for (int i = 0; i < n; i++) {
            send(SystemRegisters.REQUEST_FIFO, unposted[i]);
        }
        unpostedCount = 0;
    }

    @Override
    public int poll(int budget) {
        int done = 0;
        // A read of the register costs as much as a request does of processor time: none is made for nothing.
        while (done < budget && inFlight + own > 0 && takeReply()) {
            done++;
        }
        return done;
    }

    /** Takes what the reply FIFO has next; whether it had anything. */
    private boolean takeReply() {
        int reply = registers.read32(SystemRegisters.REPLY_FIFO);
        if (reply == SystemRegisters.REPLY_FIFO_EMPTY) {
            return false;
        }
        if (reply >= 0) {
            succeeded(reply);
        } else {
            tookFrame(reply << 1);
        }
        return true;
    }

    /** A context alone: the command was done, all of it. */
    private void succeeded(int number) {
        ScsiCommand command = takeCommand(number);
        if (command == null) {
            stray();
        } else {
            command.end(HostStatus.DELIVERED, ScsiStatus.GOOD, command.data().bytes(), 0);
        }
    }

    private void tookFrame(int lowAddress) {
        long reply = memory.replyAt(lowAddress);
        if (reply < 0) {
            stray();
            return;
        }
        int number = Fields.i32(segment, reply + Message.MSG_CONTEXT);
        int function = Fields.u8(segment, reply + Message.FUNCTION);
        switch (function) {
            case Message.FUNCTION_SCSI_IO_REQUEST -> failed(number, reply);
            case Message.FUNCTION_SCSI_TASK_MGMT -> taskDone(number, reply);
            case Message.FUNCTION_EVENT_NOTIFICATION -> events.take(segment, reply);
            case Message.FUNCTION_EVENT_ACK -> acknowledged(number);
            default -> answered(number, reply);
        }
        registers.write32(SystemRegisters.REPLY_FIFO, lowAddress);
        acknowledge();
    }

    private void failed(int number, long reply) {
        ScsiCommand command = takeCommand(number);
        if (command == null) {
            stray();
        } else {
            events.noticed(Fields.u16(segment, reply + Message.IOC_STATUS));
            ScsiIoReply.end(command, segment, reply, memory.sense(number - 1));
        }
    }

    private @Nullable ScsiCommand takeCommand(int number) {
        int tag = number - 1;
        if (tag < 0 || tag >= commands.length) {
            return null;
        }
        ScsiCommand command = commands[tag];
        if (command != null) {
            commands[tag] = null;
            inFlight--;
        }
        return command;
    }

    private void taskDone(int number, long reply) {
        ScsiTask done = task;
        if (done == null || number != taskNumber) {
            stray();
            return;
        }
        task = null;
        inFlight--;
        done.end(TaskTypes.performed(segment, reply));
    }

    private void answered(int number, long reply) {
        if (number != controlNumber || answered) {
            stray();
            return;
        }
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, reply, answer, 0, answer.length);
        own--;
        answered = true;
    }

    private void acknowledged(int number) {
        if (number == ackNumber && acknowledging) {
            acknowledging = false;
            own--;
        } else {
            stray();
        }
    }

    private void acknowledge() {
        if (!acknowledging && events.acknowledgements().due()) {
            events.acknowledgements().fill(ownFrame(ackNumber, Message.FUNCTION_EVENT_ACK));
            acknowledging = true;
            own++;
            send(SystemRegisters.REQUEST_FIFO, ackNumber);
        }
    }

    private void stray() {
        strays.lazySet(strays.get() + 1);
    }

    private MemorySegment ownFrame(int number, int function) {
        MemorySegment frame = segment.asSlice(memory.request(number), FrameMemory.REQUEST_BYTES);
        frame.fill((byte) 0);
        Fields.put8(frame, Message.FUNCTION, function);
        Fields.put32(frame, Message.MSG_CONTEXT, number);
        return frame;
    }

    private void send(int fifo, int number) {
        registers.write32(fifo, memory.lowAddress(memory.request(number)));
    }
}
