package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.ScsiReply;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ScsiIo;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import dev.ringside.testkit.mptsas.ModelTarget;
import dev.ringside.testkit.mptsas.ModelTask;
import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptFaultPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The model as a SCSI initiator: SCSI I/O to the disks and task management, with what goes wrong on the way. Guarded by the
 * model.
 */
final class Mpt3Initiator {
    /** Bytes of a CDB that disks look at. */
    private static final int CDB_BYTES = 16;

    private final Mpt3Ioc ioc;
    private final Mpt3Settings settings;
    private final MptFaultPlan faults;
    private final Mpt3Rings rings;
    private final Mpt3Topology topology;
    private final List<String> violations;
    private final List<Hanging> hanging = new ArrayList<>();
    /** What disks take their time for. */
    private final List<Mpt3Posted> slow = new ArrayList<>();

    private boolean holding;
    private int unitResets;

    /**
     * A request that is never carried out.
     *
     * @param cure the weakest thing that ends it
     */
    private record Hanging(Mpt3Posted posted, int cure) {}

    Mpt3Initiator(Mpt3Ioc ioc, Mpt3Settings settings, MptFaultPlan faults) {
        this.ioc = ioc;
        this.settings = settings;
        this.faults = faults;
        this.rings = ioc.rings;
        this.topology = ioc.topology;
        this.violations = ioc.violations;
    }

    /** The adapter is reset. */
    void forget() {
        hanging.clear();
        slow.clear();
    }

    /** Disks take their time from now on. */
    void hold() {
        holding = true;
    }

    /** How many times a logical unit of a disk that is there was reset by task management. */
    int unitResets() {
        return unitResets;
    }

    /** How many requests disks take their time for. */
    int held() {
        return slow.size();
    }

    /** Disks are fast again. */
    void release() {
        holding = false;
        try {
            for (Mpt3Posted posted : slow) {
                carryOut(posted, true);
            }
        } catch (DmaFault e) {
            violations.add(String.valueOf(e.getMessage()));
        }
        slow.clear();
    }

    /** A SCSI I/O request. */
    void request(Mpt3Posted posted) throws DmaFault {
        if (holding) {
            slow.add(posted);
            return;
        }
        MptFault fault = faults.ofRequest();
        if (fault == null) {
            carryOut(posted, true);
            return;
        }
        switch (fault.kind()) {
            case IOC_STATUS -> answer(posted, fault.argument(), 0, ScsiReply.STATE_NO_SCSI_STATUS);
            case SCSI_STATUS -> answer(posted, 0, fault.argument(), 0);
            case SENSE -> {
                ModelTarget target = topology.target(posted.handle());
                if (target != null) {
                    target.refuseNext(fault.argument());
                }
                carryOut(posted, true);
            }
            case LOST_REPLY -> carryOut(posted, false);
            case HANG -> hanging.add(new Hanging(posted, fault.argument()));
            case TWICE -> {
                carryOut(posted, true);
                success(posted);
            }
            case WRONG_REPLIES -> {
                rings.post(posted.queue(), ReplyDescriptor.FLAGS_SCSI_IO_SUCCESS, 0, 1);
                rings.post(posted.queue(), ReplyDescriptor.FLAGS_SCSI_IO_SUCCESS, 0xfffe, 1);
                rings.post(posted.queue(), ReplyDescriptor.FLAGS_ADDRESS_REPLY, posted.smid(), 0x1234);
                rings.post(posted.queue(), 0x3, posted.smid(), 1);
                carryOut(posted, true);
            }
            case FAULT_STATE -> ioc.fail(fault.argument());
            case VANISH -> ioc.vanish();
            case EVENTS -> {
                for (int i = 0; i < fault.argument(); i++) {
                    ioc.events.discovered();
                }
                carryOut(posted, true);
            }
            case MISSING -> {
                ioc.hotPlug.loseFor(posted.handle(), fault.argument());
                carryOut(posted, true);
            }
            case SLOW_READY, NO_MESSAGE_UNIT_RESET, NO_RESET -> throw new IllegalStateException("at a reset");
        }
    }

