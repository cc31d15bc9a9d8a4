package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiReply;
import dev.ringside.bdev.scsi.mptsas.mpi.Event;
import dev.ringside.bdev.scsi.mptsas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mptsas.mpi.PortFacts;
import dev.ringside.bdev.scsi.mptsas.mpi.SasDevicePage0;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Replies, pages and events as bytes. */
final class ModelReplies {
    private static final int FIRST_HANDLE = 9;

    private ModelReplies() {}

    /** A reply to a request, with its function and context. */
    static byte[] reply(MemorySegment request, int bytes, int iocStatus) {
        byte[] reply = new byte[bytes];
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put8(to, Message.MSG_LENGTH, bytes / Integer.BYTES);
        Fields.put8(to, Message.FUNCTION, Fields.u8(request, Message.FUNCTION));
        Fields.put32(to, Message.MSG_CONTEXT, Fields.i32(request, Message.MSG_CONTEXT));
        Fields.put16(to, Message.IOC_STATUS, iocStatus);
        return reply;
    }

    static byte[] facts(MemorySegment request, MptSettings settings) {
        byte[] reply = reply(request, IocFacts.REPLY_BYTES, 0);
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put16(to, IocFacts.MSG_VERSION, IocFacts.VERSION_1_5);
        Fields.put8(to, IocFacts.MAX_CHAIN_DEPTH, settings.maxChainDepth());
        Fields.put16(to, IocFacts.REPLY_QUEUE_DEPTH, settings.replyDepth());
        Fields.put16(to, IocFacts.REQUEST_FRAME_SIZE, 32);
        Fields.put16(to, IocFacts.PRODUCT_ID, IocFacts.PRODUCT_TYPE_SAS | 0x102);
        Fields.put16(to, IocFacts.GLOBAL_CREDITS, settings.credits());
        Fields.put8(to, IocFacts.NUMBER_OF_PORTS, 1);
        Fields.put8(to, IocFacts.MAX_DEVICES, 128);
        Fields.put8(to, IocFacts.MAX_BUSES, 1);
        Fields.put32(to, IocFacts.IOC_CAPABILITIES, settings.highPriority() ? IocFacts.CAPABILITY_HIGH_PRI_Q : 0);
        Fields.put32(to, IocFacts.FW_VERSION, 0x01200304);
        return reply;
    }

    static byte[] portFacts(MemorySegment request) {
        byte[] reply = reply(request, PortFacts.REPLY_BYTES, 0);
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put8(to, PortFacts.PORT_TYPE, PortFacts.PORT_TYPE_SAS);
        Fields.put16(to, PortFacts.PROTOCOL_FLAGS, PortFacts.PROTOCOL_INITIATOR);
        return reply;
    }

    /** A reply to a SCSI I/O request. */
    static byte[] scsi(
            MemorySegment request, int iocStatus, int scsiStatus, int scsiState, int transferred, int senseCount) {
        byte[] reply = reply(request, ScsiReply.REPLY_BYTES, iocStatus);
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put8(to, ScsiReply.SCSI_STATUS, scsiStatus);
        Fields.put8(to, ScsiReply.SCSI_STATE, scsiState);
        Fields.put32(to, ScsiReply.TRANSFER_COUNT, transferred);
        Fields.put32(to, ScsiReply.SENSE_COUNT, senseCount);
        return reply;
    }

    static byte[] config(MemorySegment request, int iocStatus, int pageBytes) {
        byte[] reply = reply(request, Config.REPLY_BYTES, iocStatus);
        MemorySegment to = MemorySegment.ofArray(reply);
        int type = Fields.u8(request, Config.PAGE_TYPE);
        Fields.put8(to, Config.PAGE_TYPE, type);
        Fields.put8(to, Config.PAGE_NUMBER, Fields.u8(request, Config.PAGE_NUMBER));
        Fields.put8(to, Config.PAGE_VERSION, 5);
        if (type == Config.PAGETYPE_EXTENDED) {
            Fields.put8(to, Config.EXT_PAGE_TYPE, Fields.u8(request, Config.EXT_PAGE_TYPE));
            Fields.put16(to, Config.EXT_PAGE_LENGTH, pageBytes / Integer.BYTES);
        } else {
            Fields.put8(to, Config.PAGE_LENGTH, pageBytes / Integer.BYTES);
        }
        return reply;
    }

    static byte[] manufacturingPage() {
        byte[] page = new byte[ManufacturingPage0.BYTES];
        byte[] name = "Model MPT".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(name, 0, page, 0x04, name.length);
        return page;
    }

    static byte[] devicePage(ModelTarget target) {
        byte[] page = new byte[SasDevicePage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        boolean sata = target.shape.sata();
        Fields.put64(to, SasDevicePage0.SAS_ADDRESS, target.sasAddress());
        Fields.put8(to, SasDevicePage0.PHY_NUM, target.shape.target());
        Fields.put16(to, SasDevicePage0.DEV_HANDLE, handle(target));
        Fields.put8(to, SasDevicePage0.TARGET_ID, target.shape.target());
        Fields.put32(
                to,
                SasDevicePage0.DEVICE_INFO,
                SasDevicePage0.DEVICE_INFO_END_DEVICE
                        | (sata ? SasDevicePage0.DEVICE_INFO_SATA_DEVICE : SasDevicePage0.DEVICE_INFO_SSP_TARGET));
        Fields.put16(
                to, SasDevicePage0.FLAGS, SasDevicePage0.FLAGS_DEVICE_PRESENT | SasDevicePage0.FLAGS_DEVICE_MAPPED);
        return page;
    }

    static int handle(ModelTarget target) {
        return FIRST_HANDLE + target.shape.target();
    }

    /** An event about a target, or about none. */
    static byte[] event(int context, int event, boolean ack, int eventContext, int target, int reason) {
        byte[] reply = new byte[EventMessage.DATA + 0x24];
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put16(to, EventMessage.EVENT_DATA_LENGTH, 9);
        Fields.put8(to, Message.MSG_LENGTH, reply.length / Integer.BYTES);
        Fields.put8(to, Message.FUNCTION, Message.FUNCTION_EVENT_NOTIFICATION);
        Fields.put8(to, EventMessage.ACK_REQUIRED, ack ? 1 : 0);
        Fields.put32(to, Message.MSG_CONTEXT, context);
        Fields.put32(to, EventMessage.EVENT, event);
        Fields.put32(to, EventMessage.EVENT_CONTEXT, eventContext);
        Fields.put8(to, EventMessage.DATA + Event.STATUS_TARGET_ID, target);
        Fields.put8(to, EventMessage.DATA + Event.STATUS_REASON, reason);
        return reply;
    }
}
