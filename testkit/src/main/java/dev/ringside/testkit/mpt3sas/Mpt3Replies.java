package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.EventMessage;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiReply;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IocFacts;
import dev.ringside.bdev.scsi.mpt3sas.mpi.PortFacts;
import dev.ringside.testkit.mpt3sas.Mpt3Topology.Node;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Replies, pages and events as bytes. */
final class Mpt3Replies {
    /** Entries that a reply descriptor post queue can have. */
    static final int MOST_POST_DEPTH = 2048;

    private static final int MOST_HANDLES = 1024;
    private static final int EVENT_DATA_BYTES = 0x1c;

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
        Fields.put16(to, IocFacts.MAX_DEV_HANDLE, MOST_HANDLES);
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

    /** An event, with room for its data. */
    static byte[] event(int event, boolean ack, int context) {
        return event(event, ack, context, EVENT_DATA_BYTES);
    }

    private static byte[] event(int event, boolean ack, int context, int dataBytes) {
        byte[] reply = new byte[EventMessage.DATA + dataBytes];
        MemorySegment to = MemorySegment.ofArray(reply);
        Fields.put16(to, EventMessage.EVENT_DATA_LENGTH, dataBytes / Integer.BYTES);
        Fields.put8(to, Message.MSG_LENGTH, reply.length / Integer.BYTES);
        Fields.put8(to, Message.FUNCTION, Message.FUNCTION_EVENT_NOTIFICATION);
        Fields.put8(to, EventMessage.ACK_REQUIRED, ack ? 1 : 0);
        Fields.put16(to, EventMessage.EVENT, event);
        Fields.put32(to, EventMessage.EVENT_CONTEXT, context);
        return reply;
    }

    /**
     * A topology change list with some devices that are attached to one.
     *
     * @param expanderStatus what the list says of the expander itself
     * @param port of the adapter that leads there
     */
    static byte[] topology(Node shelf, int expanderStatus, int port, List<Node> attached, int reason, int context) {
        int first = attached.isEmpty() ? 0 : attached.getFirst().phy;
        int phys = attached.isEmpty() ? 0 : attached.getLast().phy + attached.getLast().width - first;
        int bytes = Event.TOPO_ENTRIES + phys * Event.TOPO_ENTRY_BYTES;
        byte[] reply = event(Event.SAS_TOPOLOGY_CHANGE_LIST, true, context, Math.max(bytes, EVENT_DATA_BYTES));
        MemorySegment to = MemorySegment.ofArray(reply).asSlice(EventMessage.DATA);
        Fields.put16(to, Event.TOPO_ENCLOSURE_HANDLE, shelf.enclosure);
        Fields.put16(to, Event.TOPO_EXPANDER_DEV_HANDLE, shelf.isExpander() ? shelf.handle : 0);
        Fields.put8(to, Event.TOPO_NUM_PHYS, shelf.phys);
        Fields.put8(to, Event.TOPO_NUM_ENTRIES, phys);
        Fields.put8(to, Event.TOPO_START_PHY_NUM, first);
        Fields.put8(to, Event.TOPO_EXP_STATUS, expanderStatus);
        Fields.put8(to, Event.TOPO_PHYSICAL_PORT, port);
        boolean linked = reason == Event.RC_TARG_ADDED || reason == Event.RC_PHY_CHANGED;
        for (Node node : attached) {
            for (int phy = node.phy; phy < node.phy + node.width; phy++) {
                int entry = Event.TOPO_ENTRIES + (phy - first) * Event.TOPO_ENTRY_BYTES;
                int rate = node.linkRate();
                Fields.put16(to, entry, node.handle);
                Fields.put8(to, entry + Event.ENTRY_LINK_RATE, linked ? rate << Event.LINK_RATE_CURRENT_SHIFT : rate);
                Fields.put8(to, entry + Event.ENTRY_PHY_STATUS, reason);
            }
        }
        return reply;
    }
}
