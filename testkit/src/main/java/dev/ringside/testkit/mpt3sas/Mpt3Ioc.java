package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.Doorbell;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.SgElement;
import dev.ringside.bdev.scsi.mpi.WriteSequence;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.RequestDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasIoUnitControl;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.testkit.dma.ModelMemory;
import dev.ringside.testkit.dma.ModelMemory.DmaFault;
import dev.ringside.testkit.mptsas.ModelDoorbell;
import dev.ringside.testkit.mptsas.MptFaultPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** What the model does, by register accesses. Guarded by the model. */
final class Mpt3Ioc {
    /** Where drivers may put the host index of 8 reply post queues; followed by more such registers. */
    private static final long SUP_REPLY_POST_HOST_INDEX = 0x30c;

    private static final int SUP_REPLY_POST_HOST_INDEX_STEP = 0x10;

    /** What drivers may ask for, and this IOC does not offer. */
    private static final int FUNCTION_FW_UPLOAD = 0x12;

    private static final int FUNCTION_SMP_PASSTHROUGH = 0x1a;

    final List<String> violations = new ArrayList<>();
    final Mpt3Topology topology;
    final Mpt3Pages pages;
    final Mpt3Rings rings;
    final Mpt3EventQueue events;
    final Mpt3HotPlug hotPlug;
    final Mpt3Initiator initiator;

    private final Mpt3Settings settings;
    private final ModelDoorbell doorbell;
    private boolean gone;
    private boolean portEnabled;
    private int descriptorLow;

    Mpt3Ioc(Mpt3Settings settings, ModelMemory memory) {
        this.settings = settings;
        this.topology = new Mpt3Topology(settings.shelves());
        this.pages = new Mpt3Pages(topology);
        this.rings = new Mpt3Rings(memory, violations);
        this.events = new Mpt3EventQueue(rings, topology, violations);
        this.hotPlug = new Mpt3HotPlug(this);
        MptFaultPlan faults = new MptFaultPlan(settings.faults());
        this.initiator = new Mpt3Initiator(this, settings, faults);
        this.doorbell = new ModelDoorbell(WriteSequence.MPI_2, this::handshake, this::forget, faults, violations);
    }

    void fail(int code) {
        doorbell.fail(code);
    }

    /** It answers no more. */
    void vanish() {
        gone = true;
    }

    int read(long offset) {
        if (gone) {
            return -1;
        }
        if (doorbell.operational()) {
            hotPlug.comeBackInTime();
        }
        return switch ((int) offset) {
            case Doorbell.DOORBELL -> doorbell.read();
            case Doorbell.DIAGNOSTIC -> doorbell.readDiagnostic();
            case Doorbell.HOST_INTERRUPT_STATUS -> doorbell.interrupt() ? Doorbell.HIS_DOORBELL_INTERRUPT : 0;
            case Doorbell.HOST_INTERRUPT_MASK -> rings.mask();
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
            case Doorbell.HOST_INTERRUPT_MASK -> rings.mask(value);
            case SystemRegisters.REPLY_FREE_HOST_INDEX -> {
                rings.freeHostIndex(value);
                events.tellWaiting();
            }
            case SystemRegisters.REPLY_POST_HOST_INDEX -> rings.postHostIndex(value);
            case SystemRegisters.REQUEST_DESCRIPTOR_POST_LOW -> descriptorLow = value;
            case SystemRegisters.REQUEST_DESCRIPTOR_POST_HIGH -> posted(descriptorLow);
            case SystemRegisters.ATOMIC_REQUEST_DESCRIPTOR_POST -> {
                if (!settings.atomic()) {
                    violations.add("an atomic descriptor for an IOC that takes none");
                }
                posted(value);
            }
            default -> writeOther(offset, value);
        }
    }

    private void writeOther(long offset, int value) {
        long group = (offset - SUP_REPLY_POST_HOST_INDEX) / SUP_REPLY_POST_HOST_INDEX_STEP;
        if (offset == SUP_REPLY_POST_HOST_INDEX + group * SUP_REPLY_POST_HOST_INDEX_STEP && group >= 0 && group < 16) {
            rings.postHostIndex(value + (((int) group * 8) << SystemRegisters.RPHI_MSIX_INDEX_SHIFT));
        } else {
            violations.add(String.format("register 0x%x was written", offset));
        }
    }

    private void forget() {
        initiator.forget();
        events.forget();
        portEnabled = false;
        hotPlug.reset();
        topology.reset();
    }

    private byte[] handshake(byte[] bytes) {
        MemorySegment request = MemorySegment.ofArray(bytes);
        switch (Fields.u8(request, Message.FUNCTION)) {
            case Message.FUNCTION_IOC_FACTS -> {
                return Mpt3Replies.facts(request, settings);
            }
            case Message.FUNCTION_PORT_FACTS -> {
                return Mpt3Replies.portFacts(request);
            }
            case Message.FUNCTION_IOC_INIT -> {
                rings.init(request, Mpt3Replies.MOST_POST_DEPTH);
                doorbell.becomeOperational();
            }
            default -> violations.add("a message that does not belong into the handshake");
        }
        return Mpt3Replies.reply(request, Message.REPLY_BYTES, IocStatus.SUCCESS);
    }

