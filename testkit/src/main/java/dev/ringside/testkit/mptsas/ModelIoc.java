package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiControl;
import dev.ringside.bdev.scsi.mpi.ScsiReply;
import dev.ringside.bdev.scsi.mpi.SgElement;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import dev.ringside.bdev.scsi.mpi.WriteSequence;
import dev.ringside.bdev.scsi.mptsas.mpi.Event;
import dev.ringside.bdev.scsi.mptsas.mpi.IocInit;
import dev.ringside.bdev.scsi.mptsas.mpi.SasDevicePage0;
import dev.ringside.bdev.scsi.mptsas.mpi.ScsiIo;
import dev.ringside.bdev.scsi.mptsas.mpi.SystemRegisters;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the model does, by register accesses: whatever is to be done is done when a reply is looked for. Guarded by the model. */
final class ModelIoc {
    private static final int LAST_KEPT = 128;

    final List<String> violations = new ArrayList<>();
    final NavigableMap<Integer, ModelTarget> targets = new TreeMap<>();

    private final MptSettings settings;
    private final ModelDoorbell doorbell;
    private final ModelFifos fifos;
    private final MptFaultPlan faults;
    private final List<Hanging> hanging = new ArrayList<>();
    private boolean gone;
    private boolean portEnabled;
    private int eventContext;
    private int nextEvent;
    private int unacknowledged;
    long requests;

    /**
     * A request that never ends by itself.
     *
     * @param cure the weakest thing that ends it
     */
    private record Hanging(MemorySegment request, int cure) {}

    ModelIoc(MptSettings settings, ModelMemory memory) {
        this.settings = settings;
        settings.disks().forEach(disk -> targets.put(disk.target(), new ModelTarget(disk)));
        this.faults = new MptFaultPlan(settings.faults());
        this.fifos = new ModelFifos(settings, memory, violations);
        this.doorbell = new ModelDoorbell(WriteSequence.MPI_1, this::handshake, this::forget, faults, violations);
    }

    int unacknowledged() {
        return unacknowledged;
    }

    void vanish() {
        gone = true;
    }

    void fail(int code) {
        doorbell.fail(code);
    }

    int read(long offset) {
        if (gone) {
            return -1;
        }
        return switch ((int) offset) {
            case Doorbell.DOORBELL -> doorbell.read();
            case Doorbell.DIAGNOSTIC -> doorbell.readDiagnostic();
            case Doorbell.HOST_INTERRUPT_STATUS ->
                (doorbell.interrupt() ? Doorbell.HIS_DOORBELL_INTERRUPT : 0)
                        | (fifos.hasReplies() ? Doorbell.HIS_REPLY_MESSAGE_INTERRUPT : 0);
            case SystemRegisters.REPLY_FIFO -> {
                work();
                yield gone ? -1 : fifos.nextReply();
            }
            default -> 0;
        };
    }

    void write(long offset, int value) {
        if (gone) {
            return;
        }
        switch ((int) offset) {
            case Doorbell.DOORBELL -> doorbell.write(value);
            case Doorbell.WRITE_SEQUENCE -> doorbell.writeSequence(value);
            case Doorbell.DIAGNOSTIC -> doorbell.writeDiagnostic(value);
            case Doorbell.HOST_INTERRUPT_STATUS -> doorbell.acknowledge();
            case Doorbell.HOST_INTERRUPT_MASK -> {
                // The model does not interrupt.
            }
            case SystemRegisters.REQUEST_FIFO -> fifos.request(value, false);
            case SystemRegisters.HIGH_PRIORITY_REQUEST_FIFO -> fifos.request(value, true);
            case SystemRegisters.REPLY_FIFO -> fifos.free(value);
            default -> violations.add(String.format("register 0x%x was written", offset));
        }
    }

    /** Tells of something that happened to a target. */
    void tell(int event, int target, int reason, boolean ack) {
        try {
            if (ack) {
                unacknowledged++;
            }
            fifos.postFrame(ModelReplies.event(eventContext, event, ack, ++nextEvent, target, reason));
        } catch (DmaFault e) {
            violations.add(String.valueOf(e.getMessage()));
        }
    }

    private void forget() {
        fifos.clear();
        hanging.clear();
        portEnabled = false;
        unacknowledged = 0;
        targets.values().forEach(ModelTarget::reset);
    }