    private void carryOut(Mpt3Posted posted, boolean reply) throws DmaFault {
        MemorySegment request = posted.frame();
        int handle = posted.handle();
        ModelTarget target = topology.target(handle);
        if (target == null) {
            answer(posted, topology.absence(handle), 0, ScsiReply.STATE_NO_SCSI_STATUS);
            return;
        }
        int asked = Fields.i32(request, ScsiIo.DATA_LENGTH);
        List<MemorySegment> data = new Mpt3Sgl(rings, settings).follow(request, asked);
        byte[] cdb = request.asSlice(ScsiIo.CDB, CDB_BYTES).toArray(ValueLayout.JAVA_BYTE);
        int moved = target.execute(cdb, posted.lun(), data);
        byte[] sense = target.sense();
        if (sense.length > 0) {
            int length = Math.min(sense.length, Fields.u8(request, ScsiIo.SENSE_BUFFER_LENGTH));
            MemorySegment to = rings.sense(Fields.i32(request, ScsiIo.SENSE_BUFFER_LOW_ADDRESS), length);
            MemorySegment.copy(sense, 0, to, ValueLayout.JAVA_BYTE, 0, length);
        }
        if (!reply) {
            return;
        }
        if (target.status() == ScsiStatus.GOOD && moved == asked) {
            success(posted);
            return;
        }
        int status = moved == asked ? IocStatus.SUCCESS : IocStatus.SCSI_DATA_UNDERRUN;
        int state = sense.length > 0 ? ScsiReply.STATE_AUTOSENSE_VALID : 0;
        rings.postFrame(
                posted.queue(),
                posted.smid(),
                Mpt3Replies.scsi(request, status, target.status(), state, moved, sense.length));
    }

    /** The device has been lost: ends all that it has. */
    void terminate(int handle) {
        List<Mpt3Posted> ended = Stream.concat(hanging.stream().map(Hanging::posted), slow.stream())
                .filter(posted -> posted.handle() == handle)
                .toList();
        hanging.removeIf(each -> each.posted.handle() == handle);
        slow.removeIf(posted -> posted.handle() == handle);
        try {
            for (Mpt3Posted posted : ended) {
                answer(posted, IocStatus.SCSI_IOC_TERMINATED, 0, ScsiReply.STATE_NO_SCSI_STATUS);
            }
        } catch (DmaFault e) {
            violations.add(String.valueOf(e.getMessage()));
        }
    }

    /** A request for task management. */
    void task(Mpt3Posted posted) throws DmaFault {
        ModelTask task = ModelTask.of(posted.frame());
        int handle = Fields.u16(posted.frame(), TaskManagement.DEV_HANDLE);
        int victim = Fields.u16(posted.frame(), TaskManagement.TASK_MID);
        boolean failed = false;
        for (Hanging held : List.copyOf(hanging)) {
            boolean meant = held.posted.handle() == handle
                    && task.concerns(held.posted.lun())
                    && (!task.isAbort() || held.posted.smid() == victim);
            if (meant && task.ends(held.cure)) {
                hanging.remove(held);
                answer(held.posted, IocStatus.SCSI_TASK_TERMINATED, 0, ScsiReply.STATE_TERMINATED);
            }
            failed |= meant && !task.ends(held.cure);
        }
        ModelTarget target = topology.target(handle);
        int status = target == null ? IocStatus.SCSI_DEVICE_NOT_THERE : IocStatus.SUCCESS;
        byte[] reply = Mpt3Replies.reply(posted.frame(), TaskManagement.REPLY_BYTES, status);
        if (target != null) {
            task.perform(target, failed, reply);
            unitResets += task.type() == TaskManagement.LOGICAL_UNIT_RESET ? 1 : 0;
        }
        rings.postFrame(posted.queue(), posted.smid(), reply);
    }

    private void answer(Mpt3Posted posted, int iocStatus, int scsiStatus, int state) throws DmaFault {
        rings.postFrame(
                posted.queue(), posted.smid(), Mpt3Replies.scsi(posted.frame(), iocStatus, scsiStatus, state, 0, 0));
    }

    private void success(Mpt3Posted posted) throws DmaFault {
        rings.post(posted.queue(), ReplyDescriptor.FLAGS_SCSI_IO_SUCCESS, posted.smid(), 1);
    }
}