    private void posted(int low) {
        if (!doorbell.operational()) {
            return;
        }
        try {
            int smid = low >>> RequestDescriptor.SMID_SHIFT;
            int queue = low >>> RequestDescriptor.MSIX_INDEX_SHIFT & 0xff;
            execute(new Mpt3Posted(low & RequestDescriptor.FLAGS_TYPE_MASK, queue, smid, rings.request(smid)));
        } catch (DmaFault e) {
            violations.add(String.valueOf(e.getMessage()));
        }
    }

    private void execute(Mpt3Posted posted) throws DmaFault {
        int function = Fields.u8(posted.frame(), Message.FUNCTION);
        int expected = switch (function) {
            case Message.FUNCTION_SCSI_IO_REQUEST -> RequestDescriptor.FLAGS_SCSI_IO;
            case Message.FUNCTION_SCSI_TASK_MGMT -> RequestDescriptor.FLAGS_HIGH_PRIORITY;
            default -> RequestDescriptor.FLAGS_DEFAULT_TYPE;
        };
        if (posted.flags() != expected) {
            violations.add(
                    "function 0x" + Integer.toHexString(function) + " by a descriptor of type " + posted.flags());
        }
        switch (function) {
            case Message.FUNCTION_SCSI_IO_REQUEST -> initiator.request(posted);
            case Message.FUNCTION_SCSI_TASK_MGMT -> initiator.task(posted);
            case Message.FUNCTION_CONFIG -> config(posted);
            case Message.FUNCTION_EVENT_NOTIFICATION ->
                rings.postFrame(posted.queue(), posted.smid(), Mpt3Replies.event(Event.EVENT_CHANGE, false, 0));
            case Message.FUNCTION_EVENT_ACK -> {
                events.acknowledged();
                answer(posted, Message.REPLY_BYTES, IocStatus.SUCCESS);
            }
            case Message.FUNCTION_PORT_ENABLE -> {
                portEnabled = true;
                events.all();
                answer(posted, Message.REPLY_BYTES, IocStatus.SUCCESS);
            }
            case FUNCTION_FW_UPLOAD, FUNCTION_SMP_PASSTHROUGH ->
                answer(posted, Message.REPLY_BYTES, IocStatus.INVALID_FUNCTION);
            case SasIoUnitControl.FUNCTION -> {
                if (!topology.release(Fields.u16(posted.frame(), SasIoUnitControl.DEV_HANDLE))) {
                    violations.add("a device is removed that has not gone");
                }
                answer(posted, Message.REPLY_BYTES, IocStatus.SUCCESS);
            }
            default -> violations.add("function 0x" + Integer.toHexString(function));
        }
    }

    private void answer(Mpt3Posted posted, int bytes, int iocStatus) throws DmaFault {
        rings.postFrame(posted.queue(), posted.smid(), Mpt3Replies.reply(posted.frame(), bytes, iocStatus));
    }

    /** Whether a page is about a device, of which an IOC knows nothing before its port is enabled. */
    private static boolean behind(MemorySegment request) {
        return Fields.u8(request, Config.EXT_PAGE_TYPE) == Config.EXTPAGETYPE_SAS_DEVICE;
    }

    private void config(Mpt3Posted posted) throws DmaFault {
        MemorySegment request = posted.frame();
        byte[] page = portEnabled || !behind(request) ? pages.page(request) : null;
        int status = page == null ? IocStatus.CONFIG_INVALID_PAGE : pages.refusal(request);
        int bytes = page == null || status != IocStatus.SUCCESS ? 0 : page.length;
        int action = Fields.u8(request, Config.ACTION);
        if (page != null && bytes > 0 && action != Config.ACTION_PAGE_HEADER) {
            long address = Fields.i64(request, Config.PAGE_BUFFER_SGE + SgElement.ADDRESS);
            int room = Fields.i32(request, Config.PAGE_BUFFER_SGE) & SgElement.LENGTH_MASK;
            MemorySegment buffer = rings.at(address, Math.min(room, bytes));
            if (action == Config.ACTION_PAGE_READ_CURRENT) {
                buffer.copyFrom(MemorySegment.ofArray(page).asSlice(0, buffer.byteSize()));
            } else if (action != Config.ACTION_PAGE_WRITE_CURRENT || !pages.write(request, buffer)) {
                status = IocStatus.CONFIG_INVALID_ACTION;
            }
        }
        rings.postFrame(posted.queue(), posted.smid(), Mpt3Replies.config(request, status, bytes));
    }
}