    private byte[] handshake(byte[] bytes) {
        MemorySegment request = MemorySegment.ofArray(bytes);
        switch (Fields.u8(request, Message.FUNCTION)) {
            case Message.FUNCTION_IOC_FACTS -> {
                return ModelReplies.facts(request, settings);
            }
            case Message.FUNCTION_PORT_FACTS -> {
                return ModelReplies.portFacts(request);
            }
            case Message.FUNCTION_IOC_INIT -> {
                if (Fields.i32(request, IocInit.HOST_MFA_HIGH_ADDR)
                        != Fields.i32(request, IocInit.SENSE_BUFFER_HIGH_ADDR)) {
                    violations.add("the model knows one upper half of addresses");
                }
                fifos.init(
                        Fields.i32(request, IocInit.HOST_MFA_HIGH_ADDR), Fields.u16(request, IocInit.REPLY_FRAME_SIZE));
                doorbell.becomeOperational();
            }
            case Message.FUNCTION_PORT_ENABLE -> portEnabled = true;
            default -> violations.add("a message that does not belong into the handshake");
        }
        return ModelReplies.reply(request, Message.REPLY_BYTES, IocStatus.SUCCESS);
    }

    private void work() {
        try {
            for (MemorySegment frame = fifos.nextRequest();
                    frame != null && !gone && doorbell.operational();
                    frame = fifos.nextRequest()) {
                // The frame stays the IOC's until the reply, but may be read once only.
                MemorySegment request = MemorySegment.ofArray(frame.toArray(ValueLayout.JAVA_BYTE));
                execute(request);
            }
        } catch (DmaFault e) {
            violations.add(String.valueOf(e.getMessage()));
        }
    }

    private void execute(MemorySegment request) throws DmaFault {
        int function = Fields.u8(request, Message.FUNCTION);
        switch (function) {
            case Message.FUNCTION_SCSI_IO_REQUEST -> scsi(request);
            case Message.FUNCTION_SCSI_TASK_MGMT -> task(request);
            case Message.FUNCTION_CONFIG -> config(request);
            case Message.FUNCTION_EVENT_NOTIFICATION -> {
                eventContext = Fields.i32(request, Message.MSG_CONTEXT);
                fifos.postFrame(ModelReplies.event(eventContext, Event.EVENT_CHANGE, false, 0, 1, 0));
            }
            case Message.FUNCTION_EVENT_ACK -> {
                unacknowledged--;
                fifos.postFrame(ModelReplies.reply(request, Message.REPLY_BYTES, IocStatus.SUCCESS));
            }
            default -> violations.add("function 0x" + Integer.toHexString(function));
        }
    }

    private void scsi(MemorySegment request) throws DmaFault {
        requests++;
        MptFault fault = faults.ofRequest();
        if (fault == null) {
            carryOut(request, true);
            return;
        }
        switch (fault.kind()) {
            case IOC_STATUS ->
                fifos.postFrame(ModelReplies.scsi(request, fault.argument(), 0, ScsiReply.STATE_NO_SCSI_STATUS, 0, 0));
            case SCSI_STATUS -> fifos.postFrame(ModelReplies.scsi(request, 0, fault.argument(), 0, 0, 0));
            case SENSE -> {
                ModelTarget target = find(request, ScsiIo.TARGET_ID, ScsiIo.BUS);
                if (target != null) {
                    target.refuseNext(fault.argument());
                }
                carryOut(request, true);
            }
            case LOST_REPLY -> carryOut(request, false);
            case HANG -> hanging.add(new Hanging(request, fault.argument()));
            case TWICE -> {
                carryOut(request, true);
                fifos.postContext(Fields.i32(request, Message.MSG_CONTEXT));
            }
            case WRONG_REPLIES -> {
                fifos.post(0);
                fifos.post(0x1fff_ffff);
                fifos.post(SystemRegisters.ADDRESS_REPLY | 0x1234);
                fifos.postContext(settings.credits() + LAST_KEPT);
                carryOut(request, true);
            }
            case FAULT_STATE -> doorbell.fail(fault.argument());
            case VANISH -> vanish();
            case EVENTS -> {
                for (int i = 0; i < fault.argument(); i++) {
                    tell(Event.SAS_DISCOVERY, 0, 0, true);
                }
                carryOut(request, true);
            }
            case MISSING -> throw new IllegalArgumentException("this model has no device missing delay");
            case SLOW_READY, NO_MESSAGE_UNIT_RESET, NO_RESET -> throw new IllegalStateException("at a reset");
        }
    }

