package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import dev.ringside.bdev.scsi.mpt.ControlRequests;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.RequestDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasIoUnitControl;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The driver's own requests, in queue 0: of the control plane, for events and their acknowledgement, and the handshake by which
 * a device is removed (a reset that ends what it has, then SAS I/O unit control, after which the IOC may use its handle for
 * another). What is not said to be for another thread belongs to the thread that has queue 0.
 */
final class OwnRequests implements ControlRequests {
    private final FrameMemory memory;
    private final MemorySegment segment;
    private final RequestPost requestPost;
    private final Mpt3Events events;
    private final int controlSmid;
    private final int notificationSmid;
    private final int ackSmid;
    private final int removalSmid;
    private final int resetSmid;

    /** The reply to the control plane's request; its before {@link #post}, and from {@link #answered} on. */
    private final byte[] answer;

    private volatile boolean answered = true;
    private boolean acknowledging;
    private boolean removing;
    private int removedHandle;

    OwnRequests(QueueShape shape, FrameMemory memory, RequestPost requestPost, Mpt3Events events) {
        this.memory = memory;
        this.segment = memory.segment();
        this.requestPost = requestPost;
        this.events = events;
        this.controlSmid = shape.control();
        this.notificationSmid = shape.eventNotification();
        this.ackSmid = shape.eventAck();
        this.removalSmid = shape.removal();
        this.resetSmid = shape.removalReset();
        this.answer = new byte[shape.replyBytes()];
    }

    /** A frame, zeroed but for its function. */
    static MemorySegment frame(FrameMemory memory, int smid, int function) {
        long place = memory.request(smid);
        MemorySegment frame = memory.segment().asSlice(place, memory.request(1));
        frame.fill((byte) 0);
        Fields.put8(frame, Message.FUNCTION, function);
        return frame;
    }

    /** Forgets all that was asked: the IOC has. */
    void clear() {
        answered = true;
        acknowledging = false;
        removing = false;
        events.clear();
    }

    @Override
    public MemorySegment controlFrame(int function) {
        return frame(memory, controlSmid, function);
    }

    @Override
    public void post() {
        answered = false;
        send(controlSmid);
    }

    @Override
    public boolean answered() {
        return answered;
    }

    @Override
    public MemorySegment answer() {
        return MemorySegment.ofArray(answer);
    }

    /** Asks to be told of events. */
    void askForEvents() {
        Mpt3Events.fillMasks(frame(memory, notificationSmid, Message.FUNCTION_EVENT_NOTIFICATION));
        send(notificationSmid);
    }

    /**
     * Takes a reply to one of these requests, or an event.
     *
     * @param reply its place in memory
     * @return whether it was asked for
     */
    boolean took(int smid, long reply) {
        int function = Fields.u8(segment, reply + Message.FUNCTION);
        if (smid == ReplyDescriptor.SMID_INVALID || smid == notificationSmid) {
            boolean event = function == Message.FUNCTION_EVENT_NOTIFICATION;
            if (event) {
                events.take(segment, reply);
            }
            return event;
        }
        if (smid == controlSmid && !answered) {
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, reply, answer, 0, answer.length);
            answered = true;
        } else if (smid == ackSmid && acknowledging) {
            acknowledging = false;
        } else if (smid == resetSmid && removing) {
            release();
        } else if (smid == removalSmid && removing) {
            removing = false;
            events.removalEnded();
        } else {
            return false;
        }
        return true;
    }

    /** Posts what events have made necessary. */
    void advance() {
        if (!acknowledging && events.acknowledgements().due()) {
            events.acknowledgements().fill(frame(memory, ackSmid, Message.FUNCTION_EVENT_ACK));
            acknowledging = true;
            send(ackSmid);
        }
        if (!removing && events.hasRemoved()) {
            removedHandle = events.nextRemoved();
            removing = true;
            MemorySegment frame = frame(memory, resetSmid, Message.FUNCTION_SCSI_TASK_MGMT);
            Fields.put16(frame, TaskManagement.DEV_HANDLE, removedHandle);
            Fields.put8(frame, TaskManagement.TASK_TYPE, TaskManagement.TARGET_RESET);
            requestPost.post(RequestDescriptor.FLAGS_HIGH_PRIORITY, 0, resetSmid, 0);
        }
    }

    /** The device has been reset, or could not be: in either case it has nothing any more. */
    private void release() {
        MemorySegment frame = frame(memory, removalSmid, SasIoUnitControl.FUNCTION);
        Fields.put8(frame, SasIoUnitControl.OPERATION, SasIoUnitControl.OP_REMOVE_DEVICE);
        Fields.put16(frame, SasIoUnitControl.DEV_HANDLE, removedHandle);
        send(removalSmid);
    }

    private void send(int smid) {
        requestPost.post(RequestDescriptor.FLAGS_DEFAULT_TYPE, 0, smid, 0);
    }
}
