package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.ManufacturingPage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.EnclosurePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ExpanderPage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ExpanderPage1;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IoUnitPage1;
import dev.ringside.bdev.scsi.mpt3sas.mpi.LinkRate;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Pages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasIoUnitPages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasPhyPage0;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasPortPage0;
import dev.ringside.testkit.mpt3sas.Mpt3Topology.Node;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Configuration pages (mpi2_cnfg.h) of what is behind the model, with their headers. Guarded by the model. */
final class Mpt3Pages {
    private static final long ENCLOSURE_ID = 0x500a_0980_0000_0000L;
    private static final int REPORT_MISSING_S = 30;
    private static final int IO_MISSING_S = 10;
    /** What each phy can: from the slowest rate to this one. */
    private static final int HW_LINK_RATE = Event.LINK_RATE_12_0 << LinkRate.MAX_SHIFT | Event.LINK_RATE_1_5;

    private final Mpt3Topology topology;
    /** IOCStatus of requests for pages that are refused, by what they are. */
    private final Map<Integer, Integer> refused = new HashMap<>();

    private int ioUnitFlags;

    Mpt3Pages(Mpt3Topology topology) {
        this.topology = topology;
    }

    /** Has requests for a page end with a status; for extended pages the type is the extended one. */
    void refuse(int type, int number, int iocStatus) {
        refused.put(type << 8 | number, iocStatus);
    }

    /** How a request for a page ends because the page is refused; SUCCESS: it is not. */
    int refusal(MemorySegment request) {
        int type = Fields.u8(request, Config.PAGE_TYPE) & Config.PAGETYPE_MASK;
        int asked = type == Config.PAGETYPE_EXTENDED ? Fields.u8(request, Config.EXT_PAGE_TYPE) : type;
        return refused.getOrDefault(asked << 8 | Fields.u8(request, Config.PAGE_NUMBER), IocStatus.SUCCESS);
    }

    void ioUnitFlags(int flags) {
        ioUnitFlags = flags;
    }

    int ioUnitFlags() {
        return ioUnitFlags;
    }

    /** Takes a page that a driver writes; whether it can be written. */
    boolean write(MemorySegment request, MemorySegment page) {
        boolean writable = Fields.u8(request, Config.PAGE_NUMBER) == 1
                && (Fields.u8(request, Config.PAGE_TYPE) & Config.PAGETYPE_MASK) == Config.PAGETYPE_IO_UNIT
                && page.byteSize() >= IoUnitPage1.BYTES;
        if (writable) {
            ioUnitFlags = Fields.i32(page, IoUnitPage1.FLAGS);
        }
        return writable;
    }

    /** The page that a request is about; null: there is none. */
    byte @Nullable [] page(MemorySegment request) {
        int type = Fields.u8(request, Config.PAGE_TYPE) & Config.PAGETYPE_MASK;
        int number = Fields.u8(request, Config.PAGE_NUMBER);
        byte[] page = null;
        if (type == Config.PAGETYPE_MANUFACTURING && number == 0) {
            page = manufacturing();
        } else if (type == Config.PAGETYPE_IO_UNIT && number == 1) {
            page = new byte[IoUnitPage1.BYTES];
            Fields.put32(MemorySegment.ofArray(page), IoUnitPage1.FLAGS, ioUnitFlags);
        } else if (type == Config.PAGETYPE_EXTENDED) {
            page = extended(Fields.u8(request, Config.EXT_PAGE_TYPE), number, Fields.i32(request, Config.PAGE_ADDRESS));
        }
        if (page != null) {
            header(MemorySegment.ofArray(page), request);
        }
        return page;
    }

    private static void header(MemorySegment page, MemorySegment request) {
        int words = (int) page.byteSize() / Integer.BYTES;
        int type = Fields.u8(request, Config.PAGE_TYPE) & Config.PAGETYPE_MASK;
        Fields.put8(page, 2, Fields.u8(request, Config.PAGE_NUMBER));
        Fields.put8(page, 3, type);
        if (type == Config.PAGETYPE_EXTENDED) {
            Fields.put16(page, 4, words);
            Fields.put8(page, 6, Fields.u8(request, Config.EXT_PAGE_TYPE));
        } else {
            Fields.put8(page, 1, words);
        }
    }

    private byte @Nullable [] extended(int type, int number, int address) {
        int handle = address & Pages.HANDLE_MASK;
        boolean next = (address & Pages.FORM_MASK) == Pages.FORM_GET_NEXT_HANDLE;
        return switch (type) {
            case Config.EXTPAGETYPE_SAS_DEVICE -> number == 0 ? device(topology.device(handle, next)) : null;
            case Pages.EXTPAGETYPE_SAS_IO_UNIT -> number < 2 ? ioUnit(number) : null;
            case Pages.EXTPAGETYPE_SAS_EXPANDER ->
                expander(number, handle, next, address >>> ExpanderPage1.PHY_SHIFT & ExpanderPage1.PHY_MASK);
            case Pages.EXTPAGETYPE_SAS_PHY -> number == 0 ? phy(address) : null;
            case Pages.EXTPAGETYPE_SAS_PORT -> number == 0 ? port(address) : null;
            case Pages.EXTPAGETYPE_ENCLOSURE -> enclosure(next ? handle + 1 & Pages.HANDLE_MASK : handle, next);
            default -> null;
        };
    }