    private void carryOut(MemorySegment request, boolean reply) throws DmaFault {
        ModelTarget target = find(request, ScsiIo.TARGET_ID, ScsiIo.BUS);
        if (target == null) {
            fifos.postFrame(ModelReplies.scsi(
                    request, IocStatus.SCSI_DEVICE_NOT_THERE, 0, ScsiReply.STATE_NO_SCSI_STATUS, 0, 0));
            return;
        }
        int asked = Fields.i32(request, ScsiIo.DATA_LENGTH);
        boolean toDevice = (Fields.i32(request, ScsiIo.CONTROL) & ScsiControl.DIRECTION_MASK) == ScsiControl.WRITE;
        List<MemorySegment> data =
                new ModelSgl(fifos, settings.maxChainDepth()).follow(request, ScsiIo.SGL, asked, toDevice);
        byte[] cdb = request.asSlice(ScsiIo.CDB, ScsiIo.CDB_BYTES).toArray(ValueLayout.JAVA_BYTE);
        int moved = target.execute(cdb, lun(request), data);
        byte[] sense = target.sense();
        if (sense.length > 0) {
            int length = Math.min(sense.length, Fields.u8(request, ScsiIo.SENSE_BUFFER_LENGTH));
            long address =
                    fifos.highAddress() | Integer.toUnsignedLong(Fields.i32(request, ScsiIo.SENSE_BUFFER_LOW_ADDR));
            MemorySegment.copy(sense, 0, fifos.at(address, length), ValueLayout.JAVA_BYTE, 0, length);
        }
        if (!reply) {
            return;
        }
        if (target.status() == ScsiStatus.GOOD && moved == asked) {
            fifos.postContext(Fields.i32(request, Message.MSG_CONTEXT));
        } else {
            fifos.postFrame(ModelReplies.scsi(
                    request,
                    moved == asked ? IocStatus.SUCCESS : IocStatus.SCSI_DATA_UNDERRUN,
                    target.status(),
                    sense.length > 0 ? ScsiReply.STATE_AUTOSENSE_VALID : 0,
                    moved,
                    sense.length));
        }
    }

    private void task(MemorySegment request) throws DmaFault {
        ModelTask task = ModelTask.of(request);
        ModelTarget target = find(request, TaskManagement.TARGET_ID, TaskManagement.BUS);
        int victim = Fields.i32(request, TaskManagement.TASK_MSG_CONTEXT);
        boolean failed = false;
        for (Hanging held : List.copyOf(hanging)) {
            boolean meant = Fields.u8(held.request, ScsiIo.TARGET_ID) == Fields.u8(request, TaskManagement.TARGET_ID)
                    && task.concerns(lun(held.request))
                    && (!task.isAbort() || Fields.i32(held.request, Message.MSG_CONTEXT) == victim);
            if (meant && task.ends(held.cure)) {
                hanging.remove(held);
                fifos.postFrame(ModelReplies.scsi(
                        held.request, IocStatus.SCSI_TASK_TERMINATED, 0, ScsiReply.STATE_TERMINATED, 0, 0));
            }
            failed |= meant && !task.ends(held.cure);
        }
        byte[] reply = ModelReplies.reply(
                request,
                TaskManagement.REPLY_BYTES,
                target == null ? IocStatus.SCSI_DEVICE_NOT_THERE : IocStatus.SUCCESS);
        if (target != null) {
            task.perform(target, failed, reply);
        }
        fifos.postFrame(reply);
    }

    private void config(MemorySegment request) throws DmaFault {
        byte[] page = page(request);
        int status = page == null ? IocStatus.CONFIG_INVALID_PAGE : IocStatus.SUCCESS;
        int bytes = page == null ? 0 : page.length;
        if (page != null && Fields.u8(request, Config.ACTION) == Config.ACTION_PAGE_READ_CURRENT) {
            long address = Fields.i64(request, Config.PAGE_BUFFER_SGE + SgElement.ADDRESS);
            int room = Fields.i32(request, Config.PAGE_BUFFER_SGE) & SgElement.LENGTH_MASK;
            int length = Math.min(room, page.length);
            MemorySegment.copy(page, 0, fifos.at(address, length), ValueLayout.JAVA_BYTE, 0, length);
        }
        fifos.postFrame(ModelReplies.config(request, status, bytes));
    }

    private byte @Nullable [] page(MemorySegment request) {
        if (Fields.u8(request, Config.PAGE_TYPE) == Config.PAGETYPE_MANUFACTURING) {
            return ModelReplies.manufacturingPage();
        }
        if (Fields.u8(request, Config.EXT_PAGE_TYPE) != Config.EXTPAGETYPE_SAS_DEVICE || !portEnabled) {
            return null;
        }
        int before = Fields.i32(request, Config.PAGE_ADDRESS);
        int handle = before == SasDevicePage0.FIRST_HANDLE ? 0 : before;
        return targets.values().stream()
                .filter(target -> ModelReplies.handle(target) > handle)
                .findFirst()
                .map(ModelReplies::devicePage)
                .orElse(null);
    }

    private static long lun(MemorySegment request) {
        return Long.reverseBytes(Fields.i64(request, ScsiIo.LUN));
    }

    private @Nullable ModelTarget find(MemorySegment request, int targetAt, int busAt) {
        return Fields.u8(request, busAt) == 0 ? targets.get(Fields.u8(request, targetAt)) : null;
    }
}
