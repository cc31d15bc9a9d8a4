package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiReply;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mpt3sas.mpi.PortFacts;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasIoUnitPages;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Replies, pages and events as bytes. */
final class Mpt3Replies {
    /** Entries that a reply descriptor post queue can have. */
    static final int MOST_POST_DEPTH = 2048;

    private Mpt3Replies() {}

    /** A reply to a request, with its function. */
    static byte[] reply(MemorySegment request, int bytes, int iocStatus) {
        byte[] reply = new byte[bytes];
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put8(to, Message.MSG_LENGTH, bytes / Integer.BYTES);
        Fields.put8(to, Message.FUNCTION, Fields.u8(request, Message.FUNCTION));
        Fields.put16(to, Message.IOC_STATUS, iocStatus);
        return reply;
    }

    static byte[] facts(MemorySegment request, Mpt3Settings settings) {
        byte[] reply = reply(request, IocFacts.REPLY_BYTES, 0);
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put16(to, IocFacts.MSG_VERSION, settings.msgVersion());
        Fields.put8(to, IocFacts.MAX_CHAIN_DEPTH, settings.maxChainDepth());
        Fields.put8(to, IocFacts.NUMBER_OF_PORTS, 1);
        Fields.put8(to, IocFacts.MAX_MSIX_VECTORS, settings.vectors());
        Fields.put16(to, IocFacts.REQUEST_CREDIT, settings.credit());
        Fields.put16(to, IocFacts.PRODUCT_ID, IocFacts.PRODUCT_TYPE_SAS | 0x221);
        Fields.put32(
                to,
                IocFacts.IOC_CAPABILITIES,
                IocFacts.CAPABILITY_MSI_X_INDEX | (settings.atomic() ? IocFacts.CAPABILITY_ATOMIC_REQ : 0));
        Fields.put32(to, IocFacts.FW_VERSION, 0x10000a00);
        Fields.put16(to, IocFacts.IOC_REQUEST_FRAME_SIZE, 32);
        Fields.put16(to, IocFacts.IOC_MAX_CHAIN_SEGMENT_SIZE, settings.chainElements());
        Fields.put16(to, IocFacts.PROTOCOL_FLAGS, IocFacts.PROTOCOL_SCSI_INITIATOR);
        Fields.put16(to, IocFacts.HIGH_PRIORITY_CREDIT, 8);
        Fields.put16(to, IocFacts.MAX_REPLY_DESCRIPTOR_POST_QUEUE_DEPTH, MOST_POST_DEPTH);
        Fields.put8(to, IocFacts.REPLY_FRAME_SIZE, Mpt3Rings.REPLY_BYTES / Integer.BYTES);
        return reply;
    }

    static byte[] portFacts(MemorySegment request) {
        byte[] reply = reply(request, PortFacts.REPLY_BYTES, 0);
        Fields.put8(MemorySegment.ofArray(reply), PortFacts.PORT_TYPE, PortFacts.PORT_TYPE_SAS_PHYSICAL);
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
        byte[] name = "Model MPT3".getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(name, 0, page, 0x1c, name.length);
        return page;
    }

    /** SAS I/O unit page 0, with one phy, or 1. */
    static byte[] unitPage(int number) {
        byte[] page = new byte[number == 0 ? SasIoUnitPages.PAGE_0_BYTES : SasIoUnitPages.PAGE_1_BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        if (number == 0) {
            Fields.put8(to, SasIoUnitPages.NUM_PHYS, 1);
            Fields.put16(
                    to, SasIoUnitPages.PHY_DATA + SasIoUnitPages.CONTROLLER_DEV_HANDLE, Mpt3Topology.ADAPTER_HANDLE);
        } else {
            Fields.put16(to, SasIoUnitPages.SAS_NARROW_MAX_QUEUE_DEPTH, 254);
            Fields.put8(to, SasIoUnitPages.SATA_MAX_Q_DEPTH, 31);
        }
        return page;
    }

    /** An event, with room for its data. */
    static byte[] event(int event, boolean ack, int context) {
        byte[] reply = new byte[EventMessage.DATA + 0x1c];
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put16(to, EventMessage.EVENT_DATA_LENGTH, 7);
        Fields.put8(to, Message.MSG_LENGTH, reply.length / Integer.BYTES);
        Fields.put8(to, Message.FUNCTION, Message.FUNCTION_EVENT_NOTIFICATION);
        Fields.put8(to, EventMessage.ACK_REQUIRED, ack ? 1 : 0);
        Fields.put16(to, EventMessage.EVENT, event);
        Fields.put32(to, EventMessage.EVENT_CONTEXT, context);
        return reply;
    }

    /** A topology change list with one phy of the adapter. */
    static byte[] topology(int handle, int reason, int context) {
        byte[] reply = event(Event.SAS_TOPOLOGY_CHANGE_LIST, true, context);
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put16(to, EventMessage.DATA + Event.TOPO_ENCLOSURE_HANDLE, 1);
        Fields.put8(to, EventMessage.DATA + Event.TOPO_NUM_PHYS, 1);
        Fields.put8(to, EventMessage.DATA + Event.TOPO_NUM_ENTRIES, 1);
        Fields.put8(to, EventMessage.DATA + Event.TOPO_EXP_STATUS, Event.ES_NO_EXPANDER);
        int entry = EventMessage.DATA + Event.TOPO_ENTRIES;
        Fields.put16(to, entry, handle);
        Fields.put8(to, entry + Event.ENTRY_LINK_RATE, Event.LINK_RATE_12_0 << Event.LINK_RATE_CURRENT_SHIFT);
        Fields.put8(to, entry + Event.ENTRY_PHY_STATUS, reason);
        return reply;
    }
}