    private static byte[] manufacturing() {
        byte[] page = new byte[ManufacturingPage0.BYTES];
        text(page, 0x04, "SAS3 model");
        text(page, 0x1c, "Model MPT3");
        return page;
    }

    private static void text(byte[] page, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, page, offset, bytes.length);
    }

    private byte[] ioUnit(int number) {
        Node adapter = topology.adapter();
        if (number == 1) {
            byte[] page = new byte[SasIoUnitPages.PAGE_1_BYTES + adapter.phys * 12];
            MemorySegment to = MemorySegment.ofArray(page);
            Fields.put16(to, SasIoUnitPages.SAS_NARROW_MAX_QUEUE_DEPTH, 254);
            Fields.put16(to, SasIoUnitPages.SAS_WIDE_MAX_QUEUE_DEPTH, 254);
            Fields.put8(to, SasIoUnitPages.SATA_MAX_Q_DEPTH, 31);
            Fields.put8(to, SasIoUnitPages.REPORT_DEVICE_MISSING_DELAY, REPORT_MISSING_S);
            Fields.put8(to, SasIoUnitPages.IO_DEVICE_MISSING_DELAY, IO_MISSING_S);
            return page;
        }
        byte[] page = new byte[SasIoUnitPages.PHY_DATA + adapter.phys * SasIoUnitPages.PHY_BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put8(to, SasIoUnitPages.NUM_PHYS, adapter.phys);
        for (int phy = 0; phy < adapter.phys; phy++) {
            int at = SasIoUnitPages.PHY_DATA + phy * SasIoUnitPages.PHY_BYTES;
            Node attached = topology.attached(adapter, phy);
            Fields.put8(to, at + SasIoUnitPages.NEGOTIATED_LINK_RATE, rate(attached));
            Fields.put8(to, at + SasIoUnitPages.PORT, attached == null ? phy : attached.phy);
            Fields.put8(to, at + SasIoUnitPages.PORT_FLAGS, SasIoUnitPages.PORT_FLAGS_AUTO_PORT_CONFIG);
            Fields.put16(to, at + SasIoUnitPages.ATTACHED_DEV_HANDLE, attached == null ? 0 : attached.handle);
            Fields.put16(to, at + SasIoUnitPages.CONTROLLER_DEV_HANDLE, adapter.handle);
        }
        return page;
    }

    /** NegotiatedLinkRate of a phy with a device, or without. */
    private static int rate(@Nullable Node attached) {
        return attached == null ? 0 : LinkRate.negotiated(attached.linkRate());
    }

    /** A port, which there is if something is attached. */
    private byte @Nullable [] port(int address) {
        Node adapter = topology.adapter();
        int number = address & SasPortPage0.PORT_NUMBER_MASK;
        Node attached = (address & Pages.FORM_MASK) == SasPortPage0.FORM_PORT_NUM && number < adapter.phys
                ? topology.attached(adapter, number)
                : null;
        if (attached == null || attached.phy != number) {
            return null;
        }
        byte[] page = new byte[SasPortPage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put8(to, SasPortPage0.PORT_NUMBER, number);
        Fields.put8(to, SasPortPage0.PHYSICAL_PORT, number);
        Fields.put8(to, SasPortPage0.PORT_WIDTH, attached.width);
        Fields.put8(to, SasPortPage0.PHYSICAL_PORT_WIDTH, attached.width);
        Fields.put64(to, SasPortPage0.SAS_ADDRESS, attached.address);
        Fields.put32(to, SasPortPage0.DEVICE_INFO, attached.info);
        return page;
    }

    private byte @Nullable [] phy(int number) {
        Node adapter = topology.adapter();
        if (number < 0 || number >= adapter.phys) {
            return null;
        }
        Node attached = topology.attached(adapter, number);
        byte[] page = new byte[SasPhyPage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put16(to, SasPhyPage0.OWNER_DEV_HANDLE, adapter.handle);
        Fields.put16(to, SasPhyPage0.ATTACHED_DEV_HANDLE, attached == null ? 0 : attached.handle);
        Fields.put8(to, SasPhyPage0.PROGRAMMED_LINK_RATE, HW_LINK_RATE);
        Fields.put8(to, SasPhyPage0.HW_LINK_RATE, HW_LINK_RATE);
        Fields.put8(to, SasPhyPage0.NEGOTIATED_LINK_RATE, rate(attached));
        return page;
    }

    private byte @Nullable [] expander(int number, int handle, boolean next, int phy) {
        Node node = topology.device(handle, next);
        while (next && node != null && !(node.isExpander() && node.answers())) {
            node = topology.device(node.handle, true);
        }
        if (node == null || !node.isExpander() || !node.answers()) {
            return null;
        }
        return switch (number) {
            case 0 -> expander(node);
            case 1 -> phy < node.phys ? expanderPhy(node, phy) : null;
            default -> null;
        };
    }

    private byte[] expander(Node expander) {
        byte[] page = new byte[ExpanderPage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        int level = 1;
        for (int at = expander.parent; at != Mpt3Topology.ADAPTER_HANDLE; at = topology.node(at).parent) {
            level++;
        }
        Fields.put8(to, ExpanderPage0.PHYSICAL_PORT, topology.port(expander));
        Fields.put16(to, ExpanderPage0.ENCLOSURE_HANDLE, expander.enclosure);
        Fields.put64(to, ExpanderPage0.SAS_ADDRESS, expander.address);
        Fields.put16(to, ExpanderPage0.DEV_HANDLE, expander.handle);
        Fields.put16(to, ExpanderPage0.PARENT_DEV_HANDLE, expander.parent);
        Fields.put8(to, ExpanderPage0.NUM_PHYS, expander.phys);
        Fields.put8(to, ExpanderPage0.SAS_LEVEL, level);
        return page;
    }

    private byte[] expanderPhy(Node expander, int phy) {
        byte[] page = new byte[ExpanderPage1.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Node attached = topology.attached(expander, phy);
        Fields.put8(to, ExpanderPage1.PHYSICAL_PORT, topology.port(expander));
        Fields.put8(to, ExpanderPage1.NUM_PHYS, expander.phys);
        Fields.put8(to, ExpanderPage1.PHY, phy);
        Fields.put8(to, ExpanderPage1.PROGRAMMED_LINK_RATE, HW_LINK_RATE);
        Fields.put8(to, ExpanderPage1.HW_LINK_RATE, HW_LINK_RATE);
        Fields.put16(to, ExpanderPage1.EXPANDER_DEV_HANDLE, expander.handle);
        Fields.put8(to, ExpanderPage1.PHY_IDENTIFIER, phy);
        if (attached != null) {
            Fields.put16(to, ExpanderPage1.ATTACHED_DEV_HANDLE, attached.handle);
            Fields.put32(to, ExpanderPage1.ATTACHED_DEVICE_INFO, attached.info);
            Fields.put8(to, ExpanderPage1.NEGOTIATED_LINK_RATE, rate(attached));
        }
        return page;
    }

    private byte @Nullable [] device(@Nullable Node node) {
        if (node == null) {
            return null;
        }
        byte[] page = new byte[SasDevicePage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put16(to, SasDevicePage0.SLOT, node.target == null ? 0 : node.target.number());
        Fields.put16(to, SasDevicePage0.ENCLOSURE_HANDLE, node.enclosure);
        Fields.put64(to, SasDevicePage0.SAS_ADDRESS, node.address);
        Fields.put16(to, SasDevicePage0.PARENT_DEV_HANDLE, node.parent);
        Fields.put8(to, SasDevicePage0.PHY_NUM, node.phy);
        Fields.put8(to, SasDevicePage0.ACCESS_STATUS, node.accessStatus);
        Fields.put16(to, SasDevicePage0.DEV_HANDLE, node.handle);
        Fields.put32(to, SasDevicePage0.DEVICE_INFO, node.info);
        Fields.put16(to, SasDevicePage0.FLAGS, node.answers() ? SasDevicePage0.FLAGS_DEVICE_PRESENT : 0);
        Fields.put8(to, SasDevicePage0.PHYSICAL_PORT, topology.port(node));
        Fields.put8(to, SasDevicePage0.MAX_PORT_CONNECTIONS, 1);
        return page;
    }

    /** The enclosure with a handle; with the next handle that there is from one on, if that is asked. */
    private byte @Nullable [] enclosure(int asked, boolean next) {
        int handle = topology.shelves().stream()
                .mapToInt(shelf -> shelf.enclosure)
                .filter(each -> next ? each >= asked : each == asked)
                .min()
                .orElse(0);
        if (handle == 0) {
            return null;
        }
        byte[] page = new byte[EnclosurePage0.BYTES];
        MemorySegment to = MemorySegment.ofArray(page);
        Fields.put64(to, EnclosurePage0.ENCLOSURE_LOGICAL_ID, ENCLOSURE_ID | handle);
        Fields.put16(to, EnclosurePage0.ENCLOSURE_HANDLE, handle);
        return page;
    }
}
